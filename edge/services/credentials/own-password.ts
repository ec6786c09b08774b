import { AppError } from '#shared/errors/AppError.ts'
import type { OwnPassword } from '#shared/protocol/sapi/credentials.ts'
import { hashPassword } from '#edge/auth/password.ts'
import { findCredential, updateCredential } from '#edge/db/d1/credentials.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { announceEnded } from '../ended-logins.ts'
import { checkPassword } from '../login/check-password.ts'
import { refuseBroken } from '../refuse-broken.ts'
import type { Scope } from '../scope.ts'

/**
 * Changes the caller's password and ends all its logins but the one that asks. Wrong passwords slow it like
 * failed logins.
 * @throws AppError `wrongPassword`, also for who has none; `rateLimited`.
 */
export async function changeOwnPassword(
  scope: Scope,
  actor: Identity,
  { current, password, address }: OwnPassword & { address: string | undefined },
): Promise<void> {
  const { credentialId } = await checkOwn(scope, { username: actor.username, password: current }, address)
  const found = credentialId === null ? undefined : await findCredential(scope.db, credentialId)
  if (found?.credential.userId !== actor.userId) throw new AppError('wrongPassword')
  const { userId, loginId } = actor
  const change = { secretHash: await hashPassword(password) }
  const options = { ending: { userId, exceptLoginId: loginId }, now: scope.clock.now() }
  announceEnded(scope, await refuseBroken(() => updateCredential(scope.db, found.credential, change, options)))
  scope.logger.info('password.changed', { userId })
}

async function checkOwn(scope: Scope, given: { username: string; password: string }, address: string | undefined) {
  try {
    return await checkPassword(scope, given, { address })
  } catch (thrown) {
    throw AppError.from(thrown).code === 'invalidGrant' ? new AppError('wrongPassword', { cause: thrown }) : thrown
  }
}
