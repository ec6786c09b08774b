import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#shared/time/clock.ts'
import { Logger } from '#shared/log/logger.ts'
import { AppError } from '#shared/errors/AppError.ts'
import { database } from '#edge/db/d1/database.ts'
import { checkPassword } from '#edge/services/login/check-password.ts'
import { openLogin } from '#edge/services/login/open-login.ts'
import { maintain } from '#edge/services/maintenance.ts'
import { openRequest, proceed } from '#edge/services/oauth/authorization.ts'
import { browserSession, openBrowserSession } from '#edge/services/oauth/browser-sessions.ts'
import type { Scope } from '#edge/services/scope.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  expectOAuthError,
  expectProblem,
  login,
  type Made,
  origin,
  requestToken,
  startAnew,
  userPassword,
} from './testing/api.ts'
import { Browser } from './testing/browser.ts'
import { exchange as exchangePageCode, federatedLogin, fragmentOf, wayBack, type Way } from './testing/federated-login.ts'
import { LoginProvider } from './testing/login-provider.ts'
import { authorize, authorizeUrl, basicOf, codeFor, exchange, registerClient, tokensFor } from './testing/oauth.ts'

/** A login lasts no longer than what it was made with: a password, an OAuth client, the word of a login provider. */

const deferred: Promise<void>[] = []
const scope: Scope = {
  env,
  db: database(env.DB),
  clock: systemClock,
  logger: new Logger({ sink: () => {}, level: 'error' }),
  defer: (task) => void deferred.push(task),
}

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services: { login: [], oauth2client: [] }, settings: { logins: { createOAuthUser: true } } })
})

afterEach(async () => {
  await Promise.all(deferred.splice(0))
  vi.unstubAllGlobals()
})

const refresh = (token: string | undefined, options: Parameters<typeof requestToken>[1] = {}) =>
  requestToken({ grant_type: 'refresh_token', refresh_token: token }, options)
const refuses = async (work: Promise<unknown>) =>
  expect(await work.catch((thrown: unknown) => AppError.from(thrown).code)).toBe('invalidGrant')

describe('a password', () => {
  beforeEach(async () => void (await createUser('a', 'alice')))

  it('that is replaced while it is being checked opens nothing', async () => {
    const { access_token: token } = await login('alice@a', userPassword)
    const checked = await checkPassword(scope, { username: 'alice@a', password: userPassword }, { address: undefined })
    const earlier = await openBrowserSession(scope, checked)
    const session = await browserSession(scope, earlier)
    const json = { current: userPassword, password: 'quite another password' }
    expect((await call('/sapi/users/me/password', { method: 'PUT', json, token })).status).toBe(204)
    await refuses(openLogin(scope, checked, { issuer: origin }))
    await refuses(openBrowserSession(scope, checked))
    // Nor does the browser that was logged in a moment ago.
    const client = await registerClient({ trusted: true })
    const open = await openRequest(scope, new URL(await authorizeUrl(client), origin).searchParams, origin)
    if (!open.ok || session === undefined) throw new Error('Neither the request nor the session is wrong')
    await refuses(proceed(scope, open.value, { session, issuer: origin }))
    expect(await env.DB.prepare('select count(*) as n from oauth_codes').first()).toEqual({ n: 0 })
  })

  it('takes its logins along where its lease ends', async () => {
    const [tokens, other] = [await login('alice@a', userPassword), await login('alice@a', userPassword)]
    const client = await registerClient()
    const browser = new Browser()
    const ofClient = await tokensFor(client, { browser })
    await env.DB.prepare(`update credentials set expires_at = ? where type = 'basic' and secret_hash <> '' and user_id in
      (select id from users where username = 'alice')`)
      .bind(Date.now() - 1)
      .run()
    await expectOAuthError(await refresh(other.refresh_token), 400, 'invalid_grant')
    await expectOAuthError(await refresh(ofClient.refresh_token, { headers: basicOf(client) }), 400, 'invalid_grant')
    const silent = await browser.open(await authorizeUrl(client, { prompt: 'none' }))
    expect(silent.answer).toMatchObject({ error: 'login_required' })
    // Those who ask about a token learn it at once; whoever has one, when the login is removed.
    const asked = { token: tokens.access_token }
    const asAdmin = { token: await adminToken() }
    expect(await expectJson(await call('/sapi/identity', { json: asked, ...asAdmin }), 200)).toEqual({ valid: false })
    for (const token of [tokens.access_token, tokens.refresh_token])
      expect(await expectJson(await call('/sapi/o/introspect', { form: { token }, ...asAdmin }), 200)).toEqual({ active: false })
    expect((await call('/sapi/users/me', asked)).status).toBe(200)
    await maintain(scope)
    await expectDead(tokens)
    const left = env.DB.prepare(`select count(*) as n from logins where user_id in (select id from users where username = 'alice')`)
    expect(await left.first()).toEqual({ n: 0 })
  })
})

describe('an OAuth client', () => {
  beforeEach(async () => void (await createUser('a', 'alice')))

  const change = async (client: { clientId: string }, data: Record<string, unknown>) =>
    expectJson(await call(`/sapi/credentials/${client.clientId}`, { method: 'PATCH', json: { data }, token: await adminToken() }), 200)

  it.each<[string, Record<string, unknown>]>([
    ['scopes', { scopes: ['openid', 'sapi', 'offline_access'] }],
    ['grants', { grantTypes: ['authorization_code'] }],
    ['a lower role', { role: 'user' }],
  ])('with fewer %s loses its tokens and codes', async (_, data) => {
    const client = await registerClient({ role: 'admin' })
    const browser = new Browser()
    const tokens = await tokensFor(client, { browser })
    const code = await codeFor(client, { browser })
    await change(client, { name: 'Another name' })
    expect((await call('/sapi/users/me', { token: tokens.access_token })).status).toBe(200)
    await change(client, data)
    await expectProblem(await call('/sapi/users/me', { token: tokens.access_token }), 401, 'tokenRevoked')
    await expectOAuthError(await exchange(client, code), 400, 'invalid_grant')
  })

  it('is given at a refresh what it is registered for then, and nothing without offline_access', async () => {
    const client = await registerClient()
    const { refresh_token: token } = await tokensFor(client)
    const store = (scopes: readonly string[]) =>
      env.DB.prepare(`update credentials set data = json_set(data, '$.scopes', json(?)) where id = ?`)
        .bind(JSON.stringify(scopes), client.clientId)
        .run()
    await store(['openid', 'offline_access', 'sapi'])
    const next = await expectJson<{ scope: string; refresh_token: string }>(await refresh(token, { headers: basicOf(client) }), 200)
    expect(next.scope.split(' ').toSorted()).toEqual(['offline_access', 'openid', 'sapi'])
    await store(['openid', 'sapi'])
    await expectOAuthError(await refresh(next.refresh_token, { headers: basicOf(client) }), 400, 'invalid_grant')
  })
})

describe('a login provider', () => {
  let provider: LoginProvider

  beforeEach(async () => {
    provider = await LoginProvider.start()
    provider.userInfo = { preferred_username: 'ann' }
  })

  const configured = async () =>
    expectJson<Made>(
      await call('/sapi/oauthProviders', { json: { ...provider.configuration, domain: 'a' }, token: await adminToken() }),
      201,
    )

  it.each<[string, Record<string, unknown>]>([
    ['is put out of use', { enabled: false }],
    ['knows us as another client', { clientId: 'another' }],
    ['is another one', { issuer: 'https://other.example', clientSecret: 'another secret' }],
  ])('that %s takes its logins along', async (_, fields) => {
    const { id } = await configured()
    const change = async (json: Record<string, unknown>) =>
      expectJson(await call(`/sapi/oauthProviders/${id}`, { method: 'PATCH', json, token: await adminToken() }), 200)
    const tokens = await federatedLogin(provider)
    const code = fragmentOf(await wayBack(provider)).get('federated_code') ?? ''
    await change({ displayName: 'Another name' })
    expect((await call('/sapi/users/me', { token: tokens.access_token })).status).toBe(200)
    await change(fields)
    await expectDead(tokens)
    await expectOAuthError(await exchangePageCode(code), 400, 'invalid_grant')
  })

  const way = (fields: Record<string, unknown> = {}): Way & { env: { RINGWAY_OAUTH_PROVIDERS: string } } => ({
    env: { RINGWAY_OAUTH_PROVIDERS: JSON.stringify([{ ...provider.configuration, ...fields }]) },
  })

  it.each<[string, () => { RINGWAY_OAUTH_PROVIDERS: string }]>([
    ['is not configured any more', () => ({ RINGWAY_OAUTH_PROVIDERS: '[]' })],
    ['is put out of use', () => way({ enabled: false }).env],
    ['is another one', () => way({ issuer: 'https://other.example' }).env],
  ])('of the deployment that %s keeps no login alive', async (_, after) => {
    const tokens = await federatedLogin(provider, way())
    const next = await expectJson<{ refresh_token: string }>(await refresh(tokens.refresh_token, way()), 200)
    await expectOAuthError(await refresh(next.refresh_token, { env: after() }), 400, 'invalid_grant')
  })

  it('of the deployment keeps none alive where the domain switches it off', async () => {
    const tokens = await federatedLogin(provider, way())
    await configured()
    const next = await expectJson<{ refresh_token: string }>(await refresh(tokens.refresh_token, way()), 200)
    await env.DB.prepare('update oauth_providers set enabled = 0').run()
    await expectOAuthError(await refresh(next.refresh_token, way()), 400, 'invalid_grant')
  })

  it('ends what it has vouched for, and not what a password has', async () => {
    const { id } = await configured()
    const ofProvider = await federatedLogin(provider)
    const client = await registerClient({ trusted: true })
    await createUser('a', 'alice')
    const browser = new Browser()
    expect((await authorize(client, { browser })).answer['code']).toBeDefined()
    await call(`/sapi/oauthProviders/${id}`, { method: 'PATCH', json: { enabled: false }, token: await adminToken() })
    await expectDead(ofProvider)
    expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer['code']).toBeDefined()
  })
})
