import { decodeJwt, decodeProtectedHeader } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  expectOAuthError,
  type Made,
  origin,
  startAnew,
  tokenOf,
} from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import {
  authorize,
  basicOf,
  codeFor,
  exchange,
  redirectUri,
  registerClient,
  type TestClient,
  tokensFor,
  verifier,
} from '../testing/oauth.ts'

let client: TestClient
let alice: Made
let domain: Made

beforeEach(async () => {
  await startAnew()
  domain = await createDomain('a')
  alice = await createUser('a', 'alice', { alias: 'Alice Ä.', email: 'alice@acme.example' })
  client = await registerClient()
})

const refresh = (by: TestClient, refresh_token: string, form: Record<string, string> = {}) =>
  call('/sapi/o/token', { form: { grant_type: 'refresh_token', refresh_token, ...form }, headers: basicOf(by) })

const setPassword = async (user: string) => {
  const json = { type: 'basic', user, data: { password: 'another password' } }
  await expectJson(await call('/sapi/credentials', { json, token: await adminToken() }), 201)
}

describe('a code', () => {
  it('becomes tokens that say for whom, for which client and for what', async () => {
    const parameters = { nonce: 'the nonce' }
    const response = await exchange(client, await codeFor(client, { parameters }))
    expect(response.headers.get('cache-control')).toBe('no-store')
    const tokens = await expectJson<Record<string, string>>(response, 200)
    const scope = 'openid profile email offline_access sapi wapi'
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, refresh_token: expect.any(String), scope })
    const access = decodeJwt(tokens['access_token'] ?? '')
    expect(access).toMatchObject({ sub: alice.id, client_id: client.clientId, scope, username: 'alice@a', role: 'user', iss: origin })
    expect(decodeProtectedHeader(tokens['access_token'] ?? '').typ).toBe('at+jwt')
    const id = decodeJwt(tokens['id_token'] ?? '')
    expect(id).toMatchObject({ iss: origin, sub: alice.id, aud: client.clientId, nonce: 'the nonce', sid: access['sid'] })
    expect(id).toMatchObject({ name: 'Alice Ä.', preferred_username: 'alice@a', email: 'alice@acme.example', email_verified: false })
    expect(Math.abs(Number(id['auth_time']) - Date.now() / 1000)).toBeLessThan(60)
    expect(access['auth_time']).toBe(id['auth_time'])
    expect((await call('/sapi/users/me', { token: tokens['access_token'] })).status).toBe(200)
    expect((await call('/sapi/users/me', { token: tokens['id_token'] })).status).toBe(401)
  })

  it('comes with whose answer it is, and the state as it was sent (RFC 9207)', async () => {
    const { answer, sentTo } = await authorize(client, { parameters: { state: 'a b&c=%ü' } })
    expect(answer).toEqual({ code: expect.any(String), state: 'a b&c=%ü', iss: origin })
    expect(`${sentTo.origin}${sentTo.pathname}`).toBe(redirectUri)
  })

  it('is good once; a second time ends what was made from it (RFC 9700 §4.2.4)', async () => {
    const code = await codeFor(client)
    const tokens = await expectJson<{ access_token: string; refresh_token: string }>(await exchange(client, code), 200)
    await expectOAuthError(await exchange(client, code), 400, 'invalid_grant')
    await expectDead(tokens)
    const failures = await expectJson<Made[]>(
      await call(`/sapi/loginFailures?domain=a&month=${new Date().toISOString().slice(0, 7)}`, { token: await adminToken() }),
      200,
    )
    expect(failures).toEqual([expect.objectContaining({ reason: 'tokenReused', userId: alice.id })])
    await expectOAuthError(await refresh(client, tokens.refresh_token), 400, 'invalid_grant')
  })

  it('used twice at the same moment leaves nobody with tokens that live', async () => {
    const code = await codeFor(client)
    const answers = await Promise.all([exchange(client, code), exchange(client, code)])
    expect(answers.filter(({ status }) => status === 400).length).toBeGreaterThan(0)
    for (const answer of answers.filter(({ status }) => status === 200)) await expectDead(await answer.json())
    expect(await env.DB.prepare('select count(*) as n from logins where client_id is not null').first()).toEqual({ n: 0 })
  })

  it.each([
    ['another verifier (RFC 7636)', { code_verifier: `${verifier}x` }],
    ['another redirect URI', { redirect_uri: `${redirectUri}/` }],
  ])('is nothing with %s, and stays good', async (_, form) => {
    const code = await codeFor(client)
    await expectOAuthError(await exchange(client, code, form), 400, 'invalid_grant')
    await expectJson(await exchange(client, code), 200)
  })

  it('is nothing without a verifier', async () => {
    const form = { grant_type: 'authorization_code', code: await codeFor(client), redirect_uri: redirectUri }
    await expectOAuthError(await call('/sapi/o/token', { form, headers: basicOf(client) }), 400, 'invalid_request')
  })

  it('is nothing to another client, nor without the client', async () => {
    const other = await registerClient({ name: 'Other' })
    const code = await codeFor(client)
    await expectOAuthError(await exchange(other, code), 400, 'invalid_grant')
    await expectOAuthError(await exchange({ ...client, clientSecret: 'wrong' }, code), 401, 'invalid_client')
    const { access_token } = await expectJson<{ access_token: string }>(await exchange(client, code), 200)
    await expectOAuthError(await exchange(other, code), 400, 'invalid_grant')
    expect((await call('/sapi/users/me', { token: access_token })).status).toBe(200)
  })

  it('expires within a minute, and is stored as a hash only', async () => {
    const code = await codeFor(client)
    const row = await env.DB.prepare('select * from oauth_codes').first<{ expires_at: number }>()
    expect(JSON.stringify(row)).not.toContain(code)
    expect((row?.expires_at ?? 0) - Date.now()).toBeLessThanOrEqual(60_000)
    await env.DB.prepare('update oauth_codes set expires_at = ?').bind(Date.now()).run()
    await expectOAuthError(await exchange(client, code), 400, 'invalid_grant')
  })

  it.each([
    ['the user is put out of use', { disabled: true }],
    ['the user moves to a domain that the client does not serve', { domain: 'default' }],
  ])('is nothing once %s', async (_, change) => {
    const code = await codeFor(client)
    const json = { domain: 'a', username: 'alice', email: '', role: 'user', capabilities: [], mobilePhone: [], ...change }
    await expectJson(await call(`/sapi/users/${alice.id}`, { method: 'PUT', json, token: await adminToken() }), 200)
    await expectOAuthError(await exchange(client, code), 400, 'invalid_grant')
  })

  it('is nothing once the user has another password, or has withdrawn the consent', async () => {
    const code = await codeFor(client)
    await setPassword(alice.id)
    await expectOAuthError(await exchange(client, code), 400, 'invalid_grant')
    const { id } = await createUser('a', 'carol')
    const other = await codeFor(client, { username: 'carol@a' })
    const token = await tokenOf('carol@a')
    expect((await call(`/sapi/consents/${client.clientId}`, { method: 'DELETE', token })).status).toBe(204)
    await expectOAuthError(await exchange(client, other), 400, 'invalid_grant')
    expect(await env.DB.prepare('select count(*) as n from oauth_codes where user_id = ?').bind(id).first()).toEqual({ n: 0 })
  })

  it('is nothing to a client that is not registered for codes', async () => {
    const machine = await registerClient({ grantTypes: ['client_credentials'] })
    await expectOAuthError(await exchange(machine, 'whatever'), 400, 'unauthorized_client')
  })
})

describe('the tokens of a client', () => {
  it('are no refresh tokens unless offline_access was asked for and may be', async () => {
    const asked = await tokensFor(client, { parameters: { scope: 'openid sapi' } })
    expect(asked.refresh_token).toBeUndefined()
    const onlyCodes = await registerClient({ grantTypes: ['authorization_code'] })
    const tokens = await tokensFor(onlyCodes)
    expect(tokens).toMatchObject({ scope: 'openid profile email sapi wapi' })
    expect(tokens.refresh_token).toBeUndefined()
  })

  it('are refreshed by it alone, with a new ID token (RFC 9700 §2.2.2)', async () => {
    const other = await registerClient({ name: 'Other' })
    const { refresh_token = '', ...first } = await tokensFor(client, { parameters: { nonce: 'n' } })
    const form = { grant_type: 'refresh_token', refresh_token }
    await expectOAuthError(await call('/sapi/o/token', { form }), 401, 'invalid_client')
    await expectOAuthError(await refresh(other, refresh_token), 400, 'invalid_grant')
    const second = await expectJson<{ refresh_token: string; id_token: string }>(await refresh(client, refresh_token), 200)
    expect(second.refresh_token).not.toBe(refresh_token)
    const [before, after] = [decodeJwt(first.id_token ?? ''), decodeJwt(second.id_token)]
    expect(after).toMatchObject({ sub: before.sub, aud: before.aud, iss: before.iss, auth_time: before['auth_time'] })
    expect(after['nonce']).toBeUndefined()
  })

  it('that come back end the login', async () => {
    const first = await tokensFor(client)
    await expectJson(await refresh(client, first.refresh_token ?? ''), 200)
    await expectOAuthError(await refresh(client, first.refresh_token ?? ''), 400, 'invalid_grant')
    await expectDead({ access_token: first.access_token })
  })

  it('can be asked for less at a refresh, and never for more (RFC 6749 §6)', async () => {
    const { refresh_token = '' } = await tokensFor(client, { parameters: { scope: 'openid offline_access wapi' } })
    await expectOAuthError(await refresh(client, refresh_token, { scope: 'sapi' }), 400, 'invalid_scope')
    const less = await expectJson<{ scope: string; refresh_token: string; id_token?: string }>(
      await refresh(client, refresh_token, { scope: 'wapi' }),
      200,
    )
    expect(less).toMatchObject({ scope: 'wapi' })
    expect(less.id_token).toBeUndefined()
    expect(await expectJson(await refresh(client, less.refresh_token), 200)).toMatchObject({ scope: 'openid offline_access wapi' })
  })

  const change = async (path: string, json: Record<string, unknown>) =>
    expectJson(await call(path, { method: 'PATCH', json, token: await adminToken() }), 200)

  it.each<[string, () => Promise<unknown>]>([
    ['the client', () => adminToken().then((token) => call(`/sapi/credentials/${client.clientId}`, { method: 'DELETE', token }))],
    ['its user', () => adminToken().then((token) => call(`/sapi/users/${alice.id}`, { method: 'DELETE', token }))],
    ['its user’s use', () => change(`/sapi/users/${alice.id}`, { disabled: true })],
    ['its user’s password', () => setPassword(alice.id)],
    ['its domain’s use', () => change(`/sapi/domains/${domain.id}`, { disabled: true })],
  ])('end with %s', async (_, end) => {
    const tokens = await tokensFor(client)
    await end()
    await expectDead({ access_token: tokens.access_token })
    expect((await refresh(client, tokens.refresh_token ?? '')).status).toBeGreaterThanOrEqual(400)
  })

  it('are not refreshed where the domain no longer lists login', async () => {
    const tokens = await tokensFor(client)
    await change(`/sapi/domains/${domain.id}`, { services: { login: null } })
    await expectOAuthError(await refresh(client, tokens.refresh_token ?? ''), 400, 'invalid_grant')
    await expectDead({ access_token: tokens.access_token })
  })

  it('are not refreshed by a client that has expired', async () => {
    const tokens = await tokensFor(client)
    await env.DB.prepare('update credentials set expires_at = 1 where id = ?').bind(client.clientId).run()
    await expectOAuthError(await refresh(client, tokens.refresh_token ?? ''), 401, 'invalid_client')
  })

  it('count among the logins that a user may hold', async () => {
    const there = await createDomain('b', { settings: { logins: { maxTokens: 1 } } })
    await createUser('b', 'bob')
    const clientOfB = await registerClient({}, { domain: 'b' })
    const first = await tokensFor(clientOfB, { username: 'bob@b' })
    const second = await tokensFor(clientOfB, { username: 'bob@b' })
    await expectDead({ access_token: first.access_token })
    expect((await call('/sapi/users/me', { token: second.access_token })).status).toBe(200)
    expect(decodeJwt(second.access_token)['domain']).toBe(there.id)
  })
})

it('a browser that is logged in and has agreed is asked nothing', async () => {
  const browser = new Browser()
  await tokensFor(client, { browser })
  const again = await authorize(client, { browser, parameters: { prompt: 'none' } })
  expect(again.answer).toEqual({ code: expect.any(String), state: 'the state', iss: origin })
})
