import { AppError } from '#shared/errors/AppError.ts'
import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { hashOfRefreshToken, newRefreshToken } from '#edge/auth/refresh-token.ts'
import { findChain } from '#edge/db/d1/domains.ts'
import { findRefreshToken, type LoginRow, rotateRefreshToken } from '#edge/db/d1/logins.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import { stillGranted } from '#edge/domain/oauth/client-changes.ts'
import { requireClient } from '../oauth/client-authentication.ts'
import { type Client, requireGrantType, serves } from '../oauth/clients.ts'
import { withIdToken } from '../oauth/code-grant.ts'
import type { Scope } from '../scope.ts'
import { anonymousSubject } from './anonymous-grant.ts'
import { noteFailedLogin } from './failed-logins.ts'
import type { Requester } from './grant.ts'
import { endLoginsNow, type Subject, tokensFor } from './open-login.ts'
import { userSubject } from './user-subject.ts'

type RefreshRequest = Extract<TokenRequest, { grant_type: 'refresh_token' }>

/**
 * RFC 6749 §6 with rotation: each refresh token is good once, and one that a client was given only in that
 * client's hands. One that comes a second time is in two hands, so the whole login ends (RFC 9700 §4.14.2).
 */
export async function grantRefresh(scope: Scope, request: RefreshRequest, requester: Requester): Promise<TokenResponse> {
  const hash = await hashOfRefreshToken(request.refresh_token)
  const found = await findRefreshToken(scope.db, hash)
  const now = scope.clock.now()
  if (found === undefined || found.expiresAt <= now) throw new AppError('invalidGrant')
  const client = found.login.clientId === null ? undefined : await owner(scope, found.login, { request, requester })
  const granted = narrowed(grantedNow(found.login, client), request.scope)
  if (found.usedAt !== null) return endReused(scope, found.login, requester)

  const subject = await subjectOf(scope, found.login, client)
  if (subject === undefined) {
    await endLoginsNow(scope, [found.login.id])
    throw new AppError('invalidGrant')
  }
  const next = await newRefreshToken()
  const rotated = await rotateRefreshToken(scope.db, {
    hash,
    nextHash: next.hash,
    now,
    expiresAt: now + subject.policy.settings.logins.refreshTokenLifetime * 1000,
    accessExpiresAt: now + subject.accessTokenLifetime * 1000,
  })
  if (!rotated) return endReused(scope, found.login, requester)
  const { id: loginId, clientId, authTime } = found.login
  const tokens = await tokensFor(scope, subject, {
    loginId,
    issuer: requester.issuer,
    refreshToken: next.token,
    acting: clientId === null ? undefined : { clientId, scope: granted, authTime },
  })
  const user = clientId === null ? undefined : await findUser(scope.db, { userId: found.login.userId })
  if (user === undefined || clientId === null || authTime === null || granted === null) return tokens
  return withIdToken(scope, tokens, { user, loginId, clientId, authTime, scope: granted, nonce: null, issuer: requester.issuer })
}

/** The client that the token was given to. @throws AppError `invalidClient`, `invalidGrant` for another one, `unauthorizedClient`. */
async function owner(scope: Scope, login: LoginRow, by: { request: RefreshRequest; requester: Requester }): Promise<Client> {
  const client = await requireClient(scope, by.request, by.requester)
  if (client.id !== login.clientId) throw new AppError('invalidGrant')
  requireGrantType(client, 'refresh_token')
  return client
}

/** Of what the user has let the client do, what it is still registered for. */
function grantedNow({ scope: granted }: LoginRow, client: Client | undefined): readonly string[] | null {
  return granted === null || client === undefined ? granted : stillGranted(granted, client.data)
}

/** Whether the client may still act while the user is not there (OpenID Connect Core §11). */
const mayBeAbsent = (login: LoginRow, client: Client): boolean => grantedNow(login, client)?.includes('offline_access') === true

/** RFC 6749 §6: at most what was granted. The refresh token stays good for all of it. */
function narrowed(granted: readonly string[] | null, asked: string | undefined): readonly string[] | null {
  if (granted === null || asked === undefined) return granted
  const wanted = asked.split(' ')
  if (!wanted.every((name) => granted.includes(name))) throw new AppError('invalidScope')
  return wanted
}

async function endReused(scope: Scope, login: LoginRow, { address }: Requester): Promise<never> {
  const { userId, domainId } = login
  scope.logger.warn('login.refreshReused', { loginId: login.id, userId, domainId })
  await noteFailedLogin(scope, { reason: 'tokenReused', account: userId, userId, domainId, address })
  await endLoginsNow(scope, [login.id])
  throw new AppError('invalidGrant')
}

/** The user as it stands now: name, role and domain may have changed. Undefined: it may no longer be logged in. */
async function subjectOf(scope: Scope, login: LoginRow, client: Client | undefined): Promise<Subject | undefined> {
  const subject = login.kind === 'anonymous' ? await anonymousAgain(scope, login) : await userAgain(scope, login)
  if (subject === undefined || (client !== undefined && !(serves(client, subject) && mayBeAbsent(login, client)))) return undefined
  return subject.policy.services.includes('login') ? subject : undefined
}

async function anonymousAgain(scope: Scope, login: LoginRow): Promise<Subject | undefined> {
  const chain = await findChain(scope.db, login.domainId)
  if (chain === undefined || isDisabled(chain) || !ownNode(chain).enableAnonymous) return undefined
  return anonymousSubject(scope, login.userId, chain)
}

async function userAgain(scope: Scope, login: LoginRow): Promise<Subject | undefined> {
  const found = await findUser(scope.db, { userId: login.userId })
  return found?.domain.id === login.domainId ? userSubject(scope, found, login) : undefined
}
