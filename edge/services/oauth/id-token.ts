import type { UserInfo } from '#shared/protocol/sapi/oauth.ts'
import { toBase64Url, utf8 } from '#edge/auth/bytes.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import type { UserInDomain } from '#edge/db/d1/users.ts'
import type { Scope } from '../scope.ts'

/** What a client learns of a user by the scope it has (OpenID Connect Core §5.4). */
export function userInfoOf({ user, domain }: UserInDomain, scope: readonly string[] | undefined): UserInfo {
  const tells = (name: string) => scope === undefined || scope.includes(name)
  return {
    sub: user.id,
    ...(tells('profile')
      ? { preferred_username: `${user.username}@${domain.name}`, ...(user.alias === '' ? {} : { name: user.alias }) }
      : {}),
    // Admins write addresses down; nobody asks their owners.
    ...(tells('email') && user.email !== '' ? { email: user.email, email_verified: false } : {}),
  }
}

export interface IdTokenFacts {
  readonly user: UserInDomain
  readonly clientId: string
  readonly scope: readonly string[]
  readonly nonce: string | null
  /** Milliseconds since the epoch. */
  readonly authTime: number
  readonly loginId: string
  readonly accessToken: string
  readonly issuer: string
  /** Seconds. */
  readonly lifetime: number
}

/** OpenID Connect Core §2 and §3.1.3.6. The client is the only audience, so there is no `azp`. */
export async function signIdToken(scope: Scope, facts: IdTokenFacts): Promise<string> {
  return tokenService(scope.env).signIdToken(
    {
      ...userInfoOf(facts.user, facts.scope),
      aud: facts.clientId,
      sid: facts.loginId,
      auth_time: Math.floor(facts.authTime / 1000),
      ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
      at_hash: await leftHalfHash(facts.accessToken),
    },
    { issuer: facts.issuer, lifetime: facts.lifetime },
  )
}

/** By the hash that ES256 signs with. */
async function leftHalfHash(text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)), 0, 16))
}
