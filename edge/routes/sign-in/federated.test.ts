import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adminToken, call, createDomain, env, expectJson, expectOAuthError, requestToken, startAnew } from '../testing/api.ts'
import { Browser, type Visit } from '../testing/browser.ts'
import { LoginProvider } from '../testing/login-provider.ts'
import { authorizeUrl, basicOf, exchange, registerClient, type TestClient } from '../testing/oauth.ts'

/** Another provider's word at our own authorization endpoint: who is logged in there is logged in for the client. */

let provider: LoginProvider
let client: TestClient

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services: { login: [], oauth2client: [] }, settings: { logins: { createOAuthUser: true } } })
  client = await registerClient()
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'ann' }
  const json = { ...provider.configuration, domain: 'a' }
  await expectJson(await call('/sapi/oauthProviders', { json, token: await adminToken() }), 201)
})

afterEach(() => vi.unstubAllGlobals())

const linkOf = (page: Visit): string =>
  /<a class="button" href="([^"]+)">Continue with Acme ID/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? ''

/** From the login page to the provider, where the user signs in, and as far as that leads. */
async function through(page: Visit): Promise<Visit> {
  const there = await page.browser.open(linkOf(page))
  return page.browser.open(provider.signedIn(there.sentTo.href))
}

it('logs in for the client, after whose page nobody is asked again', async () => {
  const browser = new Browser()
  const consent = await through(await browser.open(await authorizeUrl(client)))
  expect(consent.text).toContain('You are signed in as ann@a.')
  const { answer } = await consent.submit({ decision: 'allow' })
  const tokens = await expectJson(await exchange(client, answer['code'] ?? ''), 200)
  expect(decodeJwt(String(tokens['access_token']))).toMatchObject({ username: 'ann@a', client_id: client.clientId })
  expect([...browser.cookies.keys()]).toEqual(['__Host-ringway-session'])
  expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer['code']).toBeDefined()
  // The login stands and falls with the domain's way to federate.
  await env.DB.prepare(`update domains set services = '{"login":[]}' where name = 'a'`).run()
  expect((await browser.open(await authorizeUrl(client, { prompt: 'none' }))).answer).toMatchObject({ error: 'login_required' })
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] }
  await expectOAuthError(await requestToken(refresh, { headers: basicOf(client) }), 400, 'invalid_grant')
})

describe('a request that wants a login anew, or one that is not old', () => {
  const now = () => Math.floor(Date.now() / 1000)

  it.each<[Record<string, string>, Record<string, string | null>]>([
    [{}, { prompt: null, max_age: null }],
    [{ prompt: 'login' }, { prompt: 'login', max_age: '0' }],
    [{ prompt: 'login consent' }, { prompt: 'login', max_age: '0' }],
    [{ prompt: 'select_account' }, { prompt: 'select_account', max_age: null }],
    [{ max_age: '0' }, { prompt: null, max_age: '0' }],
    [{ max_age: '600' }, { prompt: null, max_age: '600' }],
    [
      { max_age: '600', prompt: 'login' },
      { prompt: 'login', max_age: '0' },
    ],
  ])('with %j asks the provider for %j', async (parameters, asked) => {
    const page = await new Browser().open(await authorizeUrl(client, parameters))
    const { searchParams } = (await page.browser.open(linkOf(page))).sentTo
    expect(Object.fromEntries(Object.keys(asked).map((name) => [name, searchParams.get(name)]))).toEqual(asked)
  })

  it.each<[Record<string, string>, () => unknown, boolean]>([
    [{ prompt: 'login' }, now, true],
    [{ prompt: 'login' }, () => now() - 300, false],
    [{ prompt: 'login' }, () => undefined, false],
    [{ max_age: '0' }, now, true],
    [{ max_age: '0' }, () => now() - 300, false],
    [{ max_age: '600' }, () => now() - 300, true],
    [{ max_age: '600' }, () => now() - 700, false],
    [{ max_age: '600' }, () => 'just now', false],
    [{}, () => now() - 100_000, true],
    [{}, () => undefined, true],
  ])('with %j is held to when the provider says that was', async (parameters, authTime, isIn) => {
    provider.idToken = { auth_time: authTime() }
    const page = await through(await new Browser().open(await authorizeUrl(client, parameters)))
    expect(page.action).toMatch(isIn ? /consent$/ : /login$/)
    expect(page.text.includes('You could not be signed in that way.')).toBe(!isIn)
  })

  it('goes for later ones of this browser too: the client is told when it really was', async () => {
    const seconds = now() - 300
    provider.idToken = { auth_time: seconds }
    const browser = new Browser()
    const consent = await through(await browser.open(await authorizeUrl(client)))
    const { answer } = await consent.submit({ decision: 'allow' })
    const tokens = await expectJson<{ id_token: string }>(await exchange(client, answer['code'] ?? ''), 200)
    expect(decodeJwt(tokens.id_token)).toMatchObject({ auth_time: seconds })
    const stale = await browser.open(await authorizeUrl(client, { max_age: '60', prompt: 'none' }))
    expect(stale.answer).toMatchObject({ error: 'login_required' })
  })
})

it('is begun by our own page only', async () => {
  const query = new URLSearchParams({ domain: 'a', return_to: await authorizeUrl(client) }).toString()
  for (const site of ['cross-site', 'same-site', 'none'])
    await expectOAuthError(
      await call(`/sapi/o/federated/acme-id?${query}`, { headers: { 'sec-fetch-site': site } }),
      403,
      'invalid_request',
    )
  expect((await call(`/sapi/o/federated/acme-id?${query}`, { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(303)
})

it('says on the login page that it did not work', async () => {
  provider.forges = true
  const page = await through(await new Browser().open(await authorizeUrl(client)))
  expect(page.action).toMatch(/login$/)
  expect(page.text).toContain('You could not be signed in that way.')
  expect(page.browser.cookies.has('__Host-ringway-session')).toBe(false)
})
