import { beforeEach, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  expectDead,
  expectJson,
  login,
  type Made,
  requestToken,
  startAnew,
  userPassword,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

/** What ends logins: their tokens die, their sockets close. */

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

const me = (token: string) => call('/sapi/users/me', { token })

const replace = async (user: Made, change: Record<string, unknown>) => {
  const body = { domain: 'a', username: 'alice', email: '', role: 'user', capabilities: [], mobilePhone: [], ...change }
  return expectJson(await call(`/sapi/users/${user.id}`, { method: 'PUT', json: body, token: await adminToken() }), 200)
}

it.each([
  ['another role', { role: 'admin' }],
  ['another name', { username: 'alicia' }],
  ['another domain', { domain: 'default' }],
  ['being put out of use', { disabled: true }],
])('%s', async (_, change) => {
  const user = await createUser('a', 'alice')
  const tokens = await login('alice@a', userPassword)
  const socket = await openHubSocket(tokens.access_token)
  await replace(user, change)
  expect(await socket.closed).toEqual({ code: 4401 })
  await expectDead(tokens)
})

it('not another alias', async () => {
  const user = await createUser('a', 'alice')
  const tokens = await login('alice@a', userPassword)
  await replace(user, { alias: 'Al' })
  expect((await me(tokens.access_token)).status).toBe(200)
})

it('the removal of the user', async () => {
  const user = await createUser('a', 'alice')
  const tokens = await login('alice@a', userPassword)
  const socket = await openHubSocket(tokens.access_token)
  const removed = await expectJson(await call(`/sapi/users/${user.id}`, { method: 'DELETE', token: await adminToken() }), 200)
  expect(removed).toEqual({ id: user.id, removed: { credentials: 1, logins: 1, contacts: 0, groups: 0, meetings: 0 } })
  expect(await socket.closed).toEqual({ code: 4401 })
  await expectDead(tokens)
})

it('another password', async () => {
  const user = await createUser('a', 'alice')
  const tokens = await login('alice@a', userPassword)
  const json = { type: 'basic', user: user.id, data: { password: 'another password' } }
  await expectJson(await call('/sapi/credentials', { json, token: await adminToken() }), 201)
  await expectDead(tokens)
  expect((await requestToken({ grant_type: 'password', username: 'alice@a', password: userPassword })).status).toBe(400)
  await login('alice@a', 'another password')
})

it('a domain, or one above it, being put out of use; until it is in use again', async () => {
  const parent = await createDomain('parent')
  await createDomain('child', { parent: 'parent' })
  await createUser('child', 'carol')
  const tokens = await login('carol@child', userPassword)
  const body = { domain: 'parent', parent: null, origins: [], enableAnonymous: false, services: { login: [], contacts: [] } }
  const put = async (disabled: boolean) =>
    expectJson(await call(`/sapi/domains/${parent.id}`, { method: 'PUT', json: { ...body, disabled }, token: await adminToken() }), 200)
  await put(true)
  await expectDead(tokens)
  const again = { grant_type: 'password', username: 'carol@child', password: userPassword }
  expect(await expectJson(await requestToken(again), 400)).toMatchObject({ error: 'invalid_grant' })
  await put(false)
  await login('carol@child', userPassword)
})

it('a domain being renamed or removed', async () => {
  const domain = await createDomain('old')
  await createUser('old', 'carol')
  const tokens = await login('carol@old', userPassword)
  const body = { domain: 'new', parent: null, origins: [], enableAnonymous: false, services: { login: [] } }
  await expectJson(await call(`/sapi/domains/${domain.id}`, { method: 'PUT', json: body, token: await adminToken() }), 200)
  await expectDead(tokens)
  const later = await login('carol@new', userPassword)
  await expectJson(await call(`/sapi/domains/${domain.id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
  await expectDead(later)
})
