import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { authorizationServerMetadataSchema } from '#shared/protocol/sapi/oauth.ts'
import { accessTokenClaimsSchema } from '#shared/protocol/tokens.ts'
import {
  adminPassword,
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectOAuthError,
  login,
  origin,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'

beforeEach(startAnew)

const password = { grant_type: 'password', username: 'admin@default', password: adminPassword }

describe('the password grant', () => {
  it.each(['/sapi/o/token', '/sapi/o/token/', '/wac/sapi/o/token', '/wac/sapi/o/token/'])(
    'answers at %s, for JSON and forms',
    async (path) => {
      for (const body of [{ json: password }, { form: password }]) {
        const response = await call(path, body)
        const tokens = await expectJson(response, 200)
        expect(tokens).toEqual({
          access_token: expect.any(String),
          refresh_token: expect.any(String),
          expires_in: 3600,
          token_type: 'Bearer',
        })
        expect(response.headers.get('cache-control')).toBe('no-store')
      }
    },
  )

  it('says in the token who logged in', async () => {
    const domain = await createDomain('a')
    const user = await createUser('a', 'Alice', { alias: 'Alice Ä.' })
    const before = Math.floor(Date.now() / 1000)
    const claims = accessTokenClaimsSchema.parse(decodeJwt(await tokenOf('alice@a')))
    expect(claims).toMatchObject({
      iss: origin,
      sub: user.id,
      domain: domain.id,
      role: 'user',
      username: 'alice@a',
      displayName: 'Alice Ä.',
    })
    expect(claims.exp - claims.iat).toBe(3600)
    expect(claims.iat).toBeGreaterThanOrEqual(before)
  })

  it('takes a bare name for one of the default domain, and names without case', async () => {
    await login('admin', adminPassword)
    await login('ADMIN@Default', adminPassword)
  })

  it('notes the last login', async () => {
    const user = await createUser('default', 'carol')
    expect(user['lastLogin']).toBeNull()
    const token = await tokenOf('carol')
    const { lastLogin } = await expectJson(await call('/sapi/users/me', { token }), 200)
    expect(Date.now() - Number(lastLogin)).toBeLessThan(60_000)
  })

  it('names the configured issuer where there is one', async () => {
    const tokens = await expectJson(await requestToken(password, { env: { RINGWAY_ISSUER: 'https://calls.acme.com/' } }), 200)
    expect(decodeJwt(String(tokens['access_token'])).iss).toBe('https://calls.acme.com')
  })

  it('names the scheme that the client sees, where something in front ends TLS', async () => {
    const behindFront = (
      await expectJson(await call('/.well-known/oauth-authorization-server', { headers: { 'x-forwarded-proto': 'http' } }), 200)
    )['issuer']
    expect(behindFront).toBe('http://edge.example')
    const strange = await call('/.well-known/oauth-authorization-server', { headers: { 'x-forwarded-proto': 'javascript' } })
    expect((await expectJson(strange, 200))['issuer']).toBe(origin)
  })

  it('gives the lifetimes of the settings', async () => {
    await createDomain('a', { settings: { logins: { accessTokenLifetime: 120, refreshTokenLifetime: 600 } } })
    await createUser('a', 'alice')
    expect((await login('alice@a', userPassword)).expires_in).toBe(120)
    const row = await env.DB.prepare(
      `select logins.expires_at - logins.created_at as lifetime from logins join users on users.id = user_id where username = 'alice'`,
    ).first()
    expect(row).toEqual({ lifetime: 600_000 })
  })

  it('is refused where the domain does not list the service', async () => {
    await createDomain('a', { services: { contacts: [] } })
    await createUser('a', 'alice')
    const body = await expectOAuthError(
      await requestToken({ ...password, username: 'alice@a', password: userPassword }),
      403,
      'unauthorized_client',
    )
    expect(body['code']).toBe('serviceNotEnabled')
  })

  it('ends the oldest login beyond maxTokens', async () => {
    await createDomain('a', { settings: { logins: { maxTokens: 2 } } })
    await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    const second = await login('alice@a', userPassword)
    const third = await login('alice@a', userPassword)
    const refreshed = [first, second, third].map(({ refresh_token }) => requestToken({ grant_type: 'refresh_token', refresh_token }))
    expect((await Promise.all(refreshed)).map(({ status }) => status)).toEqual([400, 200, 200])
  })
})

describe('a login that fails', () => {
  it('tells nothing of why: unknown user, unknown domain, wrong password, no password, out of use', async () => {
    await createDomain('a')
    await createUser('a', 'alice')
    await createUser('a', 'gone', { disabled: true })
    await expectJson(await call('/sapi/users', { json: { domain: 'a', username: 'fresh', role: 'user' }, token: await adminToken() }), 201)
    const attempts = [
      { username: 'nobody@a', password: userPassword },
      { username: 'alice@nowhere', password: userPassword },
      { username: 'alice@a', password: 'wrong password' },
      { username: 'fresh@a', password: 'wrong password' },
      { username: 'gone@a', password: userPassword },
      { username: 'alice', password: userPassword },
      { username: '@', password: userPassword },
      { username: 'wac-user:1', password: userPassword },
    ]
    const answers = await Promise.all(attempts.map((attempt) => requestToken({ ...password, ...attempt })))
    const bodies = await Promise.all(answers.map((answer) => expectOAuthError(answer, 400, 'invalid_grant')))
    const alike = bodies.map(({ traceId: _, ...body }) => JSON.stringify(body))
    expect(new Set(alike).size).toBe(1)
    const headers = answers.map((answer) => [...answer.headers.keys()].toSorted().join())
    expect(new Set(headers).size).toBe(1)
  })

  it('slows the next ones, of this account only, until it succeeds after the pause', async () => {
    const key = 'pair admin@default 127.0.0.1'
    const set = (failures: number, at: number) =>
      env.DB.prepare('insert or replace into login_failures (key, failures, last_failure_at) values (?, ?, ?)')
        .bind(key, failures, at)
        .run()
    const count = () => env.DB.prepare('select failures from login_failures where key = ?').bind(key).first()
    const wrong = { ...password, password: 'wrong password' }
    await expectOAuthError(await requestToken(wrong), 400, 'invalid_grant')
    expect(await count()).toEqual({ failures: 1 })
    await set(20, Date.now())
    const slowed = await requestToken(password)
    await expectOAuthError(slowed, 429, 'slow_down')
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(slowed.headers.get('retry-after'))).toBeLessThanOrEqual(30)
    expect(await count()).toEqual({ failures: 20 })
    await expectOAuthError(await requestToken({ ...wrong, username: 'other@default' }), 400, 'invalid_grant')
    await set(20, Date.now() - 30_000)
    await expectJson(await requestToken(password), 200)
    expect(await count()).toBeNull()
  })

  it('is forgotten after a while without another', async () => {
    await env.DB.prepare(`insert into login_failures values ('pair admin@default 127.0.0.1', 50, ?)`)
      .bind(Date.now() - 900_000)
      .run()
    await expectOAuthError(await requestToken({ ...password, password: 'wrong password' }), 400, 'invalid_grant')
    const count = env.DB.prepare(`select failures from login_failures where key like 'pair %'`)
    expect(await count.first()).toEqual({ failures: 1 })
  })

  it('slows an address on any account that does not know it, by what failed from there', async () => {
    const from = (address: string) => ({ headers: { 'cf-connecting-ip': address } })
    const count = () => env.DB.prepare(`select failures from login_failures where key = 'address 192.0.2.7'`).first()
    await expectOAuthError(await requestToken({ ...password, password: 'wrong password' }, from('192.0.2.7')), 400, 'invalid_grant')
    expect(await count()).toEqual({ failures: 1 })
    await env.DB.prepare(`update login_failures set failures = 70, last_failure_at = ? where key = 'address 192.0.2.7'`)
      .bind(Date.now())
      .run()
    await expectOAuthError(await requestToken(password, from('192.0.2.7')), 429, 'slow_down')
    await expectJson(await requestToken(password, from('192.0.2.8')), 200)
    expect(await count()).toEqual({ failures: 70 })
    // An attempt that succeeds leaves what its address had against it as it was.
    await env.DB.prepare(`update login_failures set failures = 7 where key = 'address 192.0.2.7'`).run()
    await expectJson(await requestToken(password, from('192.0.2.7')), 200)
    expect(await count()).toEqual({ failures: 7 })
  })

  it('counts guesses made at the same moment', async () => {
    await env.DB.prepare(`insert into login_failures values ('pair admin@default 127.0.0.1', 13, ?)`)
      .bind(Date.now() - 30_000)
      .run()
    const guesses = await Promise.all(Array.from({ length: 6 }, () => requestToken({ ...password, password: 'wrong password' })))
    const statuses = guesses.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([400, 429, 429, 429, 429, 429])
  })
})

describe('a bad token request', () => {
  it.each([
    ['malformed JSON', { body: '{"grant_type":', headers: { 'content-type': 'application/json' } }, 400, 'invalid_request'],
    ['no body', { method: 'POST' }, 400, 'invalid_request'],
    ['an array', { json: [] }, 400, 'invalid_request'],
    ['no grant type', { json: { username: 'x' } }, 400, 'invalid_request'],
    ['an unknown grant type', { json: { grant_type: 'implicit' } }, 400, 'unsupported_grant_type'],
    ['an inherited grant type', { json: { grant_type: 'constructor' } }, 400, 'unsupported_grant_type'],
    ['wrong types', { json: { grant_type: 'password', username: { $ne: null }, password: ['x'] } }, 400, 'invalid_request'],
    [
      'a parameter twice',
      { body: 'grant_type=password&username=a&username=b&password=c', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'invalid_request',
    ],
    [
      'bytes that are no text',
      { body: new Uint8Array([0xff, 0xfe, 0x00]), headers: { 'content-type': 'application/json' } },
      400,
      'invalid_request',
    ],
    [
      'too much',
      { body: JSON.stringify({ ...password, padding: 'x'.repeat(70_000) }), headers: { 'content-type': 'application/json' } },
      413,
      'invalid_request',
    ],
    ['a refresh token that is none', { json: { grant_type: 'refresh_token', refresh_token: 'x' } }, 400, 'invalid_grant'],
    ['no client', { json: { grant_type: 'client_credentials' } }, 401, 'invalid_client'],
  ])('with %s', async (_, request, status, error) => {
    await expectOAuthError(await call('/sapi/o/token', request), status, error)
  })

  it('is refused before all of it is read, when its size is not announced', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(0x20))
      },
    })
    await expectOAuthError(await call('/sapi/o/token', { method: 'POST', body }), 413, 'invalid_request')
    expect(sent).toBeLessThan(1_000_000)
  })

  it('does not pass by GET', async () => {
    await expectJson(await call('/sapi/o/token?grant_type=password&username=admin&password=x'), 405)
  })
})

describe('what is published', () => {
  it('verifies the tokens (RFC 7517)', async () => {
    const response = await call('/.well-known/jwks.json')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const keys = await expectJson<{ keys: { kid: string }[] }>(response, 200)
    expect(keys.keys).toHaveLength(2)
    const { payload } = await jwtVerify(await adminToken(), createLocalJWKSet(keys), { issuer: origin, audience: 'ringway', typ: 'at+jwt' })
    expect(payload['role']).toBe('platform-admin')
  })

  it('are kept by caches only where the deployment says its own name', async () => {
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
      expect((await call(path, { headers: { 'x-forwarded-proto': 'http' } })).headers.get('cache-control')).toBe('no-store')
      const named = await call(path, { env: { RINGWAY_ISSUER: 'https://calls.example' } })
      expect(named.headers.get('cache-control')).toBe('public, max-age=300')
    }
  })

  it('names endpoints that exist (RFC 8414)', async () => {
    const metadata = authorizationServerMetadataSchema.parse(await expectJson(await call('/.well-known/oauth-authorization-server'), 200))
    expect(metadata.issuer).toBe(origin)
    const grants = ['password', 'authorization_code', 'refresh_token', 'client_credentials', 'anonymous']
    expect(metadata.grant_types_supported).toEqual(expect.arrayContaining(grants))
    expect(metadata.grant_types_supported).not.toContain('implicit')
    expect(metadata).toMatchObject({ response_types_supported: ['code'], code_challenge_methods_supported: ['S256'] })
    const path = (url: string) => url.slice(origin.length)
    expect((await call(path(metadata.jwks_uri))).status).toBe(200)
    for (const endpoint of [metadata.token_endpoint, metadata.revocation_endpoint, metadata.introspection_endpoint]) {
      expect((await call(path(endpoint), { json: {} })).status).toBe(400)
    }
    for (const endpoint of [metadata.authorization_endpoint, metadata.userinfo_endpoint, metadata.end_session_endpoint])
      expect((await call(path(endpoint))).status).not.toBe(404)
  })

  it('says the same to clients of OpenID Connect (Discovery §4)', async () => {
    const [oauth, oidc] = await Promise.all(
      ['oauth-authorization-server', 'openid-configuration'].map(async (name) => expectJson(await call(`/.well-known/${name}`), 200)),
    )
    expect(oidc).toEqual(oauth)
  })

  it('names the implicit grant only where the deployment has turned it on', async () => {
    const response = await call('/.well-known/openid-configuration', { env: { RINGWAY_OAUTH_IMPLICIT: '1' } })
    const metadata = await expectJson(response, 200)
    expect(metadata['response_types_supported']).toEqual(['code', 'token'])
    expect(metadata['grant_types_supported']).toContain('implicit')
  })
})
