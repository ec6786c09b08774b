import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import type { Env } from '#edge/env.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { maintain } from '#edge/services/maintenance.ts'

/**
 * Once a minute (wrangler.toml; on one machine by infra/start/edge-process.ts): what expires and what was not
 * confirmed or handed over must not wait for the next request.
 */
export const scheduled: ExportedHandlerScheduledHandler<Env> = (_, env, ctx) => {
  const logger = loggerOf(env, { component: 'scheduled' })
  const defer = (task: Promise<void>): void => ctx.waitUntil(task.catch((error: unknown) => logger.error('deferred.failed', { error })))
  defer(maintain({ env, logger, defer, db: database(env.DB), clock: systemClock }))
}
