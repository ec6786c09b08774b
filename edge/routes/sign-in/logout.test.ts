import { beforeEach, expect, it, vi } from 'vitest'
import { call, createDomain, createUser, env, expectJson, startAnew } from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import { authorize, authorizeUrl, registerClient, type TestClient, tokensFor } from '../testing/oauth.ts'

/** OpenID Connect RP-Initiated Logout. With an ID token of the user it is proven in openid-client.test.ts. */

const after = 'https://client.example/bye'
let client: TestClient

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createUser('a', 'alice')
  client = await registerClient({ postLogoutRedirectUris: [after] })
})

const url = (parameters: Record<string, string>) => `/sapi/o/logout?${new URLSearchParams(parameters).toString()}`

const isLoggedIn = async (browser: Browser) =>
  (await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer['error'] === undefined

it('asks the user where the client does not prove that it means this user', async () => {
  await createUser('a', 'carol')
  const browser = new Browser()
  await authorize(client, { browser })
  const { id_token = '' } = await tokensFor(client, { username: 'carol@a' })
  const requests: Record<string, string>[] = [
    {},
    { client_id: client.clientId, post_logout_redirect_uri: after },
    { id_token_hint: id_token, post_logout_redirect_uri: after },
    { id_token_hint: `${id_token}x`, client_id: client.clientId },
  ]
  for (const parameters of requests) {
    const page = await browser.open(url(parameters))
    expect(page.text).toContain('Sign out? You are signed in as alice@a.')
    expect(await isLoggedIn(browser)).toBe(true)
  }
  const page = await browser.open(url({ client_id: client.clientId, post_logout_redirect_uri: after, state: 's' }))
  expect((await page.submit({})).sentTo.href).toBe(`${after}?state=s`)
  expect(await isLoggedIn(browser)).toBe(false)
  expect(
    await env.DB.prepare(`select count(*) as n from browser_sessions join users on users.id = user_id where username = 'alice'`).first(),
  ).toEqual({
    n: 0,
  })
})

it('takes no other site’s word for the user’s', async () => {
  const browser = new Browser()
  await authorize(client, { browser })
  const page = await browser.open(url({}))
  const forged = await browser.open('/sapi/o/logout', { form: { ...page.hidden, token: '1.x' } })
  expect(forged.text).toContain('Sign out?')
  expect(await isLoggedIn(browser)).toBe(true)
  expect((await page.submit({})).text).toContain('You are signed out')
})

it('sends nobody where the client has not registered', async () => {
  const other = await registerClient({ name: 'Other' })
  const { id_token = '' } = await tokensFor(client)
  const requests: Record<string, string>[] = [
    { client_id: client.clientId, post_logout_redirect_uri: 'https://evil.example/' },
    { client_id: other.clientId, post_logout_redirect_uri: after },
    { post_logout_redirect_uri: after },
    { id_token_hint: id_token, client_id: other.clientId },
  ]
  for (const parameters of requests) expect((await new Browser().open(url(parameters))).response.status).toBe(400)
})

it('ends the login of an ID token that has expired, by POST too, and no other login', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 7200_000)
  const { id_token = '', refresh_token = '' } = await tokensFor(client)
  vi.restoreAllMocks()
  const bystander = await tokensFor(client)
  const form = { id_token_hint: id_token, post_logout_redirect_uri: after }
  const response = await call('/sapi/o/logout', { form })
  expect(response.headers.get('location')).toBe(after)
  const { access_token } = bystander
  expect((await call('/sapi/users/me', { token: access_token })).status).toBe(200)
  const state = await call('/sapi/o/introspect', { form: { token: refresh_token }, token: access_token })
  expect(await expectJson(state, 200)).toEqual({ active: false })
  expect(await env.DB.prepare('select count(*) as n from logins where client_id is not null').first()).toEqual({ n: 1 })
})
