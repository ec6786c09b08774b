import { matchedRoutes } from 'hono/route'
import { newId } from '#shared/ids/ids.ts'
import { systemClock } from '#shared/time/clock.ts'
import { loggerOf } from '#edge/services/logger.ts'
import type { AppContext, AppMiddleware } from './app-env.ts'

/** Gives each request a trace id and writes its one canonical event when it is answered. */
export const requestContext: AppMiddleware = async (c, next) => {
  const startedAt = systemClock.now()
  const traceId = newId()
  c.set('traceId', traceId)
  c.set('logger', loggerOf(c.env, { traceId }))
  await next()
  // The response of an upgrade or of an asset is immutable.
  if (c.res.status !== 101) c.header('x-trace-id', traceId)
  const { caller, errorCode } = c.var
  c.var.logger.info('request', {
    method: c.req.method,
    route: routeOf(c),
    status: c.res.status,
    durationMs: systemClock.now() - startedAt,
    ...(caller === undefined ? {} : { domainId: caller.domainId, userId: caller.userId, role: caller.role }),
    ...(errorCode === undefined ? {} : { code: errorCode }),
  })
}

/** The route's pattern, not the path: a path is the client's text and may hold anything. */
function routeOf(c: AppContext): string {
  return matchedRoutes(c).findLast((route) => !route.path.endsWith('*'))?.path ?? 'unmatched'
}
