import { AppError } from '#shared/errors/AppError.ts'
import type { LoginFailureReason } from '#shared/protocol/sapi/login-control.ts'
import { verifyPassword } from '#edge/auth/password.ts'
import { type CredentialInDomain, findPassword } from '#edge/db/d1/credentials.ts'
import { parseUserTarget } from '#edge/domain/identity/user-target.ts'
import type { Scope } from '../scope.ts'
import { beginAttempt } from './attempt.ts'
import type { Requester } from './grant.ts'
import type { Subject } from './open-login.ts'
import { userSubject } from './user-subject.ts'

/**
 * Whose name and password these are. An unknown user, a wrong password and a user out of use are one
 * answer, after the same work.
 * @throws AppError `invalidGrant`, `rateLimited` or `serviceNotEnabled`.
 */
export async function checkPassword(
  scope: Scope,
  given: { username: string; password: string },
  requester: Pick<Requester, 'address'>,
): Promise<Subject> {
  const name = loginName(given.username, scope.env.RINGWAY_DEFAULT_DOMAIN)
  const attempt = await beginAttempt(scope, { account: `${name.username}@${name.domain}`, address: requester.address })
  const found = await findPassword(scope.db, name)
  const right = await verifyPassword(given.password, usableHash(found, scope.clock.now()))
  const user = found?.user ?? undefined
  const subject =
    right && found !== undefined && user !== undefined
      ? await userSubject(scope, { ...found, user }, { credential: found.credential })
      : undefined
  if (subject === undefined) {
    await attempt.failed({ reason: reasonOf(found, { right, now: scope.clock.now() }), userId: user?.id })
    throw new AppError('invalidGrant')
  }
  await attempt.succeeded()
  if (subject.policy.services.includes('login')) return subject
  await attempt.failed({ reason: 'serviceNotEnabled', userId: subject.userId })
  throw new AppError('serviceNotEnabled', { context: { service: 'login' } })
}

/** For the domain's admins; whoever tried learns none of it. */
function reasonOf(found: CredentialInDomain | undefined, { right, now }: { right: boolean; now: number }): LoginFailureReason {
  if (found === undefined) return 'unknownUser'
  if (right) return 'userDisabled'
  return isExpired(found, now) ? 'credentialExpired' : 'wrongPassword'
}

const isExpired = ({ credential: { expiresAt } }: CredentialInDomain, now: number): boolean => expiresAt !== null && expiresAt <= now

/** A bare name means the default domain. What can name nobody goes the way of any unknown name. */
function loginName(text: string, defaultDomain: string): { username: string; domain: string } {
  const target = parseUserTarget(text)
  if (target === undefined || target.kind === 'id') return { username: '', domain: '' }
  return { username: target.username, domain: target.kind === 'own' ? defaultDomain.toLowerCase() : target.domain }
}

function usableHash(found: CredentialInDomain | undefined, now: number): string | undefined {
  return found === undefined || isExpired(found, now) ? undefined : found.credential.secretHash
}
