import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { type GrantType, grantTypes, tokenHintRequestSchema, tokenRequestSchema } from '#shared/protocol/sapi/oauth.ts'
import { bearerOf } from '#edge/auth/identify.ts'
import { issuerOf } from '#edge/auth/issuer.ts'
import { addressOf } from '#edge/services/entry/client-address.ts'
import { grant, type Requester } from '#edge/services/login/grant.ts'
import { inquirerOf, introspect, revokeToken } from '#edge/services/login/token-state.ts'
import type { AppContext, AppEnv } from './kit/app-env.ts'
import { jsonOrFormBody, parsed, readJsonOrForm } from './kit/body.ts'
import { oauthProblemResponse } from './kit/oauth-problems.ts'
import { bootstrapped } from './kit/guards.ts'
import { scopeOf } from './kit/scope.ts'

/** RFC 6749 §5.1: what holds tokens is never stored on its way. */
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** `/sapi/o` (AUTH-1, AUTH-3). */
export const oauthRoutes = new Hono<AppEnv>()
  .use(bootstrapped)
  .post('/token', async (c) => c.json(await grant(scopeOf(c), tokenRequest(await readJsonOrForm(c.req.raw)), requesterOf(c)), 200, noStore))
  .post('/revoke', async (c) => {
    await revokeToken(scopeOf(c), await jsonOrFormBody(c.req.raw, tokenHintRequestSchema))
    return c.body(null, 200, noStore)
  })
  .post('/introspect', async (c) => {
    const scope = scopeOf(c)
    const body = await jsonOrFormBody(c.req.raw, tokenHintRequestSchema)
    const inquirer = await inquirerOf(scope, body, { requester: requesterOf(c), bearer: bearerOf(c.req.raw) })
    return c.json(await introspect(scope, body, inquirer), 200, noStore)
  })
  .onError(oauthProblemResponse)

const grantTypeSchema = z.looseObject({ grant_type: z.string() })
const isGrantType = (name: string): name is GrantType => grantTypes.some((type) => type === name)

/** An unknown grant type has an error of its own (RFC 6749 §5.2). */
function tokenRequest(body: unknown) {
  const { grant_type } = parsed(grantTypeSchema, body)
  if (!isGrantType(grant_type)) throw new AppError('unsupportedGrantType', { context: { supported: grantTypes } })
  return parsed(tokenRequestSchema, body)
}

function requesterOf(c: AppContext): Requester {
  return {
    issuer: issuerOf(c.req.raw, c.env),
    address: addressOf(c.req.raw, c.env),
    origin: c.req.header('origin'),
    authorization: c.req.header('authorization'),
  }
}
