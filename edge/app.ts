import { Hono } from 'hono'
import { routeClassOf } from '#edge/domain/entry/route-class.ts'
import { dispatcherRoutes } from './routes/dispatcher.ts'
import { healthRoutes } from './routes/health.ts'
import type { AppEnv } from './routes/kit/app-env.ts'
import { cors } from './routes/kit/cors.ts'
import { entryProtection } from './routes/kit/entry.ts'
import { bootstrapped } from './routes/kit/guards.ts'
import { methodsOf } from './routes/kit/methods.ts'
import { notFoundResponse, problemResponse, wrongMethodResponse } from './routes/kit/problems.ts'
import { requestContext } from './routes/kit/request-context.ts'
import { securityHeaders } from './routes/kit/security-headers.ts'
import { sapiRoutes } from './routes/sapi.ts'
import { wapiRoutes } from './routes/wapi.ts'
import { wellKnownRoutes } from './routes/well-known.ts'

/** The guide of the original has REST paths with and without this. */
const sapiPrefixes = ['/sapi', '/wac/sapi'] as const

export const app = new Hono<AppEnv>({ strict: false })

app.use(requestContext)
app.use(securityHeaders)
app.onError(problemResponse)
app.use(entryProtection)
app.route('/', healthRoutes)
for (const prefix of sapiPrefixes) {
  app.use(`${prefix}/*`, cors)
  app.route(prefix, sapiRoutes)
}
app.use('/wapi/*', bootstrapped)
app.route('/', wapiRoutes)
app.route('/', dispatcherRoutes)
app.route('/.well-known', wellKnownRoutes)

app.notFound((c) => {
  if (routeClassOf(c.req.path) === 'web') return c.env.ASSETS.fetch(c.req.raw)
  const allow = methodsOf(app, c.req.path)
  return allow.length === 0 ? notFoundResponse(c) : wrongMethodResponse(c, allow)
})
