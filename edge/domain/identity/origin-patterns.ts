/** Which host patterns (shared/protocol/sapi/origins.ts) match a host. */

/** What a visitor writes after `@`, as a host. Undefined: it is none. */
export function hostOf(text: string): string | undefined {
  const host = text.trim().toLowerCase()
  return host.length <= 253 && /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(host) ? host : undefined
}

/** The host of an `Origin` header. Undefined: it has none, as `null` of a sandboxed page (RFC 6454 §7.3). */
export function hostOfOrigin(origin: string): string | undefined {
  const url = origin.includes('://') ? URL.parse(origin) : null
  return url === null ? undefined : hostOf(url.hostname)
}

/**
 * Every pattern that matches the host, most specific first: the host itself, then the longest ending,
 * then its beginning with one more label. A lookup asks for these, so that no pattern is ever run
 * against a host and the cost is the same for any number of domains.
 */
export function patternsMatching(host: string): string[] {
  const labels = host.split('.')
  const endings = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
  const beginning = labels.length > 1 ? [`${labels.slice(0, -1).join('.')}.*`] : []
  return [host, ...endings, ...beginning]
}
