import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { type GrantType, grantTypes, tokenHintRequestSchema, tokenRequestSchema } from '#shared/protocol/sapi/oauth.ts'
import { bearerOf } from '#edge/auth/identify.ts'
import { grant } from '#edge/services/login/grant.ts'
import { userInfo } from '#edge/services/oauth/user-info.ts'
import { inquirerOf, introspect, revokeToken } from '#edge/services/login/token-state.ts'
import type { AppEnv } from './kit/app-env.ts'
import { jsonOrFormBody, parsed, readJsonOrForm } from './kit/body.ts'
import { oauthProblemResponse } from './kit/oauth-problems.ts'
import { bootstrapped } from './kit/guards.ts'
import { requesterOf } from './kit/requester.ts'
import { scopeOf } from './kit/scope.ts'
import { signInRoutes } from './sign-in/routes.ts'

/** RFC 6749 §5.1: what holds tokens is never stored on its way. */
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** `/sapi/o` (AUTH-1, AUTH-3). */
export const oauthRoutes = new Hono<AppEnv>()
  .use(bootstrapped)
  .post('/token', async (c) => c.json(await grant(scopeOf(c), tokenRequest(await readJsonOrForm(c.req.raw)), requesterOf(c)), 200, noStore))
  .post('/revoke', async (c) => {
    await revokeToken(scopeOf(c), await jsonOrFormBody(c.req.raw, tokenHintRequestSchema), requesterOf(c))
    return c.body(null, 200, noStore)
  })
  .post('/introspect', async (c) => {
    const scope = scopeOf(c)
    const body = await jsonOrFormBody(c.req.raw, tokenHintRequestSchema)
    const inquirer = await inquirerOf(scope, body, { requester: requesterOf(c), bearer: bearerOf(c.req.raw) })
    scope.noteSubject?.(inquirer.domainId)
    return c.json(await introspect(scope, body, inquirer), 200, noStore)
  })
  // OpenID Connect Core §5.3.1.
  .on(['GET', 'POST'], '/userinfo', async (c) => c.json(await userInfo(scopeOf(c), bearerOf(c.req.raw)), 200, noStore))
  .onError(oauthProblemResponse)
  .route('/', signInRoutes)

const grantTypeSchema = z.looseObject({ grant_type: z.string() })
const isGrantType = (name: string): name is GrantType => grantTypes.some((type) => type === name)

/** An unknown grant type has an error of its own (RFC 6749 §5.2). */
function tokenRequest(body: unknown) {
  const { grant_type } = parsed(grantTypeSchema, body)
  if (!isGrantType(grant_type)) throw new AppError('unsupportedGrantType', { context: { supported: grantTypes } })
  return parsed(tokenRequestSchema, body)
}
