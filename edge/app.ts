import { Hono } from 'hono'
import { dispatcherRoutes } from './routes/dispatcher.ts'
import { healthRoutes } from './routes/health.ts'
import type { AppEnv } from './routes/kit/app-env.ts'
import { cors } from './routes/kit/cors.ts'
import { bootstrapped } from './routes/kit/guards.ts'
import { notFoundResponse, problemResponse } from './routes/kit/problems.ts'
import { requestContext } from './routes/kit/request-context.ts'
import { sapiRoutes } from './routes/sapi.ts'
import { wapiRoutes } from './routes/wapi.ts'
import { wellKnownRoutes } from './routes/well-known.ts'

/** The guide of the original has REST paths with and without this. */
const sapiPrefixes = ['/sapi', '/wac/sapi'] as const

/** Paths under these are APIs: what is unknown there is a 404 and never the web application. */
const apiPrefixes = [...sapiPrefixes, '/wapi', '/dispatcher', '/.well-known', '/healthz']

export const app = new Hono<AppEnv>({ strict: false })

app.use(requestContext)
app.onError(problemResponse)
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
  const isApi = apiPrefixes.some((prefix) => c.req.path === prefix || c.req.path.startsWith(`${prefix}/`))
  return isApi ? notFoundResponse(c) : c.env.ASSETS.fetch(c.req.raw)
})
