import { AppError } from '#shared/errors/AppError.ts'
import type { Introspection, TokenHintRequest } from '#shared/protocol/sapi/oauth.ts'
import type { AccessTokenClaims } from '#shared/protocol/tokens.ts'
import { hashOfRefreshToken } from '#edge/auth/refresh-token.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { findDomain } from '#edge/db/d1/domains.ts'
import { findLogin, findRefreshToken } from '#edge/db/d1/logins.ts'
import { administers } from '#edge/domain/identity/access.ts'
import { clientUserId } from '#edge/domain/identity/anonymous.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Scope } from '../scope.ts'
import { authenticateClient } from './client-grant.ts'
import type { Requester } from './grant.ts'
import { endLoginsNow } from './open-login.ts'

/**
 * RFC 7009. Whoever has a token may end it, and with it the whole login: the tokens of one login are not
 * told apart. An unknown token is no error (§2.2).
 */
export async function revokeToken(scope: Scope, { token }: TokenHintRequest): Promise<void> {
  const refresh = await findRefreshToken(scope.db, await hashOfRefreshToken(token))
  const loginId = refresh?.login.id ?? (await genuineClaims(scope, token))?.sid
  if (loginId !== undefined) await endLoginsNow(scope, [loginId])
}

/** Who asks about a token: an admin, a client, or whoever the token belongs to. */
export type Inquirer = Pick<Identity, 'userId' | 'domainId' | 'role'> & { readonly isClient: boolean }

/** @throws AppError `invalidClient`. */
export async function inquirerOf(
  scope: Scope,
  request: TokenHintRequest,
  options: { requester: Pick<Requester, 'authorization'>; bearer: string | undefined },
): Promise<Inquirer> {
  if (options.bearer !== undefined) {
    const identity = await tokenService(scope.env).verifyAccessToken(options.bearer)
    return { ...identity, isClient: identity.userId.startsWith(clientUserId('')) }
  }
  const client = await authenticateClient(scope, request, options.requester)
  if (client === undefined) throw new AppError('invalidClient')
  return { userId: clientUserId(client.credentialId), domainId: ownNode(client.chain).id, role: client.role, isClient: true }
}

/** RFC 7662, from the database: exact at this moment. What the inquirer may not know of is inactive (§2.2). */
export async function introspect(scope: Scope, { token }: TokenHintRequest, inquirer: Inquirer): Promise<Introspection> {
  const found = (await activeAccessToken(scope, token)) ?? (await activeRefreshToken(scope, token))
  if (found === undefined) return { active: false }
  const domain = await findDomain(scope.db, found.domain)
  if (domain === undefined) return { active: false }
  const mayKnow =
    administers(inquirer, domain.path) || (inquirer.isClient && inquirer.domainId === domain.id) || inquirer.userId === found.sub
  return mayKnow ? { active: true, ...found } : { active: false }
}

type Active = Omit<Extract<Introspection, { active: true }>, 'active'>

async function activeAccessToken(scope: Scope, token: string): Promise<Active | undefined> {
  const claims = await genuineClaims(scope, token)
  if (claims === undefined || (await findLogin(scope.db, claims.sid)) === undefined) return undefined
  const { sub, username, domain, role, sid, iss, exp, iat, jti } = claims
  return { token_type: 'Bearer', sub, username, domain, role, sid, iss, exp, iat, jti }
}

async function activeRefreshToken(scope: Scope, token: string): Promise<Active | undefined> {
  const found = await findRefreshToken(scope.db, await hashOfRefreshToken(token))
  if (found === undefined || found.usedAt !== null || found.expiresAt <= scope.clock.now()) return undefined
  const { login, expiresAt } = found
  return { sub: login.userId, domain: login.domainId, sid: login.id, exp: Math.floor(expiresAt / 1000) }
}

async function genuineClaims(scope: Scope, token: string): Promise<AccessTokenClaims | undefined> {
  try {
    return await tokenService(scope.env).readAccessToken(token)
  } catch (thrown) {
    const { code } = AppError.from(thrown)
    if (code === 'unauthenticated' || code === 'tokenExpired') return undefined
    throw thrown
  }
}
