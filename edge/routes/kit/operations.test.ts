import { database } from '#edge/db/d1/database.ts'
import { removeExpired } from '#edge/db/d1/expiry.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  type Call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  type Made,
  startAnew,
  tokenOf,
} from '../testing/api.ts'

/** What the kit does for every operation alike, seen on users. */
let alice: Made
let admin: string

const userOf = async (id: string): Promise<{ body: Made; etag: string }> => {
  const response = await call(`/sapi/users/${id}`, { token: admin })
  return { etag: response.headers.get('etag') ?? '', body: await expectJson<Made>(response, 200) }
}

const post = (json: unknown, key?: string, options: Call = {}): Promise<Response> =>
  call('/sapi/users', { json, token: admin, ...options, headers: key === undefined ? {} : { 'idempotency-key': key } })

beforeAll(async () => {
  await startAnew()
  await createDomain('a')
  alice = await createUser('a', 'alice', { alias: 'Alice' })
  await createUser('a', 'boss', { role: 'admin' })
  admin = await adminToken()
})

describe('validators', () => {
  it('let one of two changes from the same state through', async () => {
    const { body, etag } = await userOf(alice.id)
    const put = (alias: string) =>
      call(`/sapi/users/${alice.id}`, { method: 'PUT', json: { ...body, alias }, token: admin, headers: { 'if-match': etag } })
    const [first, second] = await Promise.all([put('One'), put('Two')])
    expect([first.status, second.status].toSorted()).toEqual([200, 412])
    const refused = first.status === 412 ? first : second
    await expectProblem(refused, 412, 'preconditionFailed')
    const accepted = first.status === 200 ? first : second
    expect(accepted.headers.get('etag')).toBe((await userOf(alice.id)).etag)
  })

  it('say that nothing has changed', async () => {
    const { etag } = await userOf(alice.id)
    const response = await call(`/sapi/users/${alice.id}`, { token: admin, headers: { 'if-none-match': `"other", W/${etag}` } })
    expect(response.status).toBe(304)
    expect(await response.text()).toBe('')
    expect(response.headers.get('etag')).toBe(etag)
  })

  it('guard a removal', async () => {
    const { id } = await createUser('a', 'leaver')
    const remove = (tag: string) => call(`/sapi/users/${id}`, { method: 'DELETE', token: admin, headers: { 'if-match': tag } })
    await expectProblem(await remove('"stale"'), 412, 'preconditionFailed')
    expect((await remove((await userOf(id)).etag)).status).toBe(200)
  })

  it('hold for anything that is stored when the header is *', async () => {
    const response = await call(`/sapi/users/${alice.id}`, {
      method: 'PATCH',
      json: { alias: 'Any' },
      token: admin,
      headers: { 'if-match': '*' },
    })
    expect(response.status).toBe(200)
  })
})

describe('PATCH', () => {
  it('changes what it names and nothing else', async () => {
    const before = (await userOf(alice.id)).body
    const patched = await expectJson(
      await call(`/sapi/users/${alice.id}`, { method: 'PATCH', json: { email: 'alice@a.example', capabilities: ['+chat'] }, token: admin }),
      200,
    )
    expect(patched).toEqual({ ...before, email: 'alice@a.example', capabilities: ['+chat'] })
  })

  it('returns to its default what is null', async () => {
    const patched = await expectJson(await call(`/sapi/users/${alice.id}`, { method: 'PATCH', json: { alias: null }, token: admin }), 200)
    expect(patched).toMatchObject({ alias: '', email: 'alice@a.example' })
  })

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('takes no member for one of every object: %s', async (name) => {
    const before = (await userOf(alice.id)).body
    const response = await call(`/sapi/users/${alice.id}`, { method: 'PATCH', body: `{"${name}":null}`, token: admin })
    expect(await expectJson(response, 200)).toEqual(before)
  })

  it('refuses what nests deeper than anything it is for', async () => {
    const deep = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`
    for (const [method, path] of [
      ['PATCH', `/sapi/users/${alice.id}`],
      ['POST', '/sapi/users'],
      ['POST', '/sapi/o/token'],
    ] as const) {
      const response = await call(path, { method, body: deep, token: admin, headers: { 'content-type': 'application/json' } })
      expect(await expectJson(response, 400)).toMatchObject({ code: 'invalidRequest', context: { maxDepth: 64 } })
    }
  })

  it.each([{ role: 'king' }, { username: null }, { mobilePhone: 'one' }, ['alias'], null, 'alias'])(
    'refuses %j and changes nothing',
    async (json) => {
      const before = (await userOf(alice.id)).body
      await expectProblem(await call(`/sapi/users/${alice.id}`, { method: 'PATCH', json, token: admin }), 400, 'invalidRequest')
      expect((await userOf(alice.id)).body).toEqual(before)
    },
  )
})

describe('Idempotency-Key', () => {
  const count = async (): Promise<number> => (await env.DB.prepare('select count(*) as n from users').first<number>('n')) ?? 0

  it('makes a repetition hear the first answer', async () => {
    const first = await post({ domain: 'a', username: 'once' }, 'key-1')
    const users = await count()
    const second = await post({ domain: 'a', username: 'once' }, 'key-1')
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    for (const name of ['location', 'etag', 'content-type']) expect(second.headers.get(name)).toBe(first.headers.get(name))
    expect(await expectJson(second, 201)).toEqual(await expectJson(first, 201))
    expect(await count()).toBe(users)
  })

  it('lets one of ten at the same time through', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post({ domain: 'a', username: 'racer' }, 'key-2')))
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1)
    const ids = new Set<unknown>()
    for (const response of answers) {
      if (response.status === 201) ids.add((await expectJson(response, 201))['id'])
      else await expectProblem(response, 409, 'idempotencyInProgress')
    }
    expect(ids.size).toBe(1)
  })

  it('belongs to one request', async () => {
    await expectProblem(await post({ domain: 'a', username: 'other' }, 'key-1'), 422, 'idempotencyKeyReused')
  })

  it('belongs to one caller', async () => {
    const token = await tokenOf('boss@a')
    await expectProblem(await post({ username: 'once' }, 'key-1', { token }), 409, 'conflict')
  })

  it('is free again after a failure', async () => {
    await expectProblem(await post({ domain: 'a', username: 'alice' }, 'key-3'), 409, 'conflict')
    expect((await post({ domain: 'a', username: 'third' }, 'key-3')).status).toBe(201)
  })

  it('is free again where the process died over the request', async () => {
    const age = Date.now() - 61_000
    await env.DB.prepare(
      `insert into idempotent_requests values ((select id from users where username = 'admin'), 'key-4', 'x', null, ?, ?)`,
    )
      .bind(age, age + 86_400_000)
      .run()
    expect((await post({ domain: 'a', username: 'fourth' }, 'key-4')).status).toBe(201)
  })

  it.each(['', 'a b', 'ä', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    await expectProblem(await post({ domain: 'a', username: 'nobody' }, encodeURI(key) === key ? key : 'a b'), 400, 'invalidRequest')
  })

  it('does not keep what was answered in the clear', async () => {
    const { results } = await env.DB.prepare('select sealed_answer from idempotent_requests').all()
    expect(JSON.stringify(results)).toContain('v1.')
    expect(JSON.stringify(results)).not.toContain('once')
  })

  it('is forgotten after a day', async () => {
    await post({ domain: 'a', username: 'yesterday' }, 'key-5')
    await removeExpired(database(env.DB), Date.now() + 86_400_000 + 1)
    expect(await env.DB.prepare('select count(*) as n from idempotent_requests').first<number>('n')).toBe(0)
  })
})

describe('methods', () => {
  it.each(['POST', 'OPTIONS'])('%s is not one of a user', async (method) => {
    const response = await call(`/sapi/users/${alice.id}`, { method, token: admin })
    expect(response.headers.get('allow')).toBe('GET, HEAD, PUT, PATCH, DELETE')
    await expectProblem(response, 405, 'unsupportedMethod')
  })

  it('HEAD answers as GET does, without a body', async () => {
    const response = await call(`/sapi/users/${alice.id}/`, { method: 'HEAD', token: admin })
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: '' })
    expect(response.headers.get('etag')).toBe((await userOf(alice.id)).etag)
  })
})
