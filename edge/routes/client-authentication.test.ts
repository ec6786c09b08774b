import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetMaintenance } from '#edge/services/maintenance.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectOAuthError,
  expectProblem,
  origin,
  startAnew,
} from './testing/api.ts'
import { basicOf, codeFor, exchange, redirectUri, registerClient, tokensFor, verifier } from './testing/oauth.ts'

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createUser('a', 'alice')
})

const machine = { redirectUris: [], grantTypes: ['client_credentials'] }
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

describe('a secret', () => {
  it('is taken by the method that the client is registered for, and by no other', async () => {
    for (const [method, right] of [
      ['client_secret_basic', 'basic'],
      ['client_secret_post', 'post'],
    ] as const) {
      const client = await registerClient({ ...machine, authMethod: method })
      const grant = { grant_type: 'client_credentials' }
      const basic = await call('/sapi/o/token', { form: grant, headers: basicOf(client) })
      const post = await call('/sapi/o/token', { form: { ...grant, client_id: client.clientId, client_secret: client.clientSecret } })
      expect([basic.status, post.status]).toEqual(right === 'basic' ? [200, 401] : [401, 200])
    }
  })

  it('is not given to clients that have none, and proves nothing there', async () => {
    const client = await registerClient({ authMethod: 'none' })
    expect(client.clientSecret).toBeUndefined()
    for (const clientSecret of ['', 'guess']) {
      const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, code_verifier: verifier }
      await expectOAuthError(await call('/sapi/o/token', { form, headers: basicOf({ ...client, clientSecret }) }), 401, 'invalid_client')
    }
  })

  it('is not sent in two ways at once (RFC 6749 §2.3)', async () => {
    const client = await registerClient(machine)
    const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret }
    await expectOAuthError(await call('/sapi/o/token', { form, headers: basicOf(client) }), 400, 'invalid_request')
  })
})

it('a public client has no credentials of its own: no client_credentials, and only its own codes', async () => {
  const json = { type: 'client', domain: 'a', data: { name: 'x', authMethod: 'none', grantTypes: ['client_credentials'] } }
  await expectProblem(await call('/sapi/credentials', { json, token: await adminToken() }), 400, 'invalidRequest')
  const client = await registerClient({ authMethod: 'none' })
  const form = { grant_type: 'authorization_code', code: await codeFor(client), redirect_uri: redirectUri, code_verifier: verifier }
  await expectOAuthError(await call('/sapi/o/token', { form }), 401, 'invalid_client')
  await expectJson(await call('/sapi/o/token', { form: { ...form, client_id: client.clientId } }), 200)
})

describe('private_key_jwt (RFC 7523)', () => {
  let privateKey: CryptoKey
  let jwk: JWK
  let clientId: string

  beforeEach(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    privateKey = pair.privateKey
    jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' }
    clientId = (await registerClient({ ...machine, authMethod: 'private_key_jwt', jwks: { keys: [jwk] } })).clientId
  })

  const assertion = (claims: Record<string, unknown> = {}, { key = privateKey, kid = 'k1' }: { key?: CryptoKey; kid?: string } = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const all = { iss: clientId, sub: clientId, aud: origin, jti: crypto.randomUUID(), iat: now, exp: now + 60, ...claims }
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid }).sign(key)
  }
  const present = (client_assertion: string, form: Record<string, string> = {}) =>
    call('/sapi/o/token', { form: { grant_type: 'client_credentials', client_assertion_type: type, client_assertion, ...form } })

  it('is for this deployment, and good once', async () => {
    for (const aud of [origin, `${origin}/sapi/o/token`, [origin]]) {
      const sent = await assertion({ aud })
      await expectJson(await present(sent), 200)
      await expectOAuthError(await present(sent), 401, 'invalid_client')
    }
  })

  it('used twice at the same moment is good once', async () => {
    const sent = await assertion()
    const answers = await Promise.all([present(sent), present(sent)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  it.each<[string, Record<string, unknown>]>([
    ['for another server', { aud: 'https://other.example' }],
    ['for several servers, of which one could hand it on', { aud: [origin, 'https://other.example'] }],
    ['for nobody', { aud: undefined }],
    ['by somebody else', { iss: 'somebody' }],
    ['about somebody else', { sub: 'somebody' }],
    ['without an id', { jti: undefined }],
    ['without an end', { exp: undefined }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['that is good for a day', { exp: Math.floor(Date.now() / 1000) + 86_400 }],
    ['that is not good yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('%s proves nothing', async (_, claims) => {
    await expectOAuthError(await present(await assertion(claims)), 401, 'invalid_client')
  })

  it('by another key, a shared secret or none proves nothing', async () => {
    const { privateKey: other } = await generateKeyPair('ES256')
    await expectOAuthError(await present(await assertion({}, { key: other })), 401, 'invalid_client')
    await expectOAuthError(await present(await assertion({}, { kid: 'k2' })), 401, 'invalid_client')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: clientId, sub: clientId, aud: origin, jti: 'j', exp: now + 60 }
    const shared = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new TextEncoder().encode(JSON.stringify(jwk)))
    await expectOAuthError(await present(await shared), 401, 'invalid_client')
    const parts = [{ alg: 'none' }, claims].map((part) => btoa(JSON.stringify(part)).replaceAll('=', ''))
    await expectOAuthError(await present(`${parts.join('.')}.`), 401, 'invalid_client')
    await expectOAuthError(await present('nonsense'), 401, 'invalid_client')
    await expectOAuthError(await present(await assertion(), { client_assertion_type: 'other' }), 401, 'invalid_client')
    await expectOAuthError(await present(await assertion(), { client_id: 'other' }), 401, 'invalid_client')
  })

  it('is the only way for its client, and no way for others', async () => {
    await expectOAuthError(
      await call('/sapi/o/token', { form: { grant_type: 'client_credentials', client_id: clientId } }),
      401,
      'invalid_client',
    )
    const other = await registerClient(machine)
    await expectOAuthError(await present(await assertion({ iss: other.clientId, sub: other.clientId })), 401, 'invalid_client')
  })

  it('is registered with public keys only', async () => {
    const register = async (data: Record<string, unknown>) =>
      call('/sapi/credentials', { json: { type: 'client', domain: 'a', data: { name: 'x', ...data } }, token: await adminToken() })
    const keys = { keys: [await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)] }
    for (const data of [
      { authMethod: 'private_key_jwt', jwks: keys },
      { authMethod: 'private_key_jwt' },
      { authMethod: 'private_key_jwt', jwks: { keys: [jwk] }, jwksUri: 'https://client.example/jwks' },
      { authMethod: 'client_secret_basic', jwks: { keys: [jwk] } },
      { authMethod: 'private_key_jwt', jwksUri: 'https://10.0.0.1/jwks' },
      { authMethod: 'private_key_jwt', jwksUri: 'http://client.example/jwks' },
    ]) {
      await expectProblem(await register(data), 400, 'invalidRequest')
    }
  })

  describe('with keys at a URI', () => {
    afterEach(() => {
      vi.unstubAllGlobals()
    })

    const jwksUri = 'https://client.example/jwks'

    it('fetches them once, and again when they have changed', async () => {
      const before = Date.now()
      const served = vi.fn<() => Response>(() => Response.json({ keys: [jwk] }))
      vi.stubGlobal('fetch', served)
      clientId = (await registerClient({ ...machine, authMethod: 'private_key_jwt', jwksUri })).clientId
      await expectJson(await present(await assertion()), 200)
      await expectJson(await present(await assertion()), 200)
      expect(served).toHaveBeenCalledTimes(1)
      expect(served).toHaveBeenCalledWith(new URL(jwksUri), expect.objectContaining({ redirect: 'manual' }))
      const next = await generateKeyPair('ES256', { extractable: true })
      jwk = { ...(await exportJWK(next.publicKey)), kid: 'k2' }
      await expectOAuthError(await present(await assertion({}, { key: next.privateKey, kid: 'k2' })), 401, 'invalid_client')
      vi.spyOn(Date, 'now').mockReturnValue(before + 31_000)
      await expectJson(await present(await assertion({}, { key: next.privateKey, kid: 'k2' })), 200)
      vi.restoreAllMocks()
      expect(served).toHaveBeenCalledTimes(2)
    })

    it('asks again a moment after there were none, not at once', async () => {
      const before = Date.now()
      let answers = false
      const served = vi.fn<() => Response>(() => (answers ? Response.json({ keys: [jwk] }) : new Response(null, { status: 500 })))
      vi.stubGlobal('fetch', served)
      clientId = (await registerClient({ ...machine, authMethod: 'private_key_jwt', jwksUri })).clientId
      for (let tries = 0; tries < 3; tries += 1) await expectOAuthError(await present(await assertion()), 401, 'invalid_client')
      expect(served).toHaveBeenCalledTimes(1)
      answers = true
      vi.spyOn(Date, 'now').mockReturnValue(before + 10_000)
      await expectJson(await present(await assertion()), 200)
      vi.restoreAllMocks()
      expect(served).toHaveBeenCalledTimes(2)
    })

    it.each([
      ['a redirect', () => Response.redirect('https://10.0.0.1/jwks', 302)],
      ['an error', () => new Response(null, { status: 500 })],
      ['no keys', () => Response.json({ keys: [] })],
      ['too much', () => new Response(`{"keys":[],"x":"${'x'.repeat(70_000)}"}`)],
      [
        'nothing',
        () => {
          throw new TypeError('unreachable')
        },
      ],
    ])('refuses the client where the URI answers %s', async (_, answer) => {
      vi.stubGlobal('fetch', vi.fn<() => Response>(answer))
      clientId = (await registerClient({ ...machine, authMethod: 'private_key_jwt', jwksUri })).clientId
      await expectOAuthError(await present(await assertion()), 401, 'invalid_client')
    })
  })
})

describe('revocation by a client (RFC 7009 §2.1)', () => {
  it('is for its own tokens only, and needs the client', async () => {
    const [client, other] = [await registerClient(), await registerClient({ name: 'Other' })]
    const tokens = await tokensFor(client)
    const revoke = (headers: Record<string, string>, token = tokens.refresh_token ?? '') =>
      call('/sapi/o/revoke', { form: { token }, headers })
    await expectOAuthError(await revoke({}), 401, 'invalid_client')
    await expectOAuthError(await revoke(basicOf(other)), 400, 'invalid_grant')
    await expectOAuthError(await revoke(basicOf({ ...client, clientSecret: 'wrong' })), 401, 'invalid_client')
    expect((await call('/sapi/users/me', { token: tokens.access_token })).status).toBe(200)
    expect((await revoke(basicOf(client), 'unknown')).status).toBe(200)
    expect((await revoke(basicOf(client))).status).toBe(200)
    expect((await call('/sapi/users/me', { token: tokens.access_token })).status).toBe(401)
  })
})

it('what has expired is removed in passing: codes after a day, sessions, assertions', async () => {
  const client = await registerClient()
  await expectJson(await exchange(client, await codeFor(client)), 200)
  const past = Date.now() - 1
  await env.DB.batch([
    env.DB.prepare('update browser_sessions set expires_at = ?').bind(past),
    env.DB.prepare('insert into used_assertions values (?, ?, ?)').bind(client.clientId, 'j', past),
  ])
  const counts = async () => {
    forgetMaintenance()
    await call('/sapi/capabilities', { token: await adminToken() })
    return env.DB.prepare(
      'select (select count(*) from oauth_codes) as codes, (select count(*) from browser_sessions) as sessions, (select count(*) from used_assertions) as assertions',
    ).first()
  }
  expect(await counts()).toEqual({ codes: 1, sessions: 0, assertions: 0 })
  await env.DB.prepare('update oauth_codes set expires_at = ?')
    .bind(past - 86_400_000)
    .run()
  expect(await counts()).toEqual({ codes: 0, sessions: 0, assertions: 0 })
})
