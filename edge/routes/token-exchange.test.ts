import { decodeJwt, type JWTPayload } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adminToken, call, createDomain, expectJson, expectOAuthError, expectProblem, requestToken, startAnew } from './testing/api.ts'
import { LoginProvider } from './testing/login-provider.ts'

/** `validateAccessToken()`: a program brings a provider's token for one of its users. */

let provider: LoginProvider

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services: { login: [], oauth2client: [] }, settings: { logins: { createOAuthUser: true } } })
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'ann' }
  await expectJson(await call('/sapi/oauthProviders', { json: configuration(), token: await adminToken() }), 201)
})

afterEach(() => vi.unstubAllGlobals())

const configuration = (fields: Record<string, unknown> = {}) => ({
  ...provider.configuration,
  domain: 'a',
  allowedAudiences: ['phone-app'],
  ...fields,
})

const exchange = (kind: 'id_token' | 'access_token', token: string, fields: Record<string, unknown> = {}) =>
  requestToken({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token,
    subject_token_type: `urn:ietf:params:oauth:token-type:${kind}`,
    provider: 'acme-id',
    domain: 'a',
    ...fields,
  })

const named = { preferred_username: 'ann', name: 'Ann Lee' }

describe('an ID token', () => {
  const hour = 3600
  const now = () => Math.floor(Date.now() / 1000)

  it('becomes tokens of ours, as often as it is good', async () => {
    const token = await provider.token(named)
    const answer = await expectJson(await exchange('id_token', token), 200)
    expect(answer).toMatchObject({ token_type: 'Bearer', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' })
    expect(decodeJwt(String(answer['access_token']))).toMatchObject({ username: 'ann@a', displayName: 'Ann Lee' })
    const again = await expectJson(await exchange('id_token', token), 200)
    expect(decodeJwt(String(again['access_token'])).sub).toBe(decodeJwt(String(answer['access_token'])).sub)
  })

  it('may be for another of our clients', async () => {
    await expectJson(await exchange('id_token', await provider.token({ ...named, aud: 'phone-app' })), 200)
    await expectJson(await exchange('id_token', await provider.token({ ...named, aud: ['phone-app', 'other'], azp: 'phone-app' })), 200)
  })

  it.each<[string, () => JWTPayload]>([
    ['for another client', () => ({ aud: 'another' })],
    ['for us too, but issued to another', () => ({ aud: ['ringway', 'another'], azp: 'another' })],
    ['issued to us, but for another', () => ({ aud: 'another', azp: 'ringway' })],
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['that has expired', () => ({ iat: now() - hour, exp: now() - 60 })],
    ['that never expires', () => ({ exp: undefined })],
    ['for nobody', () => ({ aud: undefined })],
    ['about nobody', () => ({ sub: undefined })],
  ])('%s is refused', async (_, claims) => {
    await expectOAuthError(await exchange('id_token', await provider.token({ ...named, ...claims() })), 400, 'invalid_request')
  })

  it('with a nonce is held to the one that is told', async () => {
    const token = await provider.token({ ...named, nonce: 'n-1' })
    await expectOAuthError(await exchange('id_token', token, { nonce: 'n-2' }), 400, 'invalid_request')
    await expectJson(await exchange('id_token', token, { nonce: 'n-1' }), 200)
  })

  it('that is none is refused', async () => {
    const accessToken = await provider.token(named, { typ: 'at+jwt' })
    const [header = '', payload = ''] = (await provider.token(named)).split('.')
    for (const token of ['nonsense', `${header}.${payload}.`, `${btoa('{"alg":"none"}')}.${payload}.`, accessToken])
      await expectOAuthError(await exchange('id_token', token), 400, 'invalid_request')
    provider.forges = true
    await expectOAuthError(await exchange('id_token', await provider.token(named)), 400, 'invalid_request')
  })

  it('cannot be told from a forgery while the provider is away', async () => {
    provider.answers.set('/keys', () => new Response('no', { status: 500 }))
    await expectOAuthError(await exchange('id_token', await provider.token(named)), 503, 'temporarily_unavailable')
  })
})

describe('an access token', () => {
  it('that is opaque is refused where nobody says for whom it was made', async () => {
    const problem = await expectProblem(await exchange('access_token', 'access 1'), 400, 'audienceUnproven')
    expect(problem['error']).toBe('invalid_request')
    expect(provider.requests.some(({ path }) => path === '/userinfo')).toBe(false)
  })

  it.each([{ client_id: 'ringway' }, { aud: 'phone-app' }, { aud: ['x', 'ringway'] }, { client_id: 'ringway', aud: ['x', 'phone-app'] }])(
    'counts where introspection says %j',
    async (said) => {
      provider.metadata = { introspection_endpoint: `${provider.issuer}/introspect` }
      provider.introspection = { active: true, sub: 'subject-1', ...said }
      const answer = await expectJson(await exchange('access_token', 'access 1'), 200)
      expect(decodeJwt(String(answer['access_token']))['username']).toBe('ann@a')
      const [asked] = provider.requests.filter(({ path }) => path === '/introspect')
      expect(asked?.body.get('token')).toBe('access 1')
    },
  )

  it.each<[Record<string, unknown>, string]>([
    [{ active: false, sub: 'subject-1', client_id: 'ringway' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1', client_id: 'another' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1', client_id: 'another', aud: 'ringway' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1', aud: 'another' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1', client_id: 'ringway', aud: 'another' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1', client_id: 'ringway', iss: 'https://evil.example' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-2', client_id: 'ringway' }, 'federationInvalid'],
    [{ active: true, client_id: 'ringway' }, 'federationInvalid'],
    [{ active: true, sub: 'subject-1' }, 'audienceUnproven'],
  ])('is refused where introspection says %j', async (said, code) => {
    provider.metadata = { introspection_endpoint: `${provider.issuer}/introspect` }
    provider.introspection = said
    await expectProblem(await exchange('access_token', 'access 1'), 400, code)
  })

  it('that is a JWT says itself for whom it was made, and the provider whose it is', async () => {
    const ofUs = await provider.token({ aud: ['other', 'ringway'], azp: 'phone-app' }, { typ: 'at+jwt' })
    await expectJson(await exchange('access_token', ofUs), 200)
    await expectProblem(await exchange('access_token', await provider.token({ aud: 'api', azp: 'ringway' })), 400, 'federationInvalid')
    await expectProblem(await exchange('access_token', await provider.token({ aud: 'ringway', azp: 'another' })), 400, 'federationInvalid')
    await expectProblem(await exchange('access_token', await provider.token({ aud: 'api' })), 400, 'federationInvalid')
    await expectProblem(
      await exchange('access_token', await provider.token({ aud: 'ringway', sub: 'subject-2' })),
      400,
      'federationInvalid',
    )
  })
})

it('an access token of Keycloak is for `account`, which an admin has to allow', async () => {
  const token = await provider.token({ aud: 'account', azp: 'ringway' }, { typ: 'JWT' })
  await expectProblem(await exchange('access_token', token), 400, 'federationInvalid')
  const allowing = configuration({ name: 'keycloak', allowedAudiences: ['account'] })
  await expectJson(await call('/sapi/oauthProviders', { json: allowing, token: await adminToken() }), 201)
  await expectJson(await exchange('access_token', token, { provider: 'keycloak' }), 200)
  const ofAnother = await provider.token({ aud: 'account', azp: 'another' }, { typ: 'JWT' })
  await expectProblem(await exchange('access_token', ofAnother, { provider: 'keycloak' }), 400, 'federationInvalid')
})

it('knows no other providers, domains and kinds of tokens', async () => {
  const token = await provider.token(named)
  await expectProblem(await exchange('id_token', token, { provider: 'unknown' }), 404, 'notFound')
  await expectProblem(await exchange('id_token', token, { domain: 'unknown.example' }), 404, 'notFound')
  await expectProblem(await exchange('id_token', token, { domain: undefined }), 404, 'notFound')
  await expectOAuthError(
    await exchange('id_token', token, { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }),
    400,
    'invalid_request',
  )
})
