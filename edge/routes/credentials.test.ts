import { beforeEach, describe, expect, it } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  login,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
} from './testing/api.ts'

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

const post = async (json: unknown, token?: string) => call('/sapi/credentials', { json, token: token ?? (await adminToken()) })
const get = async (id: string) => call(`/sapi/credentials/${id}`, { token: await adminToken() })
const plainUser = async (username: string) =>
  expectJson<Made>(await call('/sapi/users', { json: { domain: 'a', username, role: 'user' }, token: await adminToken() }), 201)

describe('a password', () => {
  it('lets its user in, is never shown and is stored as a slow hash', async () => {
    const user = await plainUser('alice')
    const json = {
      source: 'wac',
      type: 'basic',
      context: { set: 'by hand' },
      domain: 'a',
      user: user.id,
      data: { password: 'a long secret' },
      lease: 0,
    }
    const response = await post(json)
    const credential = await expectJson<Made>(response, 201)
    expect(response.headers.get('location')).toBe(`/sapi/credentials/${credential.id}`)
    expect(credential).toEqual({
      id: expect.any(String),
      source: 'wac',
      type: 'basic',
      context: { set: 'by hand' },
      domain: 'a',
      user: user.id,
      data: {},
      lease: 0,
      created: expect.any(Number),
      expires: null,
    })
    expect(await expectJson(await get(credential.id), 200)).toEqual(credential)
    await login('alice@a', 'a long secret')
    const stored = await env.DB.prepare('select * from credentials where id = ?').bind(credential.id).first()
    expect(JSON.stringify(stored)).not.toContain('a long secret')
    expect(stored?.['secret_hash']).toMatch(/^scrypt\$14\$8\$5\$/)
  })

  it('is one per user: another replaces it', async () => {
    const user = await plainUser('alice')
    for (const password of ['the first secret', 'the second secret'])
      await expectJson(await post({ type: 'basic', user: user.id, data: { password } }), 201)
    expect(await expectJson<Made[]>(await call(`/sapi/credentials?user=${user.id}`, { token: await adminToken() }), 200)).toHaveLength(1)
    expect((await requestToken({ grant_type: 'password', username: 'alice@a', password: 'the first secret' })).status).toBe(400)
    await login('alice@a', 'the second secret')
  })

  it('is good for its lease', async () => {
    const user = await plainUser('alice')
    const credential = await expectJson<Made>(
      await post({ type: 'basic', user: user.id, data: { password: 'a long secret' }, lease: 3600 }),
      201,
    )
    expect(Number(credential['expires']) - Number(credential['created'])).toBe(3_600_000)
    await login('alice@a', 'a long secret')
    await env.DB.prepare('update credentials set expires_at = ? where id = ?')
      .bind(Date.now() - 1, credential.id)
      .run()
    expect((await requestToken({ grant_type: 'password', username: 'alice@a', password: 'a long secret' })).status).toBe(400)
  })

  it('that is removed lets nobody in any more', async () => {
    await createUser('a', 'alice')
    const token = await tokenOf('alice@a')
    const [credential] = await expectJson<Made[]>(await call('/sapi/credentials?domain=a', { token: await adminToken() }), 200)
    const response = await call(`/sapi/credentials/${credential?.id}`, { method: 'DELETE', token: await adminToken() })
    expect(response.status).toBe(204)
    await expectProblem(await call('/sapi/users/me', { token }), 401, 'tokenRevoked')
    await expectProblem(await get(String(credential?.id)), 404, 'notFound')
  })

  it.each([
    ['no user', { type: 'basic', data: { password: 'a long secret' } }, 400],
    ['an unknown user', { type: 'basic', user: crypto.randomUUID(), data: { password: 'a long secret' } }, 404],
    ['a short password', { type: 'basic', user: 'x', data: { password: 'short' } }, 400],
    ['no password', { type: 'basic', user: 'x', data: {} }, 400],
    ['a password that is no text', { type: 'basic', user: 'x', data: { password: { length: 100 } } }, 400],
    ['an unknown type', { type: 'magic', user: 'x', data: {} }, 400],
    ['another source', { type: 'basic', source: 'ldap', user: 'x', data: { password: 'a long secret' } }, 400],
    ['a negative lease', { type: 'basic', user: 'x', data: { password: 'a long secret' }, lease: -1 }, 400],
  ])('is refused with %s', async (_, json, status) => {
    await expectProblem(await post(json), status, status === 404 ? 'notFound' : 'invalidRequest')
  })

  it("is refused with another domain than the user's", async () => {
    const user = await plainUser('alice')
    await expectProblem(
      await post({ type: 'basic', domain: 'default', user: user.id, data: { password: 'a long secret' } }),
      404,
      'notFound',
    )
  })
})

describe('a client', () => {
  it('tells its secret once', async () => {
    const response = await post({ type: 'client', domain: 'a', data: { name: 'gateway' } })
    const client = await expectJson<Made & { data: { clientSecret: string } }>(response, 201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(client).toMatchObject({
      user: null,
      domain: 'a',
      data: { name: 'gateway', role: 'user', clientId: client.id, clientSecret: expect.stringMatching(/^[\w-]{43}$/) },
    })
    const shown = await (await get(client.id)).text()
    const listed = await (await call('/sapi/credentials', { token: await adminToken() })).text()
    const stored = JSON.stringify((await env.DB.prepare('select * from credentials').all()).results)
    for (const text of [shown, listed, stored]) expect(text).not.toContain(client.data.clientSecret)
  })

  it('has no more rights than who makes it', async () => {
    await createUser('a', 'boss', { role: 'admin' })
    const token = await tokenOf('boss@a')
    await expectJson(await post({ type: 'client', data: { name: 'x', role: 'admin' } }, token), 201)
    await expectProblem(await post({ type: 'client', data: { name: 'x', role: 'platform-admin' } }, token), 403, 'forbidden')
    await expectProblem(await post({ type: 'client', data: { name: 'x', role: 'anonymous' } }, token), 400, 'invalidRequest')
    const root = await expectJson<Made>(await post({ type: 'client', domain: 'a', data: { name: 'x', role: 'platform-admin' } }), 201)
    await expectProblem(await call(`/sapi/credentials/${root.id}`, { method: 'DELETE', token }), 403, 'forbidden')
  })
})

it('lists come in pages, by user, domain and type, of domains below too', async () => {
  await createDomain('below', { parent: 'a' })
  const alice = await createUser('a', 'alice')
  await createUser('below', 'bob')
  await expectJson(await post({ type: 'client', domain: 'below', data: { name: 'x' } }), 201)
  const list = async (query: string) => {
    const found: unknown[] = []
    let path: string | undefined = `/sapi/credentials?${query}`
    while (path !== undefined) {
      const response = await call(path, { token: await adminToken() })
      found.push(...(await expectJson<Made[]>(response, 200)).map(({ type, domain }) => `${type}@${domain}`))
      path = nextPage(response.headers.get('link'))
    }
    return found.toSorted()
  }
  expect(await list('limit=1')).toEqual(['basic@a', 'basic@below', 'basic@default', 'client@below'])
  expect(await list('domain=a')).toEqual(['basic@a', 'basic@below', 'client@below'])
  expect(await list(`user=${alice.id}`)).toEqual(['basic@a'])
  expect(await list('type=client')).toEqual(['client@below'])
})
