import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminPassword,
  call,
  createDomain,
  createUser,
  expectJson,
  expectOAuthError,
  expectProblem,
  login,
  type Made,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { Browser } from './testing/browser.ts'
import { authorizeUrl, basicOf, exchange, registerClient, tokensFor } from './testing/oauth.ts'

/** A token is held to its scope wherever it is brought (RFC 6750 §3.1, RFC 9700 §2.3). */

let alice: Made

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  alice = await createUser('a', 'alice', { email: 'alice@acme.example' })
})

const scoped = async (scope: string) => (await tokensFor(await registerClient(), { parameters: { scope } })).access_token

const hub = (token: string) =>
  call('/wapi/hub', { headers: { upgrade: 'websocket', 'sec-websocket-protocol': `ringway.v1, bearer.${token}` } })

async function expectInsufficient(response: Response, scope: string) {
  const header = response.headers.get('www-authenticate')
  expect(header).toBe(`Bearer realm="ringway", error="insufficient_scope", scope="${scope}"`)
  await expectProblem(response, 403, 'insufficientScope')
}

it('sapi opens the REST API and nothing else', async () => {
  const token = await scoped('sapi')
  expect((await call('/sapi/users/me', { token })).status).toBe(200)
  await expectInsufficient(await hub(token), 'wapi')
  await expectInsufficient(await call('/wapi/hub/messages', { token, json: {} }), 'wapi')
  await expectOAuthError(await call('/sapi/o/userinfo', { token }), 403, 'insufficient_scope')
})

it('wapi opens signaling and nothing else', async () => {
  const token = await scoped('openid wapi')
  await expectInsufficient(await call('/sapi/users/me', { token }), 'sapi')
  await expectInsufficient(await call('/sapi/credentials', { token }), 'sapi')
  const { webSocket, status } = await hub(token)
  expect(status).toBe(101)
  webSocket?.accept()
  webSocket?.close()
})

it('a platform admin’s token for signaling administers nothing', async () => {
  const made = await registerClient({ role: 'platform-admin' }, { domain: 'default' })
  const page = await new Browser().open(await authorizeUrl(made, { scope: 'wapi' }))
  const consent = await page.submit({ username: 'admin', password: adminPassword })
  const { code = '' } = (await consent.submit({ decision: 'allow' })).answer
  const { access_token: token } = await expectJson<{ access_token: string }>(await exchange(made, code), 200)
  await expectInsufficient(await call('/sapi/domains', { token }), 'sapi')
  await expectInsufficient(await call('/dispatcher/hosts', { token }), 'sapi')
  await expectOAuthError(await call('/sapi/o/introspect', { token, form: { token } }), 403, 'insufficient_scope')
})

it('tokens of the password, anonymous and client grants are good for everything', async () => {
  const { access_token } = await login('admin', adminPassword)
  expect(decodeJwt(access_token)['scope']).toBeUndefined()
  const token = await tokenOf('alice@a')
  expect((await call('/sapi/users/me', { token })).status).toBe(200)
  expect((await hub(token)).status).toBe(101)
  expect(await expectJson(await call('/sapi/o/userinfo', { token }), 200)).toMatchObject({ sub: alice.id, email: 'alice@acme.example' })
})

describe('userinfo', () => {
  it('tells what the scope names, by GET and POST', async () => {
    for (const method of ['GET', 'POST']) {
      expect(await expectJson(await call('/sapi/o/userinfo', { method, token: await scoped('openid') }), 200)).toEqual({ sub: alice.id })
      const profile = await expectJson(await call('/sapi/o/userinfo', { method, token: await scoped('openid profile') }), 200)
      expect(profile).toEqual({ sub: alice.id, preferred_username: 'alice@a' })
    }
  })

  it('tells nothing without a token, or of a client', async () => {
    const nobody = await call('/sapi/o/userinfo')
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="ringway"')
    await expectOAuthError(nobody, 401, 'invalid_token')
    const machine = await registerClient({ redirectUris: [], grantTypes: ['client_credentials'] })
    const granted = await call('/sapi/o/token', { form: { grant_type: 'client_credentials' }, headers: basicOf(machine) })
    const { access_token } = await expectJson<{ access_token: string }>(granted, 200)
    expect((await call('/sapi/o/userinfo', { token: access_token })).status).toBe(403)
  })
})

describe('a client', () => {
  it('is held to the scopes it is registered for, whatever it asks', async () => {
    const client = await registerClient({ scopes: ['openid', 'wapi'] })
    expect((await tokensFor(client)).scope).toBe('openid wapi')
  })

  it('acts for itself within them too', async () => {
    const grant = async (data: Record<string, unknown>, form: Record<string, string> = {}) => {
      const machine = await registerClient({ redirectUris: [], grantTypes: ['client_credentials'], ...data })
      return call('/sapi/o/token', { form: { grant_type: 'client_credentials', ...form }, headers: basicOf(machine) })
    }
    const held = await expectJson<{ access_token: string; scope: string }>(await grant({ scopes: ['wapi', 'openid'] }), 200)
    expect(held.scope).toBe('wapi')
    await expectInsufficient(await call('/sapi/users', { token: held.access_token }), 'sapi')
    expect(await expectJson(await grant({}, { scope: 'sapi' }), 200)).toMatchObject({ scope: 'sapi' })
    expect((await expectJson(await grant({}), 200))['scope']).toBeUndefined()
    await expectOAuthError(await grant({ scopes: ['wapi'] }, { scope: 'sapi' }), 400, 'invalid_scope')
    await expectOAuthError(await grant({}, { scope: 'openid' }), 400, 'invalid_scope')
  })
})

it('introspection says the client and the scope', async () => {
  const client = await registerClient()
  const tokens = await tokensFor(client, { parameters: { scope: 'openid offline_access wapi' } })
  for (const token of [tokens.access_token, tokens.refresh_token ?? '']) {
    const state = await expectJson(await call('/sapi/o/introspect', { form: { token }, headers: basicOf(client) }), 200)
    expect(state).toMatchObject({ active: true, sub: alice.id, client_id: client.clientId, scope: 'openid offline_access wapi' })
  }
})
