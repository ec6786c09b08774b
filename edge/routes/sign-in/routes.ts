import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { formToken, isFormToken } from '#edge/auth/form-token.ts'
import { randomText } from '#edge/auth/bytes.ts'
import { issuerOf } from '#edge/auth/issuer.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import { providersFor } from '#edge/services/federation/providers.ts'
import { checkPassword } from '#edge/services/login/check-password.ts'
import { denied, type OpenRequest, openRequest, type Outcome, proceed, type Refusal } from '#edge/services/oauth/authorization.ts'
import { browserSession } from '#edge/services/oauth/browser-sessions.ts'
import { serves } from '#edge/services/oauth/clients.ts'
import { assertNever } from '#shared/result/result.ts'
import type { AppContext, AppEnv } from '../kit/app-env.ts'
import { jsonOrFormBody } from '../kit/body.ts'
import { requesterOf } from '../kit/requester.ts'
import { scopeOf } from '../kit/scope.ts'
import { logIn } from './browser-login.ts'
import { isInsecure, readCookie, writeCookie } from './cookies.ts'
import { paths } from './layout.ts'
import { logoutRoutes } from './logout.ts'
import type { MessageKey } from './messages.ts'
import { consentPage, loginPage, noticePage, type ProviderLink } from './pages.ts'
import { answerResponse, pageResponse, redirectTo, words } from './respond.ts'
import { style, submitScript } from './style.ts'

const text = z.string().max(16_384)
const loginSchema = z.object({ request: text, token: text, username: z.string().max(320), password: z.string().max(1024) })
const consentSchema = z.object({ request: text, token: text, decision: z.enum(['allow', 'deny']) })

/** Pages of the OAuth provider: where users log in and agree (AUTH-1). They work without scripts. */
export const signInRoutes = new Hono<AppEnv>()
  .use('/authorize/*', secureOnly)
  .use('/logout/*', secureOnly)
  .get('/authorize', async (c) => {
    const sent = new URL(c.req.url).searchParams
    const open = await openRequest(scopeOf(c), sent, issuerOf(c.req.raw, c.env))
    if (!open.ok) return refuse(c, open.error)
    const secret = readCookie(c, 'session')
    const session = await browserSession(scopeOf(c), secret)
    const outcome = await proceed(scopeOf(c), open.value, { session, issuer: issuerOf(c.req.raw, c.env) })
    // Another provider has sent the browser back without a login (services/federation/finish.ts).
    if (outcome.kind === 'login' && sent.has('federated_error'))
      return showLogin(c, open.value, { username: open.value.request.loginHint ?? '', error: { key: 'login.providerFailed' } })
    return show(c, open.value, { secret, outcome })
  })
  // OpenID Connect Core §3.1.2.1. A form of another site comes without our cookies; where it is sent to, they come along.
  .post('/authorize', async (c) => {
    const sent = await jsonOrFormBody(c.req.raw, z.record(z.string(), z.string()))
    return redirectTo(c, `${paths.authorize}?${new URLSearchParams(sent).toString()}`)
  })
  .post('/authorize/login', async (c) => {
    const form = await jsonOrFormBody(c.req.raw, loginSchema)
    const scope = scopeOf(c)
    const open = await openRequest(scope, new URLSearchParams(form.request), issuerOf(c.req.raw, c.env))
    if (!open.ok) return refuse(c, open.error)
    const { username } = form
    const context = { form: 'login', browser: readCookie(c, 'form') ?? '', request: form.request } as const
    if (!isOwnForm(c) || !(await isFormToken(c.env, form.token, context, scope.clock.now())))
      return showLogin(c, open.value, { username, error: { key: 'login.again' }, status: 403 })
    try {
      const subject = await checkPassword(scope, form, requesterOf(c))
      if (!serves(open.value.client, subject))
        return await showLogin(c, open.value, { username, error: { key: 'login.stranger' }, status: 403 })
      const secret = await logIn(c, subject)
      const session = await browserSession(scope, secret)
      const outcome = await proceed(scope, open.value, { session, issuer: issuerOf(c.req.raw, c.env), freshLogin: true })
      return await show(c, open.value, { secret, outcome })
    } catch (thrown) {
      return showLogin(c, open.value, { username, ...loginFault(thrown) })
    }
  })
  .post('/authorize/consent', async (c) => {
    const form = await jsonOrFormBody(c.req.raw, consentSchema)
    const scope = scopeOf(c)
    const issuer = issuerOf(c.req.raw, c.env)
    const open = await openRequest(scope, new URLSearchParams(form.request), issuer)
    if (!open.ok) return refuse(c, open.error)
    const secret = readCookie(c, 'session')
    const context = { form: 'consent', browser: secret ?? '', request: form.request } as const
    // Whoever was logged in then is not now: the request begins anew.
    if (!isOwnForm(c) || !(await isFormToken(c.env, form.token, context, scope.clock.now())))
      return redirectTo(c, `${paths.authorize}?${open.value.parameters.toString()}`)
    if (form.decision === 'deny') return answerResponse(c, denied(open.value, issuer), open.value.client.data.name)
    const session = await browserSession(scope, secret)
    return show(c, open.value, { secret, outcome: await proceed(scope, open.value, { session, issuer, agreed: true }) })
  })
  .route('/logout', logoutRoutes)
  .get('/pages/style.css', (c) => c.body(style, 200, { ...assetHeaders, 'content-type': 'text/css; charset=utf-8' }))
  .get('/pages/submit.js', (c) => c.body(submitScript, 200, { ...assetHeaders, 'content-type': 'text/javascript; charset=utf-8' }))
  .onError((thrown, c) => faultPage(c, thrown))

const assetHeaders = { 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' } as const

async function secureOnly(c: AppContext, next: () => Promise<void>) {
  if (isInsecure(c))
    return pageResponse(c, noticePage(words(c, undefined), { title: 'fault.title', lead: 'fault.insecure' }), { status: 400 })
  await next()
}

/** Browsers say by themselves which site a form is from (Fetch Metadata). Old ones say nothing, and the token decides. */
function isOwnForm(c: AppContext): boolean {
  const site = c.req.header('sec-fetch-site')
  return site === undefined || site === 'same-origin'
}

function refuse(c: AppContext, refusal: Refusal) {
  if (refusal.kind === 'answer') return answerResponse(c, refusal.answer, '')
  return pageResponse(c, noticePage(words(c, undefined), { title: 'fault.title', lead: `fault.${refusal.fault}` }), { status: 400 })
}

/** `secret`: the value of the session's cookie, which may be younger than the request. */
async function show(
  c: AppContext,
  open: OpenRequest,
  { secret, outcome }: { secret: string | undefined; outcome: Outcome },
): Promise<Response> {
  switch (outcome.kind) {
    case 'answer':
      return answerResponse(c, outcome.answer, open.client.data.name)
    case 'login':
      return showLogin(c, open, { username: open.request.loginHint ?? '', error: outcome.stranger ? { key: 'login.stranger' } : undefined })
    case 'consent':
      return showConsent(c, open, { username: outcome.session.subject.username, browser: secret ?? '' })
    default:
      return assertNever(outcome)
  }
}

interface LoginShown {
  readonly username: string
  readonly error?: { readonly key: MessageKey; readonly seconds?: number } | undefined
  readonly status?: 200 | 400 | 403 | 429
}

/** The way through another provider ends at the same request, with the user logged in anew. */
async function providerLinks(c: AppContext, { client, request, parameters }: OpenRequest): Promise<ProviderLink[]> {
  const { name: domain } = ownNode(client.chain)
  const again = new URLSearchParams(parameters)
  again.delete('prompt')
  if (request.prompt.includes('consent')) again.set('prompt', 'consent')
  if (request.maxAge === 0) again.delete('max_age')
  const asked = new URLSearchParams({ domain, return_to: `${paths.authorize}?${again.toString()}` })
  // What of the request the provider has to see to.
  const prompt = request.prompt.filter((word) => word === 'login' || word === 'select_account')
  if (prompt.length > 0) asked.set('prompt', prompt.toSorted().join(' '))
  if (request.maxAge !== undefined) asked.set('max_age', String(request.maxAge))
  const query = asked.toString()
  const providers = await providersFor(scopeOf(c), domain)
  return providers.map(({ name, displayName }) => ({ name: displayName, href: `${paths.federated}/${name}?${query}` }))
}

async function showLogin(c: AppContext, open: OpenRequest, { username, error, status = 200 }: LoginShown): Promise<Response> {
  const { client, request, parameters } = open
  const say = words(c, parameters)
  let browser = readCookie(c, 'form')
  if (browser === undefined) {
    browser = randomText(32)
    writeCookie(c, 'form', browser)
  }
  const fields = parameters.toString()
  const page = loginPage(say, {
    request: fields,
    token: await formToken(c.env, { form: 'login', browser, request: fields }, scopeOf(c).clock.now()),
    client: client.data.name,
    username,
    error: error === undefined ? undefined : say.t(error.key, { client: client.data.name, seconds: error.seconds ?? 0 }),
    providers: await providerLinks(c, open),
  })
  if (error?.seconds !== undefined) c.header('retry-after', String(error.seconds))
  return pageResponse(c, page, { status, endsAt: request.redirectUri })
}

async function showConsent(
  c: AppContext,
  { client, request, parameters }: OpenRequest,
  { username, browser }: { username: string; browser: string },
): Promise<Response> {
  const fields = parameters.toString()
  const otherAccount = new URLSearchParams(parameters)
  otherAccount.set('prompt', 'select_account')
  const page = consentPage(words(c, parameters), {
    request: fields,
    token: await formToken(c.env, { form: 'consent', browser, request: fields }, scopeOf(c).clock.now()),
    client: client.data.name,
    username,
    scope: request.scope,
    target: readable(request.redirectUri),
    otherAccount: `${paths.authorize}?${otherAccount.toString()}`,
  })
  return pageResponse(c, page, { endsAt: request.redirectUri })
}

/** The host of a site; of an app, the scheme that it answers to. */
const readable = (uri: string): string => {
  const { host, protocol } = new URL(uri)
  return host === '' ? protocol : host
}

function loginFault(thrown: unknown): Omit<LoginShown, 'username'> {
  const { code, context } = AppError.from(thrown)
  if (code === 'invalidGrant') return { error: { key: 'login.wrong' }, status: 400 }
  if (code === 'serviceNotEnabled') return { error: { key: 'login.notAllowed' }, status: 403 }
  if (code === 'rateLimited') return { error: { key: 'login.slowed', seconds: Number(context['retryAfter'] ?? 1) }, status: 429 }
  throw thrown
}

function faultPage(c: AppContext, thrown: unknown) {
  const error = AppError.from(thrown)
  const { code, status } = error
  c.set('errorCode', code)
  if (status >= 500) c.var.logger.error('request.failed', { code, error })
  const lead = status >= 500 ? 'fault.failed' : 'fault.parametersUnclear'
  return pageResponse(c, noticePage(words(c, undefined), { title: 'fault.title', lead }), { status })
}
