import { maxClientMessageBytes } from '#shared/protocol/limits.ts'

/** What the entry takes a request for, by its path alone: how often an address may send it, and how much. */
export type RouteClass = 'oauth' | 'api' | 'signaling' | 'fleet' | 'web'

/** Paths under these are APIs: what is unknown there is a 404 and never the web application. */
const prefixes: readonly (readonly [string, RouteClass])[] = [
  ['/sapi/o', 'oauth'],
  ['/wac/sapi/o', 'oauth'],
  ['/sapi', 'api'],
  ['/wac/sapi', 'api'],
  ['/.well-known', 'api'],
  ['/healthz', 'api'],
  ['/wapi', 'signaling'],
  ['/dispatcher', 'fleet'],
]

export function routeClassOf(path: string): RouteClass {
  return prefixes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1] ?? 'web'
}

/** Bytes of a request's body. A token request is a few fields; the web application is only fetched. */
export const bodyLimits: Readonly<Record<RouteClass, number>> = {
  oauth: 16 * 1024,
  api: maxClientMessageBytes,
  signaling: maxClientMessageBytes,
  fleet: maxClientMessageBytes,
  web: 0,
}

/** Characters. An access token in a header has at most 8192 (edge/auth/tokens.ts); a URL never carries one. */
export const maxUrlLength = 8 * 1024
export const maxHeadersLength = 32 * 1024
