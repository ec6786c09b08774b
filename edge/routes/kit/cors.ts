import { originOf } from '#edge/auth/issuer.ts'
import { isClaimedOrigin } from '#edge/services/cors.ts'
import type { AppContext, AppMiddleware } from './app-env.ts'

/** Pages of hosts that some domain claims may call the REST API (Fetch standard, CORS protocol). */
export const cors: AppMiddleware = async (c, next) => {
  const origin = c.req.header('origin')
  const allowed = origin !== undefined && isForeign(c, origin) && (await isClaimedOrigin(c.env, origin))
  if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
    return c.body(null, 204, allowed ? preflightHeaders(origin) : { vary: 'Origin' })
  }
  await next()
  c.header('vary', 'Origin', { append: true })
  if (!allowed) return
  c.header('access-control-allow-origin', origin)
  c.header('access-control-expose-headers', 'link, location, retry-after, x-trace-id')
}

const preflightHeaders = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '7200',
  vary: 'Origin',
})

const isForeign = (c: AppContext, origin: string): boolean => origin !== originOf(c.req.raw)
