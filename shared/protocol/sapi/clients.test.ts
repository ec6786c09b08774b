import { expect, it } from 'vitest'
import { clientDataSchema, newClientDataSchema, redirectUriSchema } from './clients.ts'

it.each([
  'https://app.example',
  'https://app.example/cb?x=1',
  'https://app.example:8443/cb',
  'http://127.0.0.1/cb',
  'http://[::1]:9/cb',
  'http://localhost:3000/cb',
  'com.example.app:/cb',
  'com.example.app:/oauth2/callback?x=1',
])('%s may be redirected to', (uri) => {
  expect(redirectUriSchema.safeParse(uri).success).toBe(true)
})

it.each([
  '/cb',
  'http://app.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'https://app.example/cb#f',
  'https://app.example/cb#',
  'https://user@app.example/cb',
  'https://*.app.example/cb',
  'https://app.example/ü',
  'https://app.example/a b',
  'https://app.example\\@evil.example/',
  // oxlint-disable-next-line no-script-url -- This is what must not be registered.
  'javascript:alert(1)',
  'data:text/html,x',
  'app:/cb',
  'file:///etc/passwd',
])('%s may not', (uri) => {
  expect(redirectUriSchema.safeParse(uri).success).toBe(false)
})

it('a client from before there was more to register is one for itself', () => {
  expect(clientDataSchema.parse({ name: 'gateway', role: 'admin' })).toEqual({
    name: 'gateway',
    role: 'admin',
    redirectUris: [],
    postLogoutRedirectUris: [],
    grantTypes: ['client_credentials'],
    trusted: false,
  })
})

it.each([
  ['codes without a redirect URI', { grantTypes: ['authorization_code'] }],
  ['itself without a proof', { authMethod: 'none' }],
  ['no grant at all', { grantTypes: [] }],
  ['the password grant', { grantTypes: ['password'] }],
  ['an unknown scope', { scopes: ['root'] }],
  ['a private key', { authMethod: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', d: 'x' }] } }],
  ['a shared key', { authMethod: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'x' }] } }],
])('nothing is registered for %s', (_, data) => {
  expect(newClientDataSchema.safeParse({ name: 'x', ...data }).success).toBe(false)
})
