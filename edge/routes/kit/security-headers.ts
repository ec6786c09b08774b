import { originOf } from '#edge/auth/issuer.ts'
import { permissionsPolicy, policyFor } from '#edge/domain/entry/page-policy.ts'
import { routeClassOf } from '#edge/domain/entry/route-class.ts'
import type { AppContext, AppMiddleware } from './app-env.ts'

const year = 31_536_000

/** What browsers are told with every answer (OPS-1). A route that sets a header itself knows better. */
export const securityHeaders: AppMiddleware = async (c, next) => {
  await next()
  // The answer to an upgrade is immutable, and no page.
  if (c.res.status === 101) return
  // Makes a copy of answers that came from elsewhere and cannot be changed.
  c.header('x-content-type-options', 'nosniff')
  const { headers } = c.res
  for (const [name, value] of headersFor(c)) if (!headers.has(name)) headers.set(name, value)
}

function* headersFor(c: AppContext): Generator<readonly [string, string]> {
  const kind = routeClassOf(c.req.path) !== 'web' ? 'data' : c.req.path.startsWith('/docs/') ? 'documentation' : 'page'
  yield ['content-security-policy', policyFor(kind)]
  // Paths and queries of ours are nobody else's business.
  yield ['referrer-policy', 'no-referrer']
  if (originOf(c.req.raw).startsWith('https:')) yield ['strict-transport-security', `max-age=${year}`]
  if (kind === 'data') return
  yield ['permissions-policy', permissionsPolicy]
  // The documentation tries out the code flow in a window of its own, which tells its opener the outcome.
  if (kind === 'page') yield ['cross-origin-opener-policy', 'same-origin']
}
