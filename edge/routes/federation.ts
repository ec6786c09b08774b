import { Hono } from 'hono'
import { listFederatedQuerySchema, startFederatedQuerySchema } from '#shared/protocol/sapi/federation.ts'
import { issuerOf } from '#edge/auth/issuer.ts'
import { addressOf } from '#edge/services/entry/client-address.ts'
import { finishFederated } from '#edge/services/federation/finish.ts'
import type { Sent } from '#edge/services/federation/flow.ts'
import { providersFor } from '#edge/services/federation/providers.ts'
import { startFederated } from '#edge/services/federation/start.ts'
import type { AppContext, AppEnv } from './kit/app-env.ts'
import { query } from './kit/body.ts'
import { bootstrapped } from './kit/guards.ts'
import { oauthProblemResponse } from './kit/oauth-problems.ts'
import { scopeOf } from './kit/scope.ts'
import { logIn } from './sign-in/browser-login.ts'

/** `/sapi/o/federated` (AUTH-2). What pages may learn without anybody being signed in, and the two ways of a browser. */
export const federationRoutes = new Hono<AppEnv>()
  .use(bootstrapped)
  .get('/', async (c) => c.json(await providersFor(scopeOf(c), query(c.req.url, listFederatedQuerySchema).domain)))
  .get('/callback', async (c) => {
    const issuer = issuerOf(c.req.raw, c.env)
    const { search } = new URL(c.req.url)
    const returned = await finishFederated(scopeOf(c), {
      search,
      issuer,
      cookies: c.req.header('cookie') ?? null,
      address: addressOf(c.req.raw, c.env),
    })
    if (returned.session !== undefined) await logIn(c, returned.session)
    return redirect(c, returned)
  })
  .get('/:provider', async (c) => {
    const site = c.req.header('sec-fetch-site')
    const request = {
      ...query(c.req.url, startFederatedQuerySchema),
      provider: c.req.param('provider'),
      fromOwnPage: site === undefined || site === 'same-origin',
    }
    return redirect(c, await startFederated(scopeOf(c), request, issuerOf(c.req.raw, c.env)))
  })
  .onError(oauthProblemResponse)

/** RFC 9700 §4.12: 303, so that no browser repeats a body. Nothing of the way is told to the next page or kept. */
function redirect(c: AppContext, { location, cookies, error }: Sent): Response {
  if (error !== undefined) {
    c.set('errorCode', error.code)
    c.var.logger.warn('federation.failed', { code: error.code, error })
  }
  c.header('referrer-policy', 'no-referrer')
  c.header('cache-control', 'no-store')
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true })
  return c.redirect(location, 303)
}
