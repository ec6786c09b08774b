import { removeExpired, removeExpiredCredentials } from '#edge/db/d1/expiry.ts'
import { announceEnded, retellHubs } from './ended-logins.ts'
import { recordFailedLogins } from './login/failed-logins.ts'
import { pushEvents } from './push-events.ts'
import type { Scope } from './scope.ts'

const pause = 60_000

let lastRun = 0

export function forgetMaintenance(): void {
  lastRun = 0
}

/** At most once a minute per isolate, in the shadow of some request. */
export function maintainNowAndThen(scope: Scope): void {
  const now = scope.clock.now()
  if (now - lastRun < pause) return
  lastRun = now
  scope.defer(maintain(scope))
}

/** Removes what has expired and repeats what was not confirmed. Never rejects. */
export async function maintain(scope: Scope): Promise<void> {
  try {
    announceEnded(scope, await removeExpiredCredentials(scope.db, scope.clock.now()))
    await removeExpired(scope.db, scope.clock.now())
    await retellHubs(scope)
    await recordFailedLogins(scope)
    await pushEvents(scope)
  } catch (error) {
    scope.logger.error('maintenance.failed', { error })
  }
}
