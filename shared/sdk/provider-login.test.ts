import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RingwayClient } from './RingwayClient.ts'
import { memoryStorage } from './session/Memory.ts'
import { TestDeployment } from './testing/TestDeployment.ts'

let deployment: TestDeployment
let client: RingwayClient

/** The page, as far as a login moves it. */
const page = {
  left: '',
  address: 'https://app.example/phone?x=1',
}

beforeEach(async () => {
  deployment = await TestDeployment.start()
  client = deployment.client()
  page.left = ''
  page.address = 'https://app.example/phone?x=1'
  vi.stubGlobal('window', {
    get location() {
      const { origin, pathname, search, hash } = new URL(page.address)
      return { origin, pathname, search, hash, assign: (url: string) => (page.left = url) }
    },
    history: { state: null, replaceState: (_: unknown, __: string, url: string) => (page.address = new URL(url, page.address).href) },
  })
})

afterEach(async () => {
  client.close()
  vi.unstubAllGlobals()
  await deployment.close()
})

test('leaves for the provider with a challenge, and comes back with a code for its verifier alone', async () => {
  await client.loginWithProvider('acme id', { domain: 'acme.example' })
  const { origin, pathname, searchParams } = new URL(page.left)
  expect(origin + pathname).toBe(`${deployment.server.url}/sapi/o/federated/acme%20id`)
  expect(Object.fromEntries(searchParams)).toEqual({
    domain: 'acme.example',
    return_to: 'https://app.example/phone?x=1',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  })
  page.address += '#federated_code=the-code'
  const session = await client.completeLogin()
  expect(session?.user.username).toBe('alice@default')
  expect(page.address).toBe('https://app.example/phone?x=1')
  const [request] = deployment.tokenRequests
  const verifier = String(request?.['code_verifier'])
  expect(request).toEqual({ grant_type: 'urn:ringway:federated-code', code: 'the-code', code_verifier: verifier })
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  expect(Buffer.from(digest).toString('base64url')).toBe(searchParams.get('code_challenge'))
})

test('has nothing to complete where the page has not left', async () => {
  await expect(client.completeLogin()).resolves.toBeNull()
  page.address += '#something=else'
  await expect(client.completeLogin()).resolves.toBeNull()
  expect(page.address).toContain('#something=else')
})

test('takes no code that another page has slipped to it', async () => {
  page.address += '#federated_code=of-somebody-else'
  await expect(client.completeLogin()).rejects.toMatchObject({ code: 'federationExpired' })
  expect(deployment.tokenRequests).toEqual([])
  expect(page.address).not.toContain('#')
})

test.each([
  ['accountUnknown', 'accountUnknown'],
  ['<script>', 'federationInvalid'],
])('tells the error %s as %s', async (told, code) => {
  await client.loginWithProvider('acme')
  page.address += `#federated_error=${encodeURIComponent(told)}`
  await expect(client.completeLogin()).rejects.toMatchObject({ code })
  await expect(client.completeLogin()).resolves.toBeNull()
})

test('brings a token of a provider', async () => {
  await client.loginWithToken('acme', 'an ID token', { nonce: 'n' })
  await client.logout()
  await client.loginWithToken('acme', 'an access token', { tokenType: 'access_token', domain: 'acme.example' })
  expect(deployment.tokenRequests).toEqual([
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      provider: 'acme',
      subject_token: 'an ID token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      nonce: 'n',
    },
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      provider: 'acme',
      subject_token: 'an access token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      domain: 'acme.example',
    },
  ])
})

test('leaves from a page only', async () => {
  vi.unstubAllGlobals()
  await expect(deployment.client({ storage: memoryStorage() }).loginWithProvider('acme')).rejects.toThrow(TypeError)
})
