import { err, ok, type Result } from '#shared/result/result.ts'

/**
 * Which URLs of others the edge calls: those that tenants write down (webhook endpoints, login providers)
 * and those that an answer of theirs names. They reach the public internet only, so that nobody has the
 * edge ask what only the edge can reach (server-side request forgery, CWE-918).
 *
 * The rule judges the text. A Worker cannot resolve names, so a public name with a private address is for
 * the network to stop; on Cloudflare nothing private is reachable from one. Whoever fetches such a URL must
 * not follow redirects by itself: each target is a URL to judge anew.
 */
export interface OutgoingUrlRules {
  /** Plain http, and this machine. For labs: `RINGWAY_ALLOW_LOOPBACK_URLS=1`. */
  readonly allowLoopback: boolean
}

/** Why a URL is not called. Safe to show to whoever wrote it. */
export type UrlRefusal = 'notAUrl' | 'credentialsInUrl' | 'fragmentInUrl' | 'notHttps' | 'privateAddress'

export const maxUrlLength = 2048

export function outgoingUrl(text: string, { allowLoopback }: OutgoingUrlRules): Result<URL, UrlRefusal> {
  const url = text.length > maxUrlLength ? null : URL.parse(text)
  if (url === null || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) return err('notAUrl')
  if (url.username !== '' || url.password !== '') return err('credentialsInUrl')
  if (url.hash !== '' || text.includes('#')) return err('fragmentInUrl')
  // A trailing dot makes a name absolute and changes nothing else.
  const host = url.hostname.replace(/\.$/, '')
  if (isLoopback(host)) return allowLoopback ? ok(url) : err('privateAddress')
  if (!isPublic(host)) return err('privateAddress')
  return url.protocol === 'https:' ? ok(url) : err('notHttps')
}

/** The URL parser has brought every spelling of an address, such as 0x7f.1, into its one form (URL standard, §3.5). */
const ipv4 = (host: string): readonly [number, number, number, number] | undefined => {
  const [, a, b, c, d] = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host) ?? []
  return a === undefined ? undefined : [Number(a), Number(b), Number(c), Number(d)]
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || ipv4(host)?.[0] === 127
}

/** Names that no public resolver answers (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const privateNames = ['localhost', 'local', 'internal', 'home.arpa', 'test', 'invalid', 'onion', 'localdomain', 'lan', 'intranet', 'corp']

function isPublic(host: string): boolean {
  if (host.startsWith('[')) return isPublicIpv6(host.slice(1, -1))
  const address = ipv4(host)
  if (address !== undefined) return isPublicIpv4(address)
  // A name of one label is one of the local network's.
  return host.includes('.') && !privateNames.some((name) => host === name || host.endsWith(`.${name}`))
}

/** IANA's special-purpose addresses (RFC 6890) are not globally reachable. */
function isPublicIpv4([a, b, c]: readonly [number, number, number, number]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 100 && b >= 64 && b <= 127) return false
  if (a === 169 && b === 254) return false
  if (a === 172 && b >= 16 && b <= 31) return false
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false
  return !(a === 203 && b === 0 && c === 113)
}

/**
 * Only global unicast (2000::/3), and of it none that carries an IPv4 address or stands for documentation:
 * Teredo and its neighbours (2001::/23), 2001:db8::/32, 6to4 (2002::/16), 3fff::/20.
 */
function isPublicIpv6(address: string): boolean {
  const [first = 0, second = 0] = address.split(':').map((group) => (group === '' ? 0 : Number.parseInt(group, 16)))
  if (address.startsWith(':') || first < 0x2000 || first > 0x3fff) return false
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false
  return first !== 0x2002 && first !== 0x3fff
}
