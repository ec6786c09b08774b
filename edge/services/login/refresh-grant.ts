import { AppError } from '#shared/errors/AppError.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { hashOfRefreshToken, newRefreshToken } from '#edge/auth/refresh-token.ts'
import { findChain } from '#edge/db/d1/domains.ts'
import { findRefreshToken, type LoginRow, rotateRefreshToken } from '#edge/db/d1/logins.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { isDisabled, ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Scope } from '../scope.ts'
import { anonymousSubject } from './anonymous-grant.ts'
import type { Requester } from './grant.ts'
import { endLoginsNow, type Subject, tokensFor } from './open-login.ts'
import { userSubject } from './user-subject.ts'

/**
 * RFC 6749 §6 with rotation: each refresh token is good once. One that comes a second time is in two
 * hands, so the whole login ends (RFC 9700 §4.14.2).
 */
export async function grantRefresh(scope: Scope, request: { refresh_token: string }, requester: Requester): Promise<TokenResponse> {
  const hash = await hashOfRefreshToken(request.refresh_token)
  const found = await findRefreshToken(scope.db, hash)
  const now = scope.clock.now()
  if (found === undefined || found.expiresAt <= now) throw new AppError('invalidGrant')
  if (found.usedAt !== null) return endReused(scope, found.login)

  const subject = await subjectOf(scope, found.login)
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
  if (!rotated) return endReused(scope, found.login)
  return tokensFor(scope, subject, { loginId: found.login.id, issuer: requester.issuer, refreshToken: next.token })
}

async function endReused(scope: Scope, login: LoginRow): Promise<never> {
  scope.logger.warn('login.refreshReused', { loginId: login.id, userId: login.userId, domainId: login.domainId })
  await endLoginsNow(scope, [login.id])
  throw new AppError('invalidGrant')
}

/** The user as it stands now: name, role and domain may have changed. Undefined: it may no longer be logged in. */
async function subjectOf(scope: Scope, login: LoginRow): Promise<Subject | undefined> {
  const subject = login.kind === 'anonymous' ? await anonymousAgain(scope, login) : await userAgain(scope, login)
  return subject?.policy.services.includes('login') === true ? subject : undefined
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
