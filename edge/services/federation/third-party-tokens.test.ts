import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { database } from '#edge/db/d1/database.ts'
import { adminToken, call, createDomain, env, expectJson, startAnew } from '#edge/routes/testing/api.ts'
import { federatedLogin } from '#edge/routes/testing/federated-login.ts'
import { LoginProvider } from '#edge/routes/testing/login-provider.ts'
import type { Scope } from '#edge/services/scope.ts'
import { Logger } from '#shared/log/logger.ts'
import { thirdPartyToken } from './third-party-tokens.ts'

let provider: LoginProvider
let now = 0
let key: { userId: string; provider: string }

const scope: Scope = {
  env,
  db: database(env.DB),
  clock: { now: () => now },
  logger: new Logger({ sink: () => {}, level: 'error' }),
  defer: () => {},
}

beforeEach(async () => {
  await startAnew()
  now = Date.now()
  await createDomain('a', { services: { login: [], oauth2client: [] }, settings: { logins: { createOAuthUser: true } } })
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'ann' }
  key = await signedIn()
})

afterEach(() => vi.unstubAllGlobals())

async function signedIn(fields: Record<string, unknown> = {}): Promise<{ userId: string; provider: string }> {
  const json: Record<string, unknown> = { ...provider.configuration, domain: 'a', ...fields }
  const { id } = await expectJson<{ id: string }>(await call('/sapi/oauthProviders', { json, token: await adminToken() }), 201)
  const { access_token: token } = await federatedLogin(provider, { provider: String(json.name) })
  return { provider: id, userId: decodeJwt(token).sub ?? '' }
}

const rows = async () => (await env.DB.prepare('select * from third_party_tokens').all()).results
/** The provider's answer to a refresh token. */
const renewal = (answer: Record<string, unknown>, status = 200) => provider.answers.set('/token', () => Response.json(answer, { status }))
const renewals = () => provider.requests.filter(({ body }) => body.get('grant_type') === 'refresh_token')

it('is stored sealed, with an event that holds no token', async () => {
  expect(await thirdPartyToken(scope, key)).toEqual({ accessToken: 'access 1', scope: 'openid profile email' })
  expect(JSON.stringify(await rows())).not.toMatch(/access 1|refresh 1/)
  const event = await env.DB.prepare(`select * from outgoing_events where type = 'thirdPartyToken.stored'`).first()
  expect(JSON.parse(String(event?.['data']))).toEqual(key)
})

it('is not stored where the provider is not to keep any', async () => {
  provider.idToken = { sub: 'subject-2' }
  provider.userInfo = { sub: 'subject-2', preferred_username: 'eve' }
  const other = await signedIn({ name: 'keeps-none', keepTokens: false })
  expect(await thirdPartyToken(scope, other)).toBeUndefined()
})

it('goes with its user and with its provider', async () => {
  expect(await rows()).toHaveLength(1)
  await call(`/sapi/users/${key.userId}`, { method: 'DELETE', token: await adminToken() })
  expect(await rows()).toEqual([])
  key = await signedIn({ name: 'second' })
  expect(await rows()).toHaveLength(1)
  await call(`/sapi/oauthProviders/${key.provider}`, { method: 'DELETE', token: await adminToken() })
  expect(await rows()).toEqual([])
})

describe('one that ends soon', () => {
  beforeEach(() => {
    now += 570_000
  })

  it('is renewed, and the new one kept', async () => {
    renewal({ access_token: 'access 2', token_type: 'Bearer', expires_in: 600, refresh_token: 'refresh 2', scope: 'openid' })
    expect(await thirdPartyToken(scope, key)).toEqual({ accessToken: 'access 2', scope: 'openid' })
    expect(await thirdPartyToken(scope, key)).toEqual({ accessToken: 'access 2', scope: 'openid' })
    expect(renewals().map(({ body }) => body.get('refresh_token'))).toEqual(['refresh 1'])
    now += 600_000
    renewal({ access_token: 'access 3', token_type: 'Bearer', expires_in: 600 })
    await thirdPartyToken(scope, key)
    now += 600_000
    await thirdPartyToken(scope, key)
    expect(renewals().map(({ body }) => body.get('refresh_token'))).toEqual(['refresh 1', 'refresh 2', 'refresh 2'])
  })

  it('is gone where the provider has taken it back', async () => {
    renewal({ error: 'invalid_grant' }, 400)
    expect(await thirdPartyToken(scope, key)).toBeUndefined()
    expect(await rows()).toEqual([])
  })

  it('is what a quicker renewal has got, where the refresh token was used by that', async () => {
    provider.answers.set('/token', async () => {
      provider.answers.delete('/token')
      renewal({ access_token: 'access 2', token_type: 'Bearer', expires_in: 600, refresh_token: 'refresh 2' })
      await thirdPartyToken(scope, key)
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    })
    expect(await thirdPartyToken(scope, key)).toEqual({ accessToken: 'access 2', scope: 'openid profile email' })
  })

  it('stays while the provider is away', async () => {
    renewal({}, 503)
    await expect(thirdPartyToken(scope, key)).rejects.toMatchObject({ code: 'federationUnavailable' })
    expect(await rows()).toHaveLength(1)
  })
})
