import { createMiddleware } from 'hono/factory'
import { AppError } from '#shared/errors/AppError.ts'
import type { KnownService } from '#shared/protocol/sapi/services.ts'
import { identify } from '#edge/auth/identify.ts'
import { isAdmin } from '#edge/domain/identity/access.ts'
import { ensureBootstrapped } from '#edge/services/bootstrap.ts'
import { spendRequest } from '#edge/services/request-quotas.ts'
import { requireCapability, requireService } from '#edge/services/requirements.ts'
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

/** Stands behind `authenticated`. */
export const adminOnly = createMiddleware<IdentifiedEnv>(async (c, next) => {
  if (!isAdmin(c.var.identity)) throw new AppError('forbidden')
  await next()
})

/** Stands behind `authenticated`: the caller's domain must list the service (DOM-3). */
export const service = (name: KnownService) =>
  createMiddleware<IdentifiedEnv>(async (c, next) => {
    await requireService(c.env, c.var.identity, name)
    await next()
  })

/** Stands behind `authenticated`: no rule may take this capability of a service from the caller (CAP-1). */
export const capability = (name: string) =>
  createMiddleware<IdentifiedEnv>(async (c, next) => {
    await requireCapability(c.env, c.var.identity, name)
    await next()
  })
