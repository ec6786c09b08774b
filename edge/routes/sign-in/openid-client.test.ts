import { exportJWK, generateKeyPair } from 'jose'
import * as oidc from 'openid-client'
import { beforeEach, describe, expect, it } from 'vitest'
import { call, createDomain, createUser, expectDead, type Made, origin, startAnew } from '../testing/api.ts'
import { Browser } from '../testing/browser.ts'
import { logIn, redirectUri, registerClient, type TestClient } from '../testing/oauth.ts'

/** A library of others, certified by the OpenID Foundation, as a client of ours. */

let alice: Made

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  alice = await createUser('a', 'alice', { alias: 'Alice', email: 'alice@acme.example' })
})

const toUs: oidc.CustomFetch = (url, { method, headers, body }) => {
  const { pathname, search } = new URL(url)
  return call(`${pathname}${search}`, { method, headers: { ...headers }, ...(body == null ? {} : { body: body as BodyInit }) })
}

const discovered = (clientId: string, auth: oidc.ClientAuth, algorithm: 'oidc' | 'oauth2' = 'oidc'): Promise<oidc.Configuration> =>
  oidc.discovery(new URL(origin), clientId, {}, auth, { algorithm, [oidc.customFetch]: toUs })

/** The whole way of a user: to us, through the pages, and back to the library. */
async function logInBy(configuration: oidc.Configuration, options: { redirect?: string; parameters?: Record<string, string> } = {}) {
  const redirect = options.redirect ?? redirectUri
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedNonce = oidc.randomNonce()
  const expectedState = oidc.randomState()
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: redirect,
    scope: 'openid profile email offline_access sapi',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    nonce: expectedNonce,
    state: expectedState,
    ...options.parameters,
  })
  const browser = new Browser()
  const consent = await logIn(await browser.open(url.href))
  const answered = await consent.submit({ decision: 'allow' })
  const checks = { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true, maxAge: 300 }
  const answer = answered.response.status === 303 ? answered.sentTo : formRequest(redirect, answered.hidden)
  return { browser, tokens: await oidc.authorizationCodeGrant(configuration, answer, checks) }
}

const formRequest = (url: string, fields: Record<string, string>) => new Request(url, { method: 'POST', body: new URLSearchParams(fields) })

const publicKeyClient = async (data: Record<string, unknown> = {}) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }
  const { clientId } = await registerClient({ authMethod: 'private_key_jwt', jwks, ...data })
  return { clientId, auth: oidc.PrivateKeyJwt({ key: privateKey, kid: 'k1' }) }
}

const methods: [string, () => Promise<{ clientId: string; auth: oidc.ClientAuth }>][] = [
  ['client_secret_basic', async () => withSecret(await registerClient({ authMethod: 'client_secret_basic' }), oidc.ClientSecretBasic)],
  ['client_secret_post', async () => withSecret(await registerClient({ authMethod: 'client_secret_post' }), oidc.ClientSecretPost)],
  ['private_key_jwt', publicKeyClient],
  ['none', async () => ({ clientId: (await registerClient({ authMethod: 'none' })).clientId, auth: oidc.None() })],
]

const withSecret = ({ clientId, clientSecret }: TestClient, auth: (secret: string) => oidc.ClientAuth) => ({
  clientId,
  auth: auth(clientSecret),
})

describe.each(methods)('a client that authenticates by %s', (_, register) => {
  it('discovers, logs a user in, reads who it is, refreshes and revokes', async () => {
    const { clientId, auth } = await register()
    const configuration = await discovered(clientId, auth)
    oidc.enableNonRepudiationChecks(configuration)
    const { tokens } = await logInBy(configuration)
    expect(tokens.claims()).toMatchObject({ sub: alice.id, aud: clientId, iss: origin, name: 'Alice' })
    const info = await oidc.fetchUserInfo(configuration, tokens.access_token, alice.id)
    expect(info).toEqual({
      sub: alice.id,
      name: 'Alice',
      preferred_username: 'alice@a',
      email: 'alice@acme.example',
      email_verified: false,
    })
    const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
    expect(refreshed.claims()?.sub).toBe(alice.id)
    expect((await call('/sapi/users/me', { token: refreshed.access_token })).status).toBe(200)
    await oidc.tokenRevocation(configuration, refreshed.refresh_token ?? '')
    await expectDead({ access_token: refreshed.access_token })
    await expect(oidc.refreshTokenGrant(configuration, refreshed.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

it('introspects its tokens, by each method that proves something', async () => {
  for (const [method, register] of methods) {
    const { clientId, auth } = await register()
    const configuration = await discovered(clientId, auth)
    const { tokens } = await logInBy(configuration)
    const asked = oidc.tokenIntrospection(configuration, tokens.access_token)
    if (method === 'none') await expect(asked).rejects.toMatchObject({ status: 401 })
    else
      expect(await asked).toMatchObject({
        active: true,
        sub: alice.id,
        client_id: clientId,
        scope: 'openid profile email offline_access sapi',
      })
  }
})

it('acts for itself with its key (RFC 7523)', async () => {
  const { clientId, auth } = await publicKeyClient({ redirectUris: [], grantTypes: ['client_credentials'], role: 'admin' })
  const configuration = await discovered(clientId, auth, 'oauth2')
  const tokens = await oidc.clientCredentialsGrant(configuration, { scope: 'sapi' })
  expect(tokens).toMatchObject({ scope: 'sapi', token_type: 'bearer' })
  expect((await call('/sapi/users', { token: tokens.access_token })).status).toBe(200)
})

it('takes its answer as a form, on a page that works without scripts', async () => {
  const { clientId, clientSecret } = await registerClient()
  const configuration = await discovered(clientId, oidc.ClientSecretBasic(clientSecret))
  const { tokens } = await logInBy(configuration, { parameters: { response_mode: 'form_post' } })
  expect(tokens.claims()?.sub).toBe(alice.id)
})

it('serves a native app on a port of its own (RFC 8252 §7.3)', async () => {
  const { clientId } = await registerClient({ authMethod: 'none', redirectUris: ['http://127.0.0.1/cb', 'com.example.app:/cb'] })
  for (const redirect of ['http://127.0.0.1:49152/cb', 'com.example.app:/cb']) {
    const configuration = await discovered(clientId, oidc.None())
    const { tokens } = await logInBy(configuration, { redirect })
    expect(tokens.claims()?.sub).toBe(alice.id)
  }
})

it('logs its user out (OpenID Connect RP-Initiated Logout)', async () => {
  const { clientId, clientSecret } = await registerClient({ postLogoutRedirectUris: ['https://client.example/bye'] })
  const configuration = await discovered(clientId, oidc.ClientSecretBasic(clientSecret))
  const { browser, tokens } = await logInBy(configuration)
  const url = oidc.buildEndSessionUrl(configuration, {
    post_logout_redirect_uri: 'https://client.example/bye',
    id_token_hint: tokens.id_token ?? '',
    state: 'later',
  })
  expect((await browser.open(url.href)).sentTo.href).toBe('https://client.example/bye?state=later')
  await expectDead({ access_token: tokens.access_token })
  expect([...browser.cookies.keys()]).toEqual([])
})
