import { AppError } from '#shared/errors/AppError.ts'
import type { ClientProof, Introspection, TokenHintRequest } from '#shared/protocol/sapi/oauth.ts'
import type { AccessTokenClaims } from '#shared/protocol/tokens.ts'
import { hashOfRefreshToken } from '#edge/auth/refresh-token.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { findDomain } from '#edge/db/d1/domains.ts'
import { findLogin, findRefreshToken, type LoginRow } from '#edge/db/d1/logins.ts'
import { administers } from '#edge/domain/identity/access.ts'
import { clientUserId } from '#edge/domain/identity/anonymous.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { authenticateClient } from '../oauth/client-authentication.ts'
import type { Scope } from '../scope.ts'
import type { Requester } from './grant.ts'
import { endLoginsNow } from './open-login.ts'
import { standingLogin, stands } from './standing-login.ts'

/**
 * RFC 7009. A token ends with the whole login: the tokens of one login are not told apart. What a client
 * was given only that client may end (§2.1); a token that was given to no client, whoever has it. An
 * unknown token is no error (§2.2).
 */
export async function revokeToken(scope: Scope, request: TokenHintRequest, sender: Sender): Promise<void> {
  const client = await authenticateClient(scope, request, sender)
  if (client === undefined && provesSomething(request, sender)) throw new AppError('invalidClient')
  const login = await loginOf(scope, request.token)
  if (login === undefined) return
  if (login.clientId !== null && client === undefined) throw new AppError('invalidClient')
  if (login.clientId !== null && login.clientId !== client?.id) throw new AppError('invalidGrant')
  await endLoginsNow(scope, [login.id])
}

type Sender = Pick<Requester, 'authorization' | 'issuer'>

const provesSomething = (request: ClientProof, { authorization }: Sender): boolean =>
  authorization?.toLowerCase().startsWith('basic ') === true ||
  request.client_secret !== undefined ||
  request.client_assertion !== undefined

async function loginOf(scope: Scope, token: string): Promise<LoginRow | undefined> {
  const refresh = await findRefreshToken(scope.db, await hashOfRefreshToken(token))
  if (refresh !== undefined) return refresh.login
  const claims = await genuineClaims(scope, token)
  return claims === undefined ? undefined : findLogin(scope.db, claims.sid)
}

/** Who asks about a token: an admin, a client, or whoever the token belongs to. */
export type Inquirer = Pick<Identity, 'userId' | 'domainId' | 'role'> & { readonly isClient: boolean }

/** @throws AppError `invalidClient`. */
export async function inquirerOf(
  scope: Scope,
  request: TokenHintRequest,
  options: { requester: Sender; bearer: string | undefined },
): Promise<Inquirer> {
  if (options.bearer !== undefined) {
    const identity = await tokenService(scope.env).verifyAccessToken(options.bearer, 'sapi')
    return { ...identity, isClient: identity.userId.startsWith(clientUserId('')) }
  }
  const client = await authenticateClient(scope, request, options.requester)
  // RFC 7662 §2.1: who proves nothing is told nothing.
  if (client === undefined || client.data.authMethod === 'none') throw new AppError('invalidClient')
  return { userId: clientUserId(client.id), domainId: ownNode(client.chain).id, role: client.data.role, isClient: true }
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
  if (claims === undefined || (await standingLogin(scope, claims.sid)) === undefined) return undefined
  const { sub, username, domain, role, sid, iss, exp, iat, jti, client_id, scope: granted } = claims
  return { token_type: 'Bearer', sub, username, domain, role, sid, iss, exp, iat, jti, ...clientMembers({ client_id, scope: granted }) }
}

async function activeRefreshToken(scope: Scope, token: string): Promise<Active | undefined> {
  const found = await findRefreshToken(scope.db, await hashOfRefreshToken(token))
  if (found === undefined || found.usedAt !== null || found.expiresAt <= scope.clock.now()) return undefined
  const { login, expiresAt } = found
  if (!(await stands(scope, login))) return undefined
  const client = { client_id: login.clientId ?? undefined, scope: login.scope?.join(' ') }
  return { sub: login.userId, domain: login.domainId, sid: login.id, exp: Math.floor(expiresAt / 1000), ...clientMembers(client) }
}

const clientMembers = ({ client_id, scope }: { client_id: string | undefined; scope: string | undefined }) => ({
  ...(client_id === undefined ? {} : { client_id }),
  ...(scope === undefined ? {} : { scope }),
})

export async function genuineClaims(scope: Scope, token: string): Promise<AccessTokenClaims | undefined> {
  try {
    return await tokenService(scope.env).readAccessToken(token)
  } catch (thrown) {
    const { code } = AppError.from(thrown)
    if (code === 'unauthenticated' || code === 'tokenExpired') return undefined
    throw thrown
  }
}
