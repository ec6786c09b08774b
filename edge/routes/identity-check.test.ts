import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  expectJson,
  expectProblem,
  login,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'

/** AUTH-5: what a gateway learns of a subscriber's access token. */

beforeEach(startAnew)

const check = async (token: string, asker: string) => expectJson(await call('/sapi/identity', { json: { token }, token: asker }), 200)
const invalid = { valid: false }

/** A token of a client of the domain: a gateway. */
async function gateway(domain: string): Promise<string> {
  const json = { type: 'client', data: { name: 'gateway' }, domain }
  const made = await call('/sapi/credentials', { json, token: await adminToken() })
  const { data } = await expectJson<{ data: { clientId: string; clientSecret: string } }>(made, 201)
  const response = await requestToken({ grant_type: 'client_credentials', client_id: data.clientId, client_secret: data.clientSecret })
  return (await expectJson<{ access_token: string }>(response, 200)).access_token
}

describe('a gateway', () => {
  it('learns who a subscriber is and what is permitted', async () => {
    await createDomain('a', { capabilities: ['-presence'] })
    const alice = await createUser('a', 'alice', { capabilities: ['+recording'] })
    const token = await tokenOf('alice@a')
    const answer = await check(token, await gateway('a'))
    expect(answer).toEqual({
      valid: true,
      user: alice.id,
      username: 'alice@a',
      domain: 'a',
      role: 'user',
      capabilities: expect.arrayContaining(['callcontrol', 'login', 'recording']),
      services: expect.arrayContaining(['callcontrol', 'contacts', 'login']),
      scope: null,
      expires: expect.any(Number),
    })
    expect(answer['capabilities']).not.toContain('presence')
    expect(Number(answer['expires'])).toBeGreaterThan(Date.now() + 3_500_000)
  })

  it('serves its domain and those under it, and no other', async () => {
    await createDomain('a')
    await createDomain('under', { parent: 'a' })
    await createDomain('b')
    for (const domain of ['a', 'under', 'b']) await createUser(domain, 'alice')
    const tokens = [await tokenOf('alice@a'), await tokenOf('alice@under'), await tokenOf('alice@b')]
    const valid = async (asker: string) => Promise.all(tokens.map(async (token) => (await check(token, asker))['valid']))
    expect(await valid(await gateway('a'))).toEqual([true, true, false])
    expect(await valid(await gateway('under'))).toEqual([false, true, false])
    await createUser('b', 'boss', { role: 'admin' })
    expect(await valid(await tokenOf('boss@b'))).toEqual([false, false, true])
    expect(await valid(await adminToken())).toEqual([true, true, true])
  })

  it('learns at once that a login has ended, or its user or domain is out of use or may not log in', async () => {
    const { id } = await createDomain('a')
    const asker = await adminToken()
    const change = async (path: string, json: unknown) => expectJson(await call(path, { method: 'PATCH', json, token: asker }), 200)
    const alice = await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    await call('/sapi/o/revoke', { form: { token: first.refresh_token } })
    expect(await check(first.access_token, asker)).toEqual(invalid)
    const second = await tokenOf('alice@a')
    await change(`/sapi/domains/${id}`, { services: { login: null, contacts: null, callcontrol: null } })
    expect(await check(second, asker)).toEqual(invalid)
    await change(`/sapi/domains/${id}`, { services: { login: [] } })
    expect(await check(second, asker)).toMatchObject({ valid: true, services: ['login'] })
    await change(`/sapi/users/${alice.id}`, { disabled: true })
    expect(await check(second, asker)).toEqual(invalid)
  })

  it('learns of visitors and clients too', async () => {
    await createDomain('a', { enableAnonymous: true, anonymousCapabilities: ['-callcontrol'] })
    const visitor = await expectJson<{ access_token: string }>(await requestToken({ grant_type: 'anonymous', username: '@a' }), 200)
    const asker = await gateway('a')
    const answer = await check(visitor.access_token, asker)
    expect(answer).toMatchObject({ valid: true, role: 'anonymous', domain: 'a' })
    expect(answer['capabilities']).not.toContain('callcontrol')
    expect(await check(asker, asker)).toMatchObject({ valid: true, username: expect.stringMatching(/@a$/) })
  })

  it.each(['', 'x', 'a.b.c'])('takes no other text for a token: "%s"', async (token) => {
    const answer = await call('/sapi/identity', { json: { token }, token: await adminToken() })
    expect([200, 400]).toContain(answer.status)
    expect(await answer.json()).toMatchObject(token === '' ? { code: 'invalidRequest' } : invalid)
  })
})

describe('anybody else', () => {
  it('is told nothing', async () => {
    await createDomain('a')
    await createUser('a', 'alice')
    const token = await tokenOf('alice@a')
    await expectProblem(await call('/sapi/identity', { json: { token }, token }), 403, 'forbidden')
    await expectProblem(await call('/sapi/identity', { json: { token } }), 401, 'unauthenticated')
  })
})
