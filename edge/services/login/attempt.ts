import { AppError } from '#shared/errors/AppError.ts'
import { countAttempt, findFailures, forgetFailures } from '#edge/db/d1/login-failures.ts'
import { type BackoffKey, backoffKeys, nextAttemptAt } from '#edge/domain/identity/login-backoff.ts'
import type { Scope } from '../scope.ts'

/** One attempt to log in, of which exactly one outcome is told. */
export interface LoginAttempt {
  failed(): Promise<void>
  succeeded(): Promise<void>
}

/** @throws AppError `rateLimited` where too many before it have failed. */
export async function beginAttempt(scope: Scope, by: { account: string; address: string | undefined }): Promise<LoginAttempt> {
  const keys = backoffKeys(by)
  const ofAccount = keys.filter(({ kind }) => kind !== 'address')
  const ofAddress = keys.filter(({ kind }) => kind === 'address')
  for (const key of ofAddress) if ((await waitFor(scope, key)) > 0) return refuse(scope, key)
  for (const key of ofAccount) if (!(await countAttempt(scope.db, key, scope.clock.now()))) return refuse(scope, key)
  return {
    async failed() {
      for (const key of ofAddress) await countAttempt(scope.db, key, scope.clock.now())
    },
    succeeded: () => forgetFailures(scope.db, ofAccount),
  }
}

/** Milliseconds until the next attempt. */
async function waitFor(scope: Scope, { kind, key }: BackoffKey): Promise<number> {
  const failures = await findFailures(scope.db, key)
  return failures === undefined ? 0 : nextAttemptAt(kind, failures) - scope.clock.now()
}

async function refuse(scope: Scope, key: BackoffKey): Promise<never> {
  const wait = await waitFor(scope, key)
  scope.logger.warn('login.slowed', { kind: key.kind })
  throw new AppError('rateLimited', { context: { retryAfter: Math.max(1, Math.ceil(wait / 1000)) } })
}
