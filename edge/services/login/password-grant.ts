import { AppError } from '#shared/errors/AppError.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { verifyPassword } from '#edge/auth/password.ts'
import { type CredentialInDomain, findPassword } from '#edge/db/d1/credentials.ts'
import { parseUserTarget } from '#edge/domain/identity/user-target.ts'
import type { Scope } from '../scope.ts'
import { beginAttempt } from './attempt.ts'
import type { Requester } from './grant.ts'
import { openLogin } from './open-login.ts'
import { userSubject } from './user-subject.ts'

/**
 * RFC 6749 §4.3. An unknown user, a wrong password and a user out of use are one answer, after the same
 * work.
 */
export async function grantPassword(
  scope: Scope,
  request: { username: string; password: string },
  requester: Requester,
): Promise<TokenResponse> {
  const name = loginName(request.username, scope.env.RINGWAY_DEFAULT_DOMAIN)
  const attempt = await beginAttempt(scope, { account: `${name.username}@${name.domain}`, address: requester.address })
  const found = await findPassword(scope.db, name)
  const right = await verifyPassword(request.password, usableHash(found, scope.clock.now()))
  const user = found?.user ?? undefined
  const subject =
    right && found !== undefined && user !== undefined
      ? await userSubject(scope, { ...found, user }, { credentialId: found.credential.id })
      : undefined
  if (subject === undefined) {
    await attempt.failed()
    scope.logger.warn('login.failed', { userId: found?.user?.id, domainId: found?.domain.id, address: requester.address })
    throw new AppError('invalidGrant')
  }
  await attempt.succeeded()
  if (!subject.policy.services.includes('login')) throw new AppError('serviceNotEnabled', { context: { service: 'login' } })
  return openLogin(scope, subject, requester)
}

/** A bare name means the default domain. What can name nobody goes the way of any unknown name. */
function loginName(text: string, defaultDomain: string): { username: string; domain: string } {
  const target = parseUserTarget(text)
  if (target === undefined || target.kind === 'id') return { username: '', domain: '' }
  return { username: target.username, domain: target.kind === 'own' ? defaultDomain.toLowerCase() : target.domain }
}

function usableHash(found: CredentialInDomain | undefined, now: number): string | undefined {
  const credential = found?.credential
  if (credential === undefined || (credential.expiresAt !== null && credential.expiresAt <= now)) return undefined
  return credential.secretHash
}
