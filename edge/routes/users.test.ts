import { beforeEach, describe, expect, it } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

const post = async (json: unknown, token?: string) => call('/sapi/users', { json, token: token ?? (await adminToken()) })
const put = async (id: string, json: unknown, token?: string) =>
  call(`/sapi/users/${id}`, { method: 'PUT', json, token: token ?? (await adminToken()) })
const remove = async (id: string, token?: string) => call(`/sapi/users/${id}`, { method: 'DELETE', token: token ?? (await adminToken()) })
const get = async (id: string) => expectJson<Made>(await call(`/sapi/users/${id}`, { token: await adminToken() }), 200)
const admin = async (): Promise<Made> => expectJson<Made>(await call('/sapi/users/me', { token: await adminToken() }), 200)

const bodyOf = ({ id: _, uri: __, created: ___, lastLogin: ____, ...body }: Made): Record<string, unknown> => body

describe('a new user', () => {
  it('is what was sent, with defaults for the rest', async () => {
    const response = await post({ domain: 'A', username: ' Alice ', email: 'alice@demo.example', mobilePhone: ['+34 600 000 000'] })
    const user = await expectJson<Made>(response, 201)
    expect(response.headers.get('location')).toBe(`/sapi/users/${user.id}`)
    expect(user).toEqual({
      id: expect.any(String),
      uri: `wac-user:${user.id}`,
      domain: 'a',
      username: 'alice',
      email: 'alice@demo.example',
      role: 'anonymous',
      capabilities: [],
      mobilePhone: ['+34 600 000 000'],
      landLineNumber: '',
      alias: '',
      disabled: false,
      created: expect.any(Number),
      lastLogin: null,
    })
    expect(await get(user.id)).toEqual(user)
  })

  it('goes to the default domain when none is named', async () => {
    expect(await expectJson(await post({ domain: '', username: 'x' }), 201)).toMatchObject({ domain: 'default' })
    expect(await expectJson(await post({ username: 'y' }), 201)).toMatchObject({ domain: 'default' })
  })

  it('has a name of its own in its domain, in any case', async () => {
    await createUser('a', 'alice')
    const problem = await expectProblem(await post({ domain: 'a', username: 'ALICE' }), 409, 'conflict')
    expect(problem['context']).toEqual({ username: 'alice@a' })
    await expectJson(await post({ domain: 'default', username: 'alice' }), 201)
  })

  it.each([
    ['no name', { domain: 'a' }],
    ['a name with @', { domain: 'a', username: 'alice@a' }],
    ['a reserved name', { domain: 'a', username: 'anonymous-1' }],
    ['an unknown role', { domain: 'a', username: 'x', role: 'root' }],
    ['a bad address', { domain: 'a', username: 'x', email: 'not an address' }],
    ['a bad number', { domain: 'a', username: 'x', mobilePhone: ['call me'] }],
    ['numbers that are no list', { domain: 'a', username: 'x', mobilePhone: '1' }],
    ['too long an alias', { domain: 'a', username: 'x', alias: 'x'.repeat(129) }],
  ])('is refused with %s', async (_, json) => {
    await expectProblem(await post(json), 400, 'invalidRequest')
  })

  it.each([
    ['malformed JSON', { body: '{', method: 'POST' }, 400, 'malformedMessage'],
    ['no body', { method: 'POST' }, 400, 'malformedMessage'],
    ['a form', { form: { username: 'x' } }, 400, 'malformedMessage'],
    ['a string', { json: 'x' }, 400, 'invalidRequest'],
    ['null', { json: null }, 400, 'invalidRequest'],
    ['too much', { json: { username: 'x', alias: 'x'.repeat(70_000) } }, 413, 'payloadTooLarge'],
  ])('is refused with %s', async (_, request, status, code) => {
    await expectProblem(await call('/sapi/users', { ...request, token: await adminToken() }), status, code)
  })
})

describe('PUT', () => {
  it('replaces: what is optional and absent returns to its default', async () => {
    const before = await createUser('a', 'alice', { alias: 'Al', landLineNumber: '1234', capabilities: ['+x'] })
    const after = await expectJson<Made>(
      await put(before.id, { domain: 'a', username: 'alice', email: '', role: 'user', capabilities: ['-y'], mobilePhone: [] }),
      200,
    )
    expect(after).toEqual({ ...before, alias: '', landLineNumber: '', capabilities: ['-y'] })
    expect(await get(before.id)).toEqual(after)
  })

  it.each(['domain', 'username', 'email', 'role', 'capabilities', 'mobilePhone'])('needs %s', async (field) => {
    const user = await createUser('a', 'alice')
    const { [field]: _, ...body } = bodyOf(user)
    await expectProblem(await put(user.id, body), 400, 'invalidRequest')
    expect(await get(user.id)).toEqual(user)
  })

  it('takes what GET gave', async () => {
    const user = await createUser('a', 'alice', { alias: 'Al', mobilePhone: ['123'], capabilities: ['+caller-extra-info', '-chat'] })
    expect(await expectJson(await put(user.id, bodyOf(user)), 200)).toEqual(user)
  })

  it('moves a user to another domain, password included', async () => {
    const user = await createUser('a', 'alice')
    await createDomain('b')
    expect(await expectJson(await put(user.id, { ...bodyOf(user), domain: 'b' }), 200)).toMatchObject({ id: user.id, domain: 'b' })
    await tokenOf('alice@b')
    const row = await env.DB.prepare('select domains.name from credentials join domains on domains.id = domain_id where user_id = ?')
      .bind(user.id)
      .first()
    expect(row).toEqual({ name: 'b' })
  })

  it('keeps names unique', async () => {
    const user = await createUser('a', 'alice')
    await createUser('a', 'bob')
    await expectProblem(await put(user.id, { ...bodyOf(user), username: 'bob' }), 409, 'conflict')
  })

  it('of an unknown user or domain is not found', async () => {
    const user = await createUser('a', 'alice')
    await expectProblem(await put(crypto.randomUUID(), bodyOf(user)), 404, 'notFound')
    await expectProblem(await put(user.id, { ...bodyOf(user), domain: 'nowhere' }), 404, 'notFound')
  })
})

describe('DELETE', () => {
  it('removes the user with its credentials, and says so', async () => {
    const user = await createUser('a', 'alice')
    expect(await expectJson(await remove(user.id), 200)).toEqual({
      id: user.id,
      removed: { credentials: 1, logins: 0, contacts: 0, groups: 0, meetings: 0 },
    })
    await expectProblem(await remove(user.id), 404, 'notFound')
    expect(await env.DB.prepare('select count(*) as n from credentials where user_id = ?').bind(user.id).first()).toEqual({ n: 0 })
  })
})

describe('roles', () => {
  it('a domain admin makes admins of its domain, and no platform admin', async () => {
    await createUser('a', 'boss', { role: 'admin' })
    const token = await tokenOf('boss@a')
    const user = await expectJson<Made>(await post({ username: 'second', role: 'admin' }, token), 201)
    expect(user['domain']).toBe('a')
    await expectProblem(await post({ username: 'third', role: 'platform-admin' }, token), 403, 'forbidden')
    await expectProblem(await put(user.id, { ...bodyOf(user), role: 'platform-admin' }, token), 403, 'forbidden')
  })

  it('a domain admin sees a platform admin of its domain, and touches nothing of it', async () => {
    await createUser('a', 'boss', { role: 'admin' })
    const root = await createUser('a', 'root', { role: 'platform-admin' })
    const token = await tokenOf('boss@a')
    expect(await expectJson(await call(`/sapi/users/${root.id}`, { token }), 200)).toMatchObject({ username: 'root' })
    await expectProblem(await put(root.id, { ...bodyOf(root), role: 'user' }, token), 403, 'forbidden')
    await expectProblem(await remove(root.id, token), 403, 'forbidden')
    const password = { type: 'basic', user: root.id, data: { password: 'stolen password' } }
    await expectProblem(await call('/sapi/credentials', { json: password, token }), 403, 'forbidden')
    const [credential] = await expectJson<Made[]>(await call(`/sapi/credentials?user=${root.id}`, { token }), 200)
    await expectProblem(await call(`/sapi/credentials/${credential?.id}`, { method: 'DELETE', token }), 403, 'forbidden')
    await tokenOf('root@a')
  })

  it('the last platform admin stays one', async () => {
    const first = await admin()
    const attempts = [
      put(first.id, { ...bodyOf(first), role: 'user' }),
      put(first.id, { ...bodyOf(first), disabled: true }),
      remove(first.id),
    ]
    for (const attempt of attempts) {
      const problem = await expectProblem(await attempt, 409, 'conflict')
      expect(problem['context']).toEqual({ reason: 'lastPlatformAdmin' })
    }
    const [credential] = await expectJson<Made[]>(await call(`/sapi/credentials?user=${first.id}`, { token: await adminToken() }), 200)
    await expectProblem(await call(`/sapi/credentials/${credential?.id}`, { method: 'DELETE', token: await adminToken() }), 409, 'conflict')
    const second = await createUser('a', 'second', { role: 'platform-admin' })
    await expectJson(await remove(second.id), 200)
  })

  it.each(['user', 'anonymous'])('the role %s reads itself and administers nothing', async (role) => {
    const user = await createUser('a', 'alice', { role })
    const other = await createUser('a', 'bob')
    const token = await tokenOf('alice@a')
    expect(await expectJson(await call(`/sapi/users/${user.id}`, { token }), 200)).toMatchObject({ username: 'alice' })
    expect(await expectJson(await call('/sapi/users/me/', { token }), 200)).toMatchObject({ id: user.id })
    await expectProblem(await call(`/sapi/users/${other.id}`, { token }), 404, 'notFound')
    await expectProblem(await call('/sapi/users', { token }), 403, 'forbidden')
    await expectProblem(await post({ username: 'x' }, token), 403, 'forbidden')
    await expectProblem(await put(user.id, { ...bodyOf(user), role: 'admin' }, token), 403, 'forbidden')
    await expectProblem(await remove(user.id, token), 403, 'forbidden')
    await expectProblem(await call('/sapi/credentials', { token }), 403, 'forbidden')
    await expectProblem(await call('/sapi/cdrs?month=2026-11', { token }), 403, 'forbidden')
  })
})

describe('the list', () => {
  const names = async (query: string) => {
    const found: unknown[] = []
    let path: string | undefined = `/sapi/users?${query}`
    while (path !== undefined) {
      const response = await call(path, { token: await adminToken() })
      found.push(...(await expectJson<Made[]>(response, 200)).map(({ username, domain }) => `${username}@${domain}`))
      path = nextPage(response.headers.get('link'))
    }
    return found
  }

  it('comes in pages, by domain, by part of a name or alias', async () => {
    await createUser('a', 'alice', { alias: 'Ärztin 100%' })
    await createUser('a', 'bob')
    await createUser('default', 'carol', { alias: 'Alice Cooper' })
    expect(await names('limit=2')).toEqual(['admin@default', 'alice@a', 'bob@a', 'carol@default'])
    expect(await names('domain=A&limit=1')).toEqual(['alice@a', 'bob@a'])
    expect(await names('q=ALICE')).toEqual(['alice@a', 'carol@default'])
    expect(await names('q=%C3%A4rzt')).toEqual(['alice@a'])
    expect(await names('q=100%25')).toEqual(['alice@a'])
    expect(await names('q=%25')).toEqual(['alice@a'])
    expect(await names('q=_')).toEqual([])
    expect(await names(`q=${'x'.repeat(120)}`)).toEqual([])
  })
})
