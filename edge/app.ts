import { Hono } from 'hono'
import type { AppEnv } from './routes/kit/app-env.ts'
import { notFoundResponse, problemResponse } from './routes/kit/problems.ts'
import { requestContext } from './routes/kit/request-context.ts'
import { dispatcherRoutes } from './routes/dispatcher.ts'
import { healthRoutes } from './routes/health.ts'
import { wapiRoutes } from './routes/wapi.ts'

/** Paths under these are APIs: what is unknown there is a 404 and never the web application. */
const apiPrefixes = ['/sapi', '/wac/sapi', '/wapi', '/dispatcher', '/.well-known', '/healthz']

export const app = new Hono<AppEnv>({ strict: false })

app.use(requestContext)
app.onError(problemResponse)
app.route('/', healthRoutes)
app.route('/', dispatcherRoutes)
app.route('/', wapiRoutes)

app.notFound((c) => {
  const isApi = apiPrefixes.some((prefix) => c.req.path === prefix || c.req.path.startsWith(`${prefix}/`))
  return isApi ? notFoundResponse(c) : c.env.ASSETS.fetch(c.req.raw)
})
