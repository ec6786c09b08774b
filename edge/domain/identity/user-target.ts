/** How a caller names a user (DOM-4). */
export type UserTarget =
  | { readonly kind: 'id'; readonly userId: string }
  /** A bare name means the caller's own domain. */
  | { readonly kind: 'own'; readonly username: string }
  | { readonly kind: 'name'; readonly username: string; readonly domain: string }

const idPrefix = 'wac-user:'

/** `bob`, `bob@example.com` or `wac-user:<id>`. Undefined: it can name nobody. */
export function parseUserTarget(target: string): UserTarget | undefined {
  const trimmed = target.trim()
  if (trimmed.startsWith(idPrefix)) {
    const userId = trimmed.slice(idPrefix.length)
    return userId === '' ? undefined : { kind: 'id', userId }
  }
  const name = trimmed.toLowerCase()
  const at = name.lastIndexOf('@')
  if (at < 0) return name === '' ? undefined : { kind: 'own', username: name }
  const username = name.slice(0, at)
  const domain = name.slice(at + 1)
  return username === '' || domain === '' ? undefined : { kind: 'name', username, domain }
}

export const userUri = (userId: string): string => `${idPrefix}${userId}`
