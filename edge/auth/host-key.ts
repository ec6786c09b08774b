import { z } from 'zod'
import type { Env } from '#edge/env.ts'
import { fromBase64, randomText, sha256, toBase64Url, utf8 } from './bytes.ts'
import { macKey } from './mac-key.ts'

/**
 * The key of one media host: `<hostId>.<192 random bits>.<128-bit MAC>`. Its MediaHost object decides
 * whether it is valid; the MAC only lets the Worker turn away invented keys without waking an object
 * for a host that never was.
 */
export interface IssuedHostKey {
  readonly hostKey: string
  /** What the edge keeps of it. */
  readonly keyHash: string
}

type HostKeyEnv = Pick<Env, 'RINGWAY_MASTER_KEY'>

const keyPattern = /^([0-9a-f-]{36})\.([\w-]{32})\.([\w-]{22})$/

export async function issueHostKey(env: HostKeyEnv, hostId: string): Promise<IssuedHostKey> {
  const secret = randomText(24)
  const mac = await crypto.subtle.sign('HMAC', await macKey(env, 'host-key'), utf8(`${hostId}.${secret}`))
  const hostKey = `${hostId}.${secret}.${toBase64Url(new Uint8Array(mac, 0, 16))}`
  return { hostKey, keyHash: await hashHostKey(hostKey) }
}

/** The host that a key of our making names; undefined for any other text. */
export async function hostOfKey(env: HostKeyEnv, hostKey: string): Promise<string | undefined> {
  const [, id, secret = '', mac = ''] = keyPattern.exec(hostKey) ?? []
  const hostId = z.uuid().safeParse(id).data
  if (hostId === undefined) return undefined
  const expected = await crypto.subtle.sign('HMAC', await macKey(env, 'host-key'), utf8(`${hostId}.${secret}`))
  const given = fromBase64(mac)
  return given.byteLength === 16 && crypto.subtle.timingSafeEqual(given, new Uint8Array(expected, 0, 16)) ? hostId : undefined
}

/** Unsalted and fast: the key is random. */
export const hashHostKey = (hostKey: string): Promise<string> => sha256(`host key ${hostKey}`)

/** Whether this is the deployment's enrolment secret, in constant time; never where none is configured. */
export async function isEnrolmentSecret(env: Pick<Env, 'RINGWAY_ENROLMENT_SECRET'>, candidate: string): Promise<boolean> {
  const secret: string | undefined = env.RINGWAY_ENROLMENT_SECRET
  if (secret === undefined || secret === '') return false
  const [given, expected] = await Promise.all([candidate, secret].map((text) => crypto.subtle.digest('SHA-256', utf8(text))))
  return given !== undefined && expected !== undefined && crypto.subtle.timingSafeEqual(given, expected)
}
