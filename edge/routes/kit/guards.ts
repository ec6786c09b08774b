import { createMiddleware } from 'hono/factory'
import { identify } from '#edge/auth/identify.ts'
import { ensureBootstrapped } from '#edge/services/bootstrap.ts'
import { spendRequest } from '#edge/services/request-quotas.ts'
import type { AppEnv, IdentifiedEnv } from './app-env.ts'

/** Nothing is served before the deployment has its first domain and admin. */
export const bootstrapped = createMiddleware<AppEnv>(async (c, next) => {
  await ensureBootstrapped(c.env)
  await next()
})

/**
 * Sets `identity` from the request's access token, and counts the request against the quotas of its domain.
 * @throws AppError `unauthenticated`, `tokenExpired`, `tokenRevoked`, `rateLimited`.
 */
export const authenticated = createMiddleware<IdentifiedEnv>(async (c, next) => {
  const identity = await identify(c.req.raw, c.env)
  c.set('identity', identity)
  c.set('caller', identity)
  await spendRequest(c.env, identity)
  await next()
})
