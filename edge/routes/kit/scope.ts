import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import type { Scope } from '#edge/services/scope.ts'
import type { Env } from '#edge/env.ts'
import type { Logger } from '#shared/log/logger.ts'

/** The context of any route. */
interface RouteContext {
  readonly env: Env
  readonly executionCtx: { waitUntil(task: Promise<unknown>): void }
  readonly var: { readonly logger: Logger }
  set(key: 'subjectDomainId', domainId: string): void
}

/** What the use cases of this request work with. */
export function scopeOf(c: RouteContext): Scope {
  const { env, executionCtx } = c
  const { logger } = c.var
  return {
    env,
    logger,
    db: database(env.DB),
    clock: systemClock,
    noteSubject: (domainId) => c.set('subjectDomainId', domainId),
    defer: (task) => executionCtx.waitUntil(task.catch((error: unknown) => logger.error('deferred.failed', { error }))),
  }
}
