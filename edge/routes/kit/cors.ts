import { originOf } from '#edge/auth/issuer.ts'
import { isClaimedOrigin } from '#edge/services/cors.ts'
import { isOriginAllowed } from '#edge/services/session-policy.ts'
import type { AppContext, AppMiddleware } from './app-env.ts'

/**
 * Which pages may call the REST API (Fetch standard, CORS protocol): those of hosts that the deployment or
 * some domain claims. What they may read is narrower: answers to callers of a domain that claims the host.
 * A refusal that was sent before anybody was identified tells nothing of a domain.
 */
export const cors: AppMiddleware = async (c, next) => {
  const origin = c.req.header('origin')
  const claimed = origin !== undefined && !isVisited(c) && isForeign(c, origin) && (await isClaimedOrigin(c.env, origin))
  if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
    return c.body(null, 204, claimed ? preflightHeaders(origin) : { vary: 'Origin' })
  }
  await next()
  c.header('vary', 'Origin', { append: true })
  if (!claimed || !(await mayRead(c, origin))) return
  c.header('access-control-allow-origin', origin)
  c.header('access-control-expose-headers', 'allow, etag, link, location, retry-after, x-trace-id')
}

const preflightHeaders = (origin: string) => ({
  'access-control-allow-origin': origin,
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, if-match, if-none-match, idempotency-key',
  'access-control-max-age': '7200',
  vary: 'Origin',
})

async function mayRead(c: AppContext, origin: string): Promise<boolean> {
  const domainId = c.var.caller?.domainId ?? c.var.subjectDomainId
  if (domainId === undefined) return true
  return isOriginAllowed(c.env, { origin, host: new URL(c.req.url).host, domainId })
}

/** The provider's pages are visited and never called by other pages (RFC 9700 §2.6). */
const isVisited = (c: AppContext): boolean => /\/sapi\/o\/(authorize|logout)(\/|$)/.test(c.req.path)

const isForeign = (c: AppContext, origin: string): boolean => origin !== originOf(c.req.raw)
