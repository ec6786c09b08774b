/** Who connects, as a network address in text: parsed, since part of it may be the client's own. */

/** What everybody is where the Worker is reached from its own machine alone. */
export const thisMachine = '127.0.0.1'

/** In the place of a header's name: nothing in front of the Worker tells addresses, for it is reached from its own machine alone. */
export const noAddressHeader = 'none'

/** The header of Cloudflare's network, which takes any such header from outside away; the front of the embedded start does the same. */
export const platformAddressHeader = 'cf-connecting-ip'

/**
 * The client's address in the header that the entry tells it in. A header that lists the way of a request
 * (`X-Forwarded-For`) grows at its right end, so that only what the `hops` own proxies have added can be
 * trusted: the entry that the outermost of them wrote.
 *
 * The platform's own header is missing only where a request did not come through the platform, which on
 * one machine are the processes of that machine. Where another header is missing, the client is unknown.
 */
export function addressIn(headers: Pick<Headers, 'get'>, options: { header: string; hops: number }): string | undefined {
  if (options.header === noAddressHeader) return thisMachine
  const text = headers.get(options.header)
  if (text === null) return options.header === platformAddressHeader ? thisMachine : undefined
  const hops = text.split(',')
  return parseAddress(hops[hops.length - options.hops] ?? '')
}

/** An IPv4 or IPv6 address in its canonical form, without port and brackets; an IPv4 address in IPv6 as itself (RFC 4291 §2.5.5.2). */
export function parseAddress(text: string): string | undefined {
  const bare = withoutPort(text.trim())
  if (/^[\d.]+$/.test(bare)) return isIPv4(bare) ? bare : undefined
  const groups = groupsOf(bare)
  if (groups === undefined) return undefined
  const [, , , , , mapped, high = 0, low = 0] = groups
  if (mapped === 0xffff && groups.slice(0, 5).every((group) => group === 0)) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return groups.map((group) => group.toString(16)).join(':')
}

/** What counts as one client: an IPv6 customer has at least a /64 to itself (RFC 6177), and may change within it at will. */
export function networkOf(address: string): string {
  return address.includes(':') ? `${address.split(':').slice(0, 4).join(':')}::/64` : address
}

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '0:0:0:0:0:0:0:1'

/** `[::1]:443`, `192.0.2.1:443`; an IPv6 address without brackets has no port. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)
  if (bracketed !== null) return bracketed[1] ?? ''
  return text.replace(/^([\d.]+):\d+$/, '$1')
}

const isIPv4 = (text: string): boolean => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => isOctet(part))

/** Without leading zeros: some readers take those for octal. */
const isOctet = (part: string): boolean => Number(part) <= 255 && String(Number(part)) === part

/** The eight groups of an IPv6 address (RFC 4291 §2.2). */
function groupsOf(text: string): number[] | undefined {
  const [address = ''] = text.split('%')
  const dotted = /^(.*:)([\d.]+)$/.exec(address)
  if (dotted !== null) {
    const [, head = '', tail = ''] = dotted
    if (tail.includes('.')) {
      if (!isIPv4(tail)) return undefined
      const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number)
      return groupsOf(`${head}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
    }
  }
  const [before = '', after, ...more] = address.split('::')
  if (more.length > 0) return undefined
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (after === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined
}
