import type { JSONWebKeySet } from 'jose'
import { jwksSchema } from '#shared/protocol/sapi/clients.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import { readAtMost } from '../limited-body.ts'
import type { Scope } from '../scope.ts'
import { TtlCache } from '#edge/TtlCache.ts'
import type { Client } from './clients.ts'

const fetched = new TtlCache<{ keys: JSONWebKeySet; at: number }>({ capacity: 500 })
const keepFor = 300_000
/** So often the keys of one client are fetched again at most, whatever comes. */
const pause = 30_000
const maxBytes = 64 * 1024

/** URIs that gave no keys a moment ago: whoever sends nonsense in a client's name has them called this often at most. */
const failed = new TtlCache<true>({ capacity: 500 })
const failureAge = 5_000

export function forgetClientKeys(): void {
  fetched.clear()
  failed.clear()
}

/** The public keys of a client. `fresh`: those known did not fit. @throws where they cannot be had. */
export async function clientKeys(scope: Scope, { data }: Pick<Client, 'data'>, { fresh }: { fresh: boolean }): Promise<JSONWebKeySet> {
  if (data.jwksUri === undefined) return data.jwks ?? { keys: [] }
  const known = fetched.get(data.jwksUri)
  const now = scope.clock.now()
  if (known !== undefined && (!fresh || now - known.at < pause)) return known.keys
  if (failed.get(data.jwksUri) !== undefined) throw new Error('jwksUri gave no keys a moment ago')
  try {
    const keys = await fetchKeys(data.jwksUri, { allowLoopback: scope.env.RINGWAY_ALLOW_LOOPBACK_URLS === '1' })
    fetched.set(data.jwksUri, { keys, at: now }, keepFor)
    return keys
  } catch (thrown) {
    failed.set(data.jwksUri, true, failureAge)
    throw thrown
  }
}

async function fetchKeys(uri: string, rules: { allowLoopback: boolean }): Promise<JSONWebKeySet> {
  const url = outgoingUrl(uri, rules)
  if (!url.ok) throw new Error(`jwksUri is not called: ${url.error}`)
  const response = await fetch(url.value, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
    headers: { accept: 'application/json' },
  })
  if (response.status !== 200) throw new Error(`jwksUri answered ${response.status}`)
  const bytes = await readAtMost(response.body, maxBytes + 1)
  if (bytes.byteLength > maxBytes) throw new Error('jwksUri answered too much')
  return jwksSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
}
