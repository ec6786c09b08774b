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

/** Removes what has expired and repeats what was not confirmed; what one step cannot do keeps none of the others. Never rejects. */
export async function maintain(scope: Scope): Promise<void> {
  const now = scope.clock.now()
  const steps: Readonly<Record<string, () => Promise<void>>> = {
    expireCredentials: async () => announceEnded(scope, await removeExpiredCredentials(scope.db, now)),
    expire: () => removeExpired(scope.db, now),
    retellHubs: () => retellHubs(scope),
    recordFailedLogins: () => recordFailedLogins(scope),
    pushEvents: () => pushEvents(scope),
  }
  for (const [step, run] of Object.entries(steps)) {
    await run().catch((error: unknown) => scope.logger.error('maintenance.failed', { step, error }))
  }
}
