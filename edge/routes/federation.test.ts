import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from '#edge/auth/bytes.ts'
import {
  adminToken,
  call,
  createDomain,
  env,
  expectDead,
  expectJson,
  expectOAuthError,
  expectProblem,
  requestToken,
  startAnew,
} from './testing/api.ts'
import {
  cookieOf,
  exchange,
  failureOf,
  federatedLogin,
  fragmentOf,
  locationOf,
  start,
  verifier,
  wayBack,
} from './testing/federated-login.ts'
import { LoginProvider } from './testing/login-provider.ts'

let provider: LoginProvider
const services = { login: [], oauth2client: [], contacts: ['wac'] }

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services, origins: ['calls.acme.com'], settings: { logins: { createOAuthUser: true } } })
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'ann', email: 'ann@acme.com', name: 'Ann Lee' }
  await configure()
})

afterEach(() => vi.unstubAllGlobals())

const configure = async (fields: Record<string, unknown> = {}) =>
  expectJson<{ id: string }>(
    await call('/sapi/oauthProviders', { json: { ...provider.configuration, domain: 'a', ...fields }, token: await adminToken() }),
    201,
  )

describe('the providers of a domain', () => {
  it('are told to anybody, by name only', async () => {
    expect(await expectJson(await call('/sapi/o/federated?domain=a'), 200)).toEqual([{ name: 'acme-id', displayName: 'Acme ID' }])
    expect(await expectJson(await call('/sapi/o/federated/?domain=A'), 200)).toHaveLength(1)
  })

  it.each(['unknown.example', '', '%00', 'b'])('are none for the domain %j', async (domain) => {
    await createDomain('b')
    expect(await expectJson(await call(`/sapi/o/federated?domain=${domain}`), 200)).toEqual([])
  })

  it('are also the deployment’s and those of the domains above, of which a domain may switch one off', async () => {
    await createDomain('a.sub', { parent: 'a', services })
    const own = [{ ...provider.configuration, name: 'all', displayName: '' }]
    const deployment = { RINGWAY_OAUTH_PROVIDERS: JSON.stringify(own) }
    const names = async () =>
      (await expectJson<{ name: string }[]>(await call('/sapi/o/federated?domain=a.sub', { env: deployment }), 200)).map(({ name }) => name)
    expect((await names()).toSorted()).toEqual(['acme-id', 'all'])
    await configure({ name: 'all', enabled: false, domain: 'a.sub' })
    expect(await names()).toEqual(['acme-id'])
  })
})

describe('a federated login', () => {
  it('goes to the provider with PKCE, state and nonce', async () => {
    const begun = await start()
    expect(begun.status).toBe(303)
    const { origin, pathname, searchParams } = new URL(locationOf(begun))
    expect(origin + pathname).toBe('https://id.example/authorize')
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'ringway',
      redirect_uri: 'https://edge.example/sapi/o/federated/callback',
      response_type: 'code',
      scope: 'openid profile email',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    const cookie = begun.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^__Host-ringway-federated-[\w-]{16}=v1\.[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/)
    expect(begun.headers.get('referrer-policy')).toBe('no-referrer')
    expect(begun.headers.get('cache-control')).toBe('no-store')
  })

  it('creates the user at its first login and knows it at the second', async () => {
    const first = decodeJwt((await federatedLogin(provider)).access_token)
    expect(first).toMatchObject({ username: 'ann@a', displayName: 'Ann Lee', role: 'user' })
    const again = decodeJwt((await federatedLogin(provider)).access_token)
    expect(again.sub).toBe(first.sub)
    expect(again['sid']).not.toBe(first['sid'])
    const [exchanged] = provider.requests.filter(({ path }) => path === '/token')
    expect(exchanged?.authorization).toBe(`Basic ${btoa('ringway:the+secret+of+ringway')}`)
    expect(await sha256(exchanged?.body.get('code_verifier') ?? '')).toMatch(/^[\w-]{43}$/)
  })

  it('brings no token into a URL: a code, good once and for the page that began', async () => {
    const back = await wayBack(provider)
    const location = new URL(locationOf(back))
    expect(location.origin + location.pathname + location.search).toBe('https://edge.example/phone')
    expect([...fragmentOf(back).keys()]).toEqual(['federated_code'])
    const code = fragmentOf(back).get('federated_code') ?? ''
    const tokens = await expectJson(await exchange(code), 200)
    expect(Object.keys(tokens).toSorted()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
    await expectOAuthError(await exchange(code), 400, 'invalid_grant')
    const stolen = fragmentOf(await wayBack(provider)).get('federated_code') ?? ''
    await expectOAuthError(await exchange(stolen, { verifier: `${verifier}x` }), 400, 'invalid_grant')
    await expectOAuthError(await exchange(stolen), 400, 'invalid_grant')
    await expectOAuthError(await exchange('no such code'), 400, 'invalid_grant')
  })

  it('is refreshed, until the domain lets nobody federate any more', async () => {
    const tokens = await federatedLogin(provider)
    const next = await expectJson(await requestToken({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }), 200)
    await env.DB.prepare(`update domains set services = '{"login":[]}' where name = 'a'`).run()
    await expectOAuthError(await requestToken({ grant_type: 'refresh_token', refresh_token: next['refresh_token'] }), 400, 'invalid_grant')
  })

  it('ends with its provider', async () => {
    const { id } = await configure({ name: 'other' })
    const tokens = await federatedLogin(provider, { provider: 'other' })
    expect((await call(`/sapi/oauthProviders/${id}`, { method: 'DELETE', token: await adminToken() })).status).toBe(204)
    await expectDead(tokens)
    const { results } = await env.DB.prepare('select * from oauth_identities where provider = ?').bind(id).all()
    expect(results).toEqual([])
  })

  it('is refused where the capability login-token was taken away', async () => {
    await env.DB.prepare(`update domains set capabilities = '["-login-token"]' where name = 'a'`).run()
    expect(await failureOf(provider)).toBe('accountUnknown')
  })
})

describe('a way back', () => {
  const back = async (change: (path: string) => string, cookie?: string) => {
    const begun = await start()
    return call(change(provider.signedIn(locationOf(begun))), { headers: { cookie: cookie ?? cookieOf(begun) } })
  }
  const errorOf = async (response: Promise<Response>) => fragmentOf(await response).get('federated_error')

  it('is refused without the browser that began, with another state and a second time', async () => {
    expect(await errorOf(back((path) => path, ''))).toBe('federationExpired')
    expect(await errorOf(back((path) => path, cookieOf(await start())))).toBe('federationExpired')
    expect(await errorOf(back((path) => path.replace(/state=[^&]+/, 'state=forged')))).toBe('federationExpired')
    expect(await errorOf(back((path) => path.replace(/&?state=[^&]+/, '')))).toBe('federationExpired')
    const begun = await start()
    const path = provider.signedIn(locationOf(begun))
    const headers = { cookie: cookieOf(begun) }
    expect(fragmentOf(await call(path, { headers })).get('federated_code')).toMatch(/^[\w-]{43}$/)
    expect(fragmentOf(await call(path, { headers })).get('federated_error')).toBe('federationExpired')
    expect(provider.requests.filter(({ path }) => path === '/token')).toHaveLength(1)
  })

  it('says what it said only where it began', async () => {
    const response = await back((path) => path, '')
    expect(locationOf(response)).toBe('https://edge.example/#federated_error=federationExpired')
    expect(response.status).toBe(303)
  })

  it('takes the cookie away', async () => {
    expect((await wayBack(provider)).headers.get('set-cookie')).toMatch(/^__Host-ringway-federated-[\w-]{16}=; Path=\/; Max-Age=0;/)
  })

  it('is refused when it comes too late', async () => {
    const begun = await start()
    vi.useFakeTimers({ now: Date.now() + 601_000, toFake: ['Date'] })
    const response = await call(provider.signedIn(locationOf(begun)), { headers: { cookie: cookieOf(begun) } })
    vi.useRealTimers()
    expect(fragmentOf(response).get('federated_error')).toBe('federationExpired')
  })

  it('with a refusal is told as one', async () => {
    expect(await errorOf(back((path) => path.replace(/code=code-\d+/, 'error=access_denied')))).toBe('federationRefused')
  })

  it('of another issuer (RFC 9207) is refused', async () => {
    expect(await errorOf(back((path) => `${path}&iss=https%3A%2F%2Fevil.example`))).toBe('federationInvalid')
  })
})

describe('an ID token', () => {
  const hour = 3600
  const now = () => Math.floor(Date.now() / 1000)

  it.each<[string, () => void]>([
    ['with another nonce', () => (provider.idToken = { nonce: 'another' })],
    ['without nonce', () => (provider.idToken = { nonce: undefined })],
    ['of another issuer', () => (provider.idToken = { iss: 'https://evil.example' })],
    ['for another client', () => (provider.idToken = { aud: 'another' })],
    ['for us and others, issued to another', () => (provider.idToken = { aud: ['ringway', 'another'], azp: 'another' })],
    ['that has expired', () => (provider.idToken = { iat: now() - hour, exp: now() - hour / 2 })],
    ['without subject', () => (provider.idToken = { sub: undefined })],
    ['signed with another key', () => (provider.forges = true)],
    ['about another than the user info', () => (provider.userInfo = { sub: 'subject-2' })],
  ])('%s is refused', async (_, misbehave) => {
    misbehave()
    expect(await failureOf(provider)).toBe('federationInvalid')
    const { results } = await env.DB.prepare(`select * from users where username = 'ann'`).all()
    expect(results).toEqual([])
  })

  it('without signature is refused', async () => {
    const parts = (await provider.token({ nonce: 'x' })).split('.')
    const none = `${btoa('{"alg":"none"}').replaceAll('=', '')}.${parts[1] ?? ''}.`
    provider.answers.set('/token', () => Response.json({ ...provider.tokens, id_token: none }))
    expect(await failureOf(provider)).toBe('federationInvalid')
  })

  it('that is missing is refused', async () => {
    provider.answers.set('/token', () => Response.json(provider.tokens))
    expect(await failureOf(provider)).toBe('federationInvalid')
  })
})

describe('a provider', () => {
  it('that is away is told to the page, or to whoever begins', async () => {
    provider.answers.set('/token', () => new Response('no', { status: 503 }))
    expect(await failureOf(provider)).toBe('federationUnavailable')
    await configure({ name: 'away', clientId: 'other', issuer: 'https://away.example' })
    const begun = await start({ provider: 'away' })
    expect([begun.status, locationOf(begun)]).toEqual([303, 'https://edge.example/phone#federated_error=federationUnavailable'])
    expect(begun.headers.get('set-cookie')).toBeNull()
  })

  it.each<[string, () => Response]>([
    ['that redirects', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
    ['that answers no JSON', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['of another name', () => Response.json({ issuer: 'https://other.example' })],
    ['that never stops', () => new Response('x'.repeat(300_000), { headers: { 'content-type': 'application/json' } })],
  ])('%s is none', async (_, answer) => {
    provider.answers.set('/.well-known/openid-configuration', answer)
    const response = await start()
    expect(fragmentOf(response).get('federated_error')).toMatch(/^federation(Invalid|Unavailable)$/)
    expect(provider.requests.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration'])
  })

  it('that points elsewhere than to the internet is not followed there', async () => {
    provider.metadata = { token_endpoint: 'https://10.0.0.1/token' }
    expect(await failureOf(provider)).toBe('federationInvalid')
    expect(provider.requests.some(({ path }) => path === '/token')).toBe(false)
  })

  it('is asked for its metadata and keys once', async () => {
    await federatedLogin(provider)
    await federatedLogin(provider)
    const count = (wanted: string) => provider.requests.filter(({ path }) => path === wanted).length
    expect([count('/.well-known/openid-configuration'), count('/keys')]).toEqual([1, 1])
  })
})

describe('a page to return to', () => {
  const query = async (fields: Record<string, string>) =>
    new URLSearchParams({ domain: 'a', code_challenge: await sha256(verifier), ...fields }).toString()

  it.each(['/', '/phone?x=1', 'https://edge.example/x', 'https://calls.acme.com/app'])('may be %s', async (returnTo) => {
    expect((await start({ returnTo })).status).toBe(303)
  })

  it.each([
    'https://evil.example/',
    '//evil.example/x',
    '/\\evil.example',
    'http://calls.acme.com/',
    'https://x.calls.acme.com/',
    'data:text/html,x',
    'https://a@calls.acme.com/',
    '/x#y',
  ])('may not be %s', async (returnTo) => {
    await expectOAuthError(await start({ returnTo }), 400, 'invalid_request')
  })

  it('has to have a verifier', async () => {
    for (const path of [
      `return_to=/phone&domain=a`,
      await query({ code_challenge: 'short' }),
      await query({ code_challenge_method: 'plain' }),
    ])
      await expectOAuthError(await call(`/sapi/o/federated/acme-id?${path}`), 400, 'invalid_request')
  })

  it('belongs to a domain with such a provider', async () => {
    await createDomain('b')
    for (const way of [{ domain: 'unknown.example' }, { domain: 'b' }]) await expectProblem(await start(way), 404, 'notFound')
    expect(fragmentOf(await start({ provider: 'unknown' })).get('federated_error')).toBe('notFound')
  })
})
