/**
 * What a SIP user name is compared by. Case counts in the user part and not in the host (RFC 3261 §19.1.4),
 * characters that need no escape are the same escaped, and visual separators of telephone numbers do not
 * count (RFC 3966 §5).
 */
export function sipUserKey(username: string): string {
  const at = username.lastIndexOf('@')
  const user = unescaped(at < 0 ? username : username.slice(0, at))
  const number = telephoneNumber.test(user) ? user.replace(/[-.()]/g, '') : user
  return at < 0
    ? number
    : `${number}@${username
        .slice(at + 1)
        .toLowerCase()
        .replace(/\.$/, '')}`
}

/** How a caller from the SIP network may be known: by user and host, or by the user part alone; the first that is mapped counts. */
export function sipUserKeys(username: string): readonly string[] {
  const key = sipUserKey(username)
  const at = key.lastIndexOf('@')
  return at < 0 ? [key] : [key, key.slice(0, at)]
}

const telephoneNumber = /^\+?[-.()]*\d[-.()\d]*$/

const unescaped = (user: string): string =>
  user.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[a-z0-9\-_.!~*'()]/i.test(character) ? character : escape.toUpperCase()
  })
