import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK } from 'jose'
import { z } from 'zod'
import { newId } from '#shared/ids/ids.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { database, type Database } from '#edge/db/d1/database.ts'
import { deleteSigningSlots, fillSigningSlot, listSigningKeys, type SigningKeyRow } from '#edge/db/d1/signing-keys.ts'
import { type KeySlot, missingSlots, publishedSlots, signingSlot } from '#edge/domain/identity/key-rotation.ts'
import type { Env } from '#edge/env.ts'
import { type SecretBox, secretBox } from './secret-box.ts'

/** ECDSA P-256: the one signature algorithm that every JWT library and gateway verifies (RFC 7518 §3.4). */
export const signingAlgorithm = 'ES256'

const jwkSchema = z.looseObject({ kty: z.literal('EC') })

export type KeysEnv = Pick<Env, 'DB' | 'RINGWAY_MASTER_KEY'>

interface LoadedKey extends KeySlot {
  readonly kid: string
  readonly publicJwk: JWK
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

const keepFor = 10 * 60_000
/** At most one reload in this time for tokens that name an unknown key. */
const reloadPause = 5_000

/**
 * What this isolate has loaded. Values, never promises: a promise of one request does not resolve for
 * another one when the first is cancelled.
 */
let loaded: { keys: readonly LoadedKey[]; at: number } | undefined

export function forgetSigningKeys(): void {
  loaded = undefined
}

/** The key that signs now. */
export async function signingKey(env: KeysEnv, clock: Clock = systemClock): Promise<{ kid: string; key: CryptoKey }> {
  const keys = await currentKeys(env, clock)
  const signing = signingSlot(keys, clock.now())
  if (signing === undefined) throw new TypeError('missingSlots always yields a first slot')
  return { kid: signing.kid, key: signing.privateKey }
}

/** The key that a token names. Undefined: no key of ours. */
export async function verificationKey(env: KeysEnv, kid: string, clock: Clock = systemClock): Promise<CryptoKey | undefined> {
  const find = (keys: readonly LoadedKey[]) => publishedSlots(keys, clock.now()).find((key) => key.kid === kid)?.publicKey
  const known = find(await currentKeys(env, clock))
  if (known !== undefined || loaded === undefined || clock.now() - loaded.at < reloadPause) return known
  return find(await reload(env, clock))
}

/** RFC 7517 §5: what verifiers outside may fetch. */
export async function publishedKeys(env: KeysEnv, clock: Clock = systemClock): Promise<JSONWebKeySet> {
  const keys = publishedSlots(await currentKeys(env, clock), clock.now())
  return { keys: keys.map((key) => ({ ...key.publicJwk, kid: key.kid, alg: signingAlgorithm, use: 'sig' })) }
}

async function currentKeys(env: KeysEnv, clock: Clock): Promise<readonly LoadedKey[]> {
  if (loaded !== undefined && clock.now() - loaded.at < keepFor) return loaded.keys
  return reload(env, clock)
}

async function reload(env: KeysEnv, clock: Clock): Promise<readonly LoadedKey[]> {
  const db = database(env.DB)
  const box = await secretBox(env.RINGWAY_MASTER_KEY, 'signing keys')
  const rows = await rotate(db, box, await listSigningKeys(db), clock.now())
  const keys = await Promise.all(rows.map((row) => load(row, box)))
  loaded = { keys, at: clock.now() }
  return keys
}

/** Fills missing slots and drops those that no token needs any more. Two isolates may do so at once: the first to fill a slot wins. */
async function rotate(db: Database, box: SecretBox, rows: SigningKeyRow[], now: number): Promise<SigningKeyRow[]> {
  const missing = missingSlots(rows, now)
  if (missing.length === 0) return rows
  for (const slot of missing) await fillSigningSlot(db, await createKey(slot, box))
  const published = new Set(publishedSlots(rows, now).map((row) => row.slot))
  const retired = rows.filter((row) => !published.has(row.slot)).map((row) => row.slot)
  if (retired.length > 0) await deleteSigningSlots(db, retired)
  return listSigningKeys(db)
}

async function createKey(slot: KeySlot, box: SecretBox): Promise<SigningKeyRow> {
  const kid = newId()
  const { publicKey, privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  return {
    ...slot,
    kid,
    publicJwk: { ...(await exportJWK(publicKey)) },
    sealedPrivateJwk: await box.seal(JSON.stringify(await exportJWK(privateKey)), kid),
  }
}

async function load(row: SigningKeyRow, box: SecretBox): Promise<LoadedKey> {
  const privateJwk: JWK = jwkSchema.parse(JSON.parse(await box.open(row.sealedPrivateJwk, row.kid)))
  return {
    slot: row.slot,
    activatesAt: row.activatesAt,
    kid: row.kid,
    publicJwk: row.publicJwk,
    publicKey: await importKey(row.publicJwk),
    privateKey: await importKey(privateJwk),
  }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, signingAlgorithm)
  if (key instanceof Uint8Array) throw new TypeError('A stored signing key is not a key pair')
  return key
}
