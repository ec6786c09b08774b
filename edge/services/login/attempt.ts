import { AppError } from '#shared/errors/AppError.ts'
import type { LoginFailureReason } from '#shared/protocol/sapi/login-control.ts'
import { attemptSucceeded, countAttempt, findFailures, isKnownNetwork, uncountAttempt } from '#edge/db/d1/login-failures.ts'
import { networkOf } from '#edge/domain/entry/addresses.ts'
import { type BackoffKey, backoffKeys, nextAttemptAt } from '#edge/domain/identity/login-backoff.ts'
import type { Scope } from '../scope.ts'
import { noteFailedLogin } from './failed-logins.ts'

/** One attempt to log in. That it failed may also be told of a name and password that are right, and not enough. */
export interface LoginAttempt {
  /** `userId`: whom the name turned out to be. */
  failed(why: { reason: LoginFailureReason; userId?: string | undefined }): Promise<void>
  succeeded(): Promise<void>
}

interface Attempter {
  readonly account: string
  readonly address: string | undefined
}

/**
 * `account` is `username@domain`.
 * @throws AppError `rateLimited` where too many before it have failed.
 */
export async function beginAttempt(scope: Scope, by: Attempter): Promise<LoginAttempt> {
  const { account, address } = by
  const network = address === undefined ? undefined : networkOf(address)
  const now = scope.clock.now()
  const known = network !== undefined && (await isKnownNetwork(scope.db, { account, network }, now))
  const keys = backoffKeys({ account, address, known })
  const counted: BackoffKey[] = []
  for (const key of keys) {
    if (!(await countAttempt(scope.db, key, now))) return refuse(scope, by, { key, counted })
    counted.push(key)
  }
  return {
    failed: (why) => noteFailedLogin(scope, { ...why, account, address }),
    succeeded: () =>
      attemptSucceeded(
        scope.db,
        {
          forget: keys.filter(({ kind }) => kind !== 'address'),
          uncount: keys.filter(({ kind }) => kind === 'address'),
          account,
          network,
        },
        scope.clock.now(),
      ),
  }
}

/** An attempt that one key holds back is none for the others. */
async function refuse(scope: Scope, by: Attempter, { key, counted }: { key: BackoffKey; counted: readonly BackoffKey[] }): Promise<never> {
  await uncountAttempt(scope.db, counted)
  const wait = await waitFor(scope, key)
  scope.logger.warn('login.slowed', { kind: key.kind })
  await noteFailedLogin(scope, { ...by, reason: 'slowed' })
  throw new AppError('rateLimited', { context: { retryAfter: Math.max(1, Math.ceil(wait / 1000)) } })
}

/** Milliseconds until the next attempt. */
async function waitFor(scope: Scope, { kind, key }: BackoffKey): Promise<number> {
  const failures = await findFailures(scope.db, key)
  return failures === undefined ? 0 : nextAttemptAt(kind, failures) - scope.clock.now()
}
