import { decodeJwt } from 'jose'
import { beforeEach, expect, it } from 'vitest'
import { adminToken, call, createUser, env, expectJson, expectOAuthError, requestToken, startAnew, tokenOf } from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import { authorize, authorizeUrl, basicOf, codeFor, exchange, logIn, redirectUri, type TestClient, tokensFor } from '../testing/oauth.ts'

/**
 * The tokens of a platform admin are good in every domain. So only clients that platform admins have made for
 * it get any: not those of whoever administers the domain that a platform admin happens to be at home in.
 */

const root = { username: 'root@default' }

let ofBoss: TestClient
let ofPlatform: TestClient

beforeEach(async () => {
  await startAnew()
  await createUser('default', 'root', { role: 'platform-admin' })
  await createUser('default', 'boss', { role: 'admin' })
  ofBoss = await register(await tokenOf('boss@default'), {})
  ofPlatform = await register(await adminToken(), { role: 'platform-admin' })
})

async function register(token: string, fields: Record<string, unknown>): Promise<TestClient> {
  const data = {
    name: 'Board',
    redirectUris: [redirectUri],
    grantTypes: ['authorization_code', 'refresh_token'],
    trusted: true,
    ...fields,
  }
  const json = { type: 'client', domain: 'default', data }
  return (await expectJson<{ data: TestClient }>(await call('/sapi/credentials', { json, token }), 201)).data
}

it('a client that a domain admin calls trusted gets nothing of a platform admin who is logged in', async () => {
  const browser = new Browser()
  expect((await authorize(ofPlatform, { browser, ...root })).answer['code']).toBeDefined()
  expect((await browser.open(await authorizeUrl(ofPlatform, { prompt: 'none' }))).answer['code']).toBeDefined()
  const silent = await browser.open(await authorizeUrl(ofBoss, { prompt: 'none' }))
  expect(silent.answer).toMatchObject({ error: 'login_required' })
  const page = await browser.open(await authorizeUrl(ofBoss))
  expect(page.action).toMatch(/login$/)
  const again = await logIn(page, root.username)
  expect(again.response.status).toBe(403)
  expect(again.action).toMatch(/login$/)
  // Anybody else of the domain goes on without being asked.
  expect((await logIn(again, 'boss@default')).answer['code']).toBeDefined()
})

it('one that has the role itself does, and only platform admins make it so', async () => {
  const tokens = await tokensFor(ofPlatform, root)
  expect(decodeJwt(tokens.access_token)).toMatchObject({ role: 'platform-admin', client_id: ofPlatform.clientId })
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  await expectJson(await requestToken(refresh, { headers: basicOf(ofPlatform) }), 200)
  const token = await tokenOf('boss@default')
  const promote = { method: 'PATCH', json: { data: { role: 'platform-admin' } }, token }
  expect((await call(`/sapi/credentials/${ofBoss.clientId}`, promote)).status).toBe(403)
  const redirect = { method: 'PATCH', json: { data: { redirectUris: ['https://evil.example/'] } }, token }
  expect((await call(`/sapi/credentials/${ofPlatform.clientId}`, redirect)).status).toBe(403)
})

it('whoever becomes one on the way takes neither code nor refresh token along', async () => {
  const become = async () => env.DB.prepare(`update users set role = 'platform-admin' where username = 'boss'`).run()
  const boss = { username: 'boss@default' }
  const tokens = await tokensFor(ofBoss, boss)
  const code = await codeFor(ofBoss, boss)
  await become()
  await expectOAuthError(await exchange(ofBoss, code), 400, 'invalid_grant')
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  await expectOAuthError(await requestToken(refresh, { headers: basicOf(ofBoss) }), 400, 'invalid_grant')
})
