import { expect, it } from 'vitest'
import { isReduced, stillGranted } from './client-changes.ts'

const client = { role: 'admin', scopes: ['openid', 'sapi'], grantTypes: ['authorization_code', 'refresh_token'] } as const
type Powers = Parameters<typeof isReduced>[0]
const powers = (fields: Partial<Powers> = {}): Powers => ({
  role: client.role,
  scopes: [...client.scopes],
  grantTypes: [...client.grantTypes],
  ...fields,
})

it.each<[string, Partial<Powers>, boolean]>([
  ['nothing else', {}, false],
  ['another order', { scopes: ['sapi', 'openid'], grantTypes: ['refresh_token', 'authorization_code'] }, false],
  ['a higher role', { role: 'platform-admin' }, false],
  ['more scopes', { scopes: ['openid', 'sapi', 'wapi'] }, false],
  ['any scope', { scopes: undefined }, false],
  ['more grants', { grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] }, false],
  ['a lower role', { role: 'user' }, true],
  ['fewer scopes', { scopes: ['openid'] }, true],
  ['other scopes', { scopes: ['openid', 'wapi'] }, true],
  ['fewer grants', { grantTypes: ['authorization_code'] }, true],
])('a client that is given %s has lost something: %s', (_, fields, reduced) => {
  expect(isReduced(powers(), powers(fields))).toBe(reduced)
})

it('a client that was registered for any scope and now for some has', () => {
  expect(isReduced(powers({ scopes: undefined }), powers())).toBe(true)
})

it('what is still granted is what it is registered for', () => {
  const granted = ['openid', 'offline_access', 'sapi', 'wapi']
  expect(stillGranted(granted, powers({ scopes: undefined }))).toEqual(granted)
  expect(stillGranted(granted, powers())).toEqual(['openid', 'sapi'])
  expect(stillGranted(granted, powers({ scopes: undefined, grantTypes: ['authorization_code'] }))).toEqual(['openid', 'sapi', 'wapi'])
})
