/** Which host patterns (shared/protocol/sapi/origins.ts) match a host. */

/** The host of an `Origin` header, or of what a visitor writes after `@`. Undefined: it is no host. */
export function hostOf(origin: string): string | undefined {
  const text = origin.trim().toLowerCase()
  const host = text.includes('://') ? URL.parse(text)?.hostname : text
  return host !== undefined && /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(host) && host.length <= 253 ? host : undefined
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
