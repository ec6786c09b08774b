/** Anonymous users and clients have an id and a name, but no user record (AUTH-3). */

const anonymousPrefix = 'anon-'

export const anonymousUserId = (id: string): string => `${anonymousPrefix}${id}`
export const isAnonymousUserId = (userId: string): boolean => userId.startsWith(anonymousPrefix)

/** Such names cannot be given to users (shared/protocol/sapi/names.ts). The last digits of a UUIDv7 are random. */
export const anonymousUsername = (id: string, domain: string): string => `anonymous-${id.replaceAll('-', '').slice(-12)}@${domain}`

export const clientUserId = (credentialId: string): string => `client-${credentialId}`
export const clientUsername = (credentialId: string, domain: string): string =>
  `client-${credentialId.replaceAll('-', '').slice(-12)}@${domain}`
