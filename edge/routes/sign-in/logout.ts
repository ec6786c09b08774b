import { Hono } from 'hono'
import { z } from 'zod'
import { formToken, isFormToken } from '#edge/auth/form-token.ts'
import { browserSession } from '#edge/services/oauth/browser-sessions.ts'
import { logOut, needsConfirmation, openLogout } from '#edge/services/oauth/logout.ts'
import type { AppContext, AppEnv } from '../kit/app-env.ts'
import { jsonOrFormBody } from '../kit/body.ts'
import { scopeOf } from '../kit/scope.ts'
import { dropCookie, readCookie } from './cookies.ts'
import { logoutPage, noticePage } from './pages.ts'
import { pageResponse, redirectTo, words } from './respond.ts'

const bodySchema = z.record(z.string(), z.string())

/** `/sapi/o/logout` (OpenID Connect RP-Initiated Logout). */
export const logoutRoutes = new Hono<AppEnv>()
  .get('/', (c) => answer(c, new URL(c.req.url).searchParams, { confirmed: false }))
  .post('/', async (c) => {
    const { request, token, ...sent } = await jsonOrFormBody(c.req.raw, bodySchema)
    if (request === undefined || token === undefined) return answer(c, new URLSearchParams(sent), { confirmed: false })
    const context = { form: 'logout', browser: readCookie(c, 'session') ?? '', request } as const
    const confirmed = await isFormToken(c.env, token, context, scopeOf(c).clock.now())
    return answer(c, new URLSearchParams(request), { confirmed })
  })

async function answer(c: AppContext, parameters: URLSearchParams, { confirmed }: { confirmed: boolean }) {
  const scope = scopeOf(c)
  const request = await openLogout(scope, parameters)
  const say = words(c, parameters)
  if (!request.ok) return pageResponse(c, noticePage(say, { title: 'fault.title', lead: `fault.${request.error}` }), { status: 400 })
  const secret = readCookie(c, 'session')
  const session = await browserSession(scope, secret)
  if (!confirmed && session !== undefined && needsConfirmation(request.value, session)) {
    const fields = parameters.toString()
    const token = await formToken(c.env, { form: 'logout', browser: secret ?? '', request: fields }, scope.clock.now())
    const page = logoutPage(say, { request: fields, token, username: session.subject.username })
    return pageResponse(c, page, request.value.redirectTo === undefined ? {} : { endsAt: request.value.redirectTo })
  }
  await logOut(scope, request.value, secret)
  if (secret !== undefined) dropCookie(c, 'session')
  if (request.value.redirectTo !== undefined) return redirectTo(c, request.value.redirectTo)
  return pageResponse(c, noticePage(say, { title: 'logout.doneTitle', lead: 'logout.done' }))
}
