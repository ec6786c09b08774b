import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  type Made,
  origin,
  startAnew,
  tokenOf,
  userPassword,
} from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import { authorize, authorizeUrl, logIn, redirectUri, registerClient, type TestClient, tokensFor } from '../testing/oauth.ts'

let client: TestClient

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createUser('a', 'alice')
  client = await registerClient()
})

describe('a request whose client or redirect URI is not certain goes nowhere (RFC 6749 §4.1.2.1)', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
    ['no redirect URI', { redirect_uri: undefined }],
    ['another redirect URI', { redirect_uri: 'https://evil.example/callback' }],
    ['a longer path', { redirect_uri: `${redirectUri}/more` }],
    ['a query of its own', { redirect_uri: `${redirectUri}?next=https://evil.example` }],
    ['another spelling', { redirect_uri: 'https://CLIENT.example/callback' }],
    ['a path that is climbed out of', { redirect_uri: 'https://client.example/callback/../callback' }],
    ['a user that looks like the host', { redirect_uri: 'https://client.example@evil.example/callback' }],
  ])('%s', async (_, parameters) => {
    const { response, text } = await new Browser().open(await authorizeUrl(client, parameters))
    expect(response.status).toBe(400)
    expect(text).toContain('This cannot go on')
  })

  it('a parameter that is there twice', async () => {
    const { response } = await new Browser().open(`${await authorizeUrl(client)}&redirect_uri=https://evil.example`)
    expect(response.status).toBe(400)
  })

  it('a client out of use, or of a domain out of use', async () => {
    await env.DB.prepare('update credentials set expires_at = ? where id = ?').bind(1, client.clientId).run()
    expect((await new Browser().open(await authorizeUrl(client))).response.status).toBe(400)
    const other = await registerClient()
    await env.DB.prepare(`update domains set disabled = 1 where name = 'a'`).run()
    expect((await new Browser().open(await authorizeUrl(other))).response.status).toBe(400)
  })
})

describe('what is wrong otherwise is told to the client, with state and issuer', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ['no PKCE (RFC 9700 §2.1.1)', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE in plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is no hash', { code_challenge: 'short' }, 'invalid_request'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['a hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['an answer in the fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['nothing but unknown scopes', { scope: 'admin root' }, 'invalid_scope'],
    ['prompt none among others', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
    ['a maximal age that is none', { max_age: '-1' }, 'invalid_request'],
    ['a request object', { request: 'ey.ey.x' }, 'request_not_supported'],
    ['the URI of one', { request_uri: 'https://client.example/r' }, 'request_uri_not_supported'],
    ['nobody logged in, and nobody to be asked', { prompt: 'none' }, 'login_required'],
  ])('%s', async (_, parameters, error) => {
    const { answer, sentTo } = await new Browser().open(await authorizeUrl(client, parameters))
    expect(`${sentTo.origin}${sentTo.pathname}`).toBe(redirectUri)
    expect(answer).toEqual({ error, error_description: expect.any(String), state: 'the state', iss: origin })
  })

  it('a client that is not registered for codes', async () => {
    const machine = await registerClient({ grantTypes: ['client_credentials'] })
    expect((await new Browser().open(await authorizeUrl(machine))).answer).toMatchObject({ error: 'unauthorized_client' })
  })

  it('a user who does not agree', async () => {
    const consent = await logIn(await new Browser().open(await authorizeUrl(client)))
    const { answer } = await consent.submit({ decision: 'deny' })
    expect(answer).toEqual({ error: 'access_denied', error_description: expect.any(String), state: 'the state', iss: origin })
    expect(await env.DB.prepare('select count(*) as n from oauth_codes').first()).toEqual({ n: 0 })
  })
})

describe('who is asked for what', () => {
  it('consent once, and again for more', async () => {
    const browser = new Browser()
    const first = await logIn(await browser.open(await authorizeUrl(client, { scope: 'openid' })))
    expect(first.text).toContain('Allow Board?')
    expect(first.text).toContain('Know who you are')
    expect(first.text).not.toContain('Make and take calls')
    expect((await first.submit({ decision: 'allow' })).answer['code']).toBeDefined()
    const silent = { prompt: 'none', scope: 'openid wapi' }
    expect((await browser.open(await authorizeUrl(client, silent))).answer).toMatchObject({ error: 'consent_required' })
    const more = await browser.open(await authorizeUrl(client, { scope: 'openid wapi' }))
    expect(more.text).toContain('Make and take calls as you')
    await more.submit({ decision: 'allow' })
    expect((await browser.open(await authorizeUrl(client, silent))).answer['code']).toBeDefined()
    expect((await browser.open(await authorizeUrl(client, { prompt: 'consent' }))).action).toMatch(/consent$/)
  })

  it('not of a trusted client', async () => {
    const own = await registerClient({ trusted: true })
    expect((await logIn(await new Browser().open(await authorizeUrl(own)))).answer['code']).toBeDefined()
  })

  it('each time of an app whose identity nobody can prove (RFC 8252 §8.6)', async () => {
    const native = await registerClient({ authMethod: 'none', redirectUris: ['com.example.app:/cb'] })
    const browser = new Browser()
    const parameters = { redirect_uri: 'com.example.app:/cb' }
    expect((await authorize(native, { browser, parameters })).answer['code']).toBeDefined()
    const again = await browser.open(await authorizeUrl(native, parameters))
    expect(again.action).toMatch(/consent$/)
    expect(again.text).toContain('You will be sent to com.example.app:')
  })

  it('a login again where the client wants one: prompt, max_age, another user', async () => {
    const browser = new Browser()
    const { id_token } = await tokensFor(client, { browser })
    expect((await browser.open(await authorizeUrl(client, { prompt: 'login' }))).action).toMatch(/login$/)
    expect((await browser.open(await authorizeUrl(client, { prompt: 'select_account' }))).action).toMatch(/login$/)
    expect((await browser.open(await authorizeUrl(client, { max_age: '100' }))).answer['code']).toBeDefined()
    await env.DB.prepare('update browser_sessions set auth_time = auth_time - 101000').run()
    const old = await browser.open(await authorizeUrl(client, { max_age: '100' }))
    expect((await logIn(old)).answer['code']).toBeDefined()
    expect((await logIn(await browser.open(await authorizeUrl(client, { prompt: 'login' })))).answer['code']).toBeDefined()
    expect((await logIn(await browser.open(await authorizeUrl(client, { max_age: '0' })))).answer['code']).toBeDefined()
    expect((await browser.open(await authorizeUrl(client, { prompt: 'none', id_token_hint: id_token }))).answer['code']).toBeDefined()
    const carol = await createUser('a', 'carol')
    const other = await tokensFor(client, { username: 'carol@a' })
    expect(carol.id).toBeDefined()
    const hinted = await browser.open(await authorizeUrl(client, { prompt: 'none', id_token_hint: other.id_token }))
    expect(hinted.answer).toMatchObject({ error: 'login_required' })
  })

  it('another account, from the consent page', async () => {
    await createUser('a', 'carol')
    const consent = await logIn(await new Browser().open(await authorizeUrl(client)))
    const link = /<a href="([^"]+)">Use another account/.exec(consent.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const login = await consent.browser.open(link)
    expect((await logIn(login, 'carol@a')).text).toContain('You are signed in as carol@a.')
  })

  it('an account that the client serves: its domain and those under it', async () => {
    await createDomain('child', { parent: 'a' })
    await createDomain('b')
    await createUser('child', 'carol')
    await createUser('b', 'bob')
    expect((await authorize(client, { username: 'carol@child' })).answer['code']).toBeDefined()
    const refused = await logIn(await new Browser().open(await authorizeUrl(client)), 'bob@b')
    expect(refused.response.status).toBe(403)
    expect(refused.text).toContain('This account cannot be used with Board.')
    expect(refused.browser.cookies.has('__Host-ringway-session')).toBe(false)
    const there = await registerClient({}, { domain: 'b' })
    const browser = new Browser()
    await authorize(there, { browser, username: 'bob@b' })
    expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer).toMatchObject({ error: 'login_required' })
    expect((await browser.open(await authorizeUrl(client))).text).toContain('Sign in with another one.')
  })
})

describe('a session of a browser', () => {
  it.each<[string, (alice: Made) => Promise<unknown>]>([
    [
      'the user out of use, also once in use again',
      async ({ id }) => [await change(id, { disabled: true }), await change(id, { disabled: false })],
    ],
    ['another role', ({ id }) => change(id, { role: 'admin' })],
    ['another password, by an admin', async ({ id }) => setPassword(id)],
    ['another password, by the user', () => setOwnPassword()],
    ['twelve hours', () => env.DB.prepare('update browser_sessions set expires_at = ?').bind(Date.now()).run()],
    ['a domain that no longer lists login', () => env.DB.prepare(`update domains set services = '{}' where name = 'a'`).run()],
  ])('ends with %s', async (_, change) => {
    const browser = new Browser()
    await tokensFor(client, { browser })
    const [alice] = await expectJson<Made[]>(await call('/sapi/users?q=alice', { token: await adminToken() }), 200)
    await change(alice ?? { id: '' })
    expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer).toMatchObject({ error: 'login_required' })
  })

  it('is stored as a hash only', async () => {
    const browser = new Browser()
    await tokensFor(client, { browser })
    const rows = JSON.stringify(await env.DB.prepare('select * from browser_sessions').all())
    expect(rows).not.toContain(browser.cookies.get('__Host-ringway-session') ?? 'nothing')
  })
})

const change = async (user: string, json: Record<string, unknown>) =>
  expectJson(await call(`/sapi/users/${user}`, { method: 'PATCH', json, token: await adminToken() }), 200)

const setOwnPassword = async () => {
  const json = { current: userPassword, password: 'another password' }
  const answer = await call('/sapi/users/me/password', { method: 'PUT', json, token: await tokenOf('alice@a') })
  expect(answer.status).toBe(204)
}

const setPassword = async (user: string) =>
  expectJson(
    await call('/sapi/credentials', { json: { type: 'basic', user, data: { password: 'another password' } }, token: await adminToken() }),
    201,
  )

it('a client may send its request as a form (OpenID Connect Core §3.1.2.1)', async () => {
  const form = Object.fromEntries(new URL(await authorizeUrl(client), origin).searchParams)
  const page = await new Browser().open('/sapi/o/authorize', { form })
  expect(page.action).toMatch(/login$/)
})

describe('the implicit grant (RFC 9700 §2.1.2)', () => {
  const token = { response_type: 'token', code_challenge: undefined, code_challenge_method: undefined }

  it('is there only where the deployment and the client have it, and gives no refresh token', async () => {
    const old = await registerClient({ grantTypes: ['implicit'] })
    const closed = await new Browser().open(await authorizeUrl(old, token))
    expect(closed.answer).toEqual({})
    expect(closed.sentTo.hash).toContain('error=unsupported_response_type')
    const implicit = { env: { RINGWAY_OAUTH_IMPLICIT: '1' } }
    const refused = await call(await authorizeUrl(client, token), implicit)
    expect(refused.headers.get('location')).toContain('#error=unauthorized_client')
    const login = await call(await authorizeUrl(old, token), implicit)
    expect({ status: login.status, text: await login.text() }).toMatchObject({ status: 200, text: expect.stringContaining('password') })
    const browser = new Browser()
    await authorize(client, { browser })
    const cookie = `__Host-ringway-session=${browser.cookies.get('__Host-ringway-session')}`
    const trusted = await registerClient({ grantTypes: ['implicit'], trusted: true })
    const answer = await call(await authorizeUrl(trusted, token), { ...implicit, headers: { cookie } })
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.search).toBe('')
    const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)))
    expect(given).toMatchObject({ token_type: 'Bearer', expires_in: '3600', state: 'the state', iss: origin })
    expect(given['refresh_token']).toBeUndefined()
    expect((await call('/sapi/users/me', { token: given['access_token'] })).status).toBe(200)
  })
})
