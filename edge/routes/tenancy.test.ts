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
  login,
  type Made,
  startAnew,
  userPassword,
} from './testing/api.ts'

/**
 * Two tenants, a and b, made once: whatever these tests do to b leaves it as it was. Whoever is of a meets every route with the ids and names of b, and with ids that
 * do not exist: both answers are the same.
 */
interface Foreign {
  readonly domain: Made
  readonly child: Made
  readonly user: Made
  readonly credential: Made
  readonly client: Made
}

let theirs: Foreign

const tokens = new Map<string, string>()

async function tokenOf(username: string): Promise<string> {
  const token = tokens.get(username) ?? (await login(username, userPassword)).access_token
  tokens.set(username, token)
  return token
}

beforeAll(async () => {
  await startAnew()
  await createDomain('a')
  await createDomain('under-a', { parent: 'a' })
  await createUser('a', 'alice')
  await createUser('a', 'boss', { role: 'admin' })
  const domain = await createDomain('b', { origins: ['www.b.example'], enableAnonymous: true })
  const child = await createDomain('under-b', { parent: 'b' })
  const user = await createUser('b', 'bob', { alias: 'Bob B.' })
  await createUser('b', 'chief', { role: 'admin' })
  const token = await adminToken()
  const [credential] = await expectJson<Made[]>(await call(`/sapi/credentials?user=${user.id}`, { token }), 200)
  const client = await expectJson<Made>(
    await call('/sapi/credentials', { json: { type: 'client', domain: 'b', data: { name: 'gateway' } }, token }),
    201,
  )
  if (credential === undefined) throw new Error('bob has a password')
  theirs = { domain, child, user, credential, client }
})

const domainBody = { domain: 'stolen', parent: 'a', origins: [], enableAnonymous: false, services: {} }
const userBody = { domain: 'a', username: 'stolen', email: '', role: 'user', capabilities: [], mobilePhone: [] }

/** Every route that takes an id, of one kind of thing. */
const byId: readonly {
  readonly name: string
  readonly path: (id: string) => string
  readonly call: Call
  readonly ids: (foreign: Foreign) => readonly Made[]
}[] = [
  { name: 'GET /domains/:id', path: (id) => `/sapi/domains/${id}`, call: {}, ids: ({ domain, child }) => [domain, child] },
  {
    name: 'PUT /domains/:id',
    path: (id) => `/sapi/domains/${id}`,
    call: { method: 'PUT', json: domainBody },
    ids: ({ domain, child }) => [domain, child],
  },
  {
    name: 'DELETE /domains/:id',
    path: (id) => `/sapi/domains/${id}`,
    call: { method: 'DELETE' },
    ids: ({ domain, child }) => [domain, child],
  },
  {
    name: 'DELETE /domains/:id with all in it',
    path: (id) => `/sapi/domains/${id}?cascade=true`,
    call: { method: 'DELETE' },
    ids: ({ domain, child }) => [domain, child],
  },
  { name: 'GET /users/:id', path: (id) => `/sapi/users/${id}`, call: {}, ids: ({ user }) => [user] },
  { name: 'PUT /users/:id', path: (id) => `/sapi/users/${id}`, call: { method: 'PUT', json: userBody }, ids: ({ user }) => [user] },
  { name: 'DELETE /users/:id', path: (id) => `/sapi/users/${id}`, call: { method: 'DELETE' }, ids: ({ user }) => [user] },
  {
    name: 'GET /credentials/:id',
    path: (id) => `/sapi/credentials/${id}`,
    call: {},
    ids: ({ credential, client }) => [credential, client],
  },
  {
    name: 'DELETE /credentials/:id',
    path: (id) => `/sapi/credentials/${id}`,
    call: { method: 'DELETE' },
    ids: ({ credential, client }) => [credential, client],
  },
]

const withoutTrace = async (response: Response): Promise<string> =>
  `${response.status} ${(await response.text()).replaceAll(/"traceId":"[^"]*"/g, '"traceId":""')}`

describe.each(['boss@a', 'alice@a'])('%s', (username) => {
  it.each(byId)('meets at $name what does not exist', async ({ path, call: request, ids }) => {
    const token = await tokenOf(username)
    const unknown = await withoutTrace(await call(path(crypto.randomUUID()), { ...request, token }))
    expect(unknown).toMatch(/^40[34] /)
    for (const { id } of ids(theirs)) expect(await withoutTrace(await call(path(id), { ...request, token }))).toBe(unknown)
    await expectUntouched()
  })

  it('reads in lists only what is its own', async () => {
    const token = await tokenOf(username)
    for (const path of [
      '/sapi/domains',
      '/sapi/users',
      '/sapi/credentials',
      '/sapi/contacts',
      '/sapi/capabilities',
      '/sapi/cdrs?month=2026-11',
      '/sapi/users/me',
    ]) {
      const text = await (await call(path, { token })).text()
      for (const leak of [
        theirs.domain.id,
        theirs.user.id,
        theirs.credential.id,
        theirs.client.id,
        'bob',
        'Bob B.',
        'under-b',
        'www.b.example',
      ]) {
        expect(text, `${path} tells ${leak}`).not.toContain(leak)
      }
    }
  })
})

describe('an admin of a', () => {
  it.each(['/sapi/users?', '/sapi/credentials?', '/sapi/cdrs?month=2026-11&'])('lists nothing of b by %sdomain=b', async (path) => {
    const token = await tokenOf('boss@a')
    const unknown = await withoutTrace(await call(`${path}domain=nowhere`, { token }))
    expect(unknown).toMatch(/^404 /)
    for (const name of ['b', 'under-b', 'default']) {
      expect(await withoutTrace(await call(`${path}domain=${name}`, { token }))).toBe(unknown.replaceAll('nowhere', name))
    }
  })

  it("lists no credentials by a foreign user's id", async () => {
    const token = await tokenOf('boss@a')
    expect(await expectJson(await call(`/sapi/credentials?user=${theirs.user.id}`, { token }), 200)).toEqual([])
  })

  it.each([
    ['a user', '/sapi/users', (name: string) => ({ domain: name, username: 'spy', role: 'admin' })],
    ['a child domain', '/sapi/domains', (name: string) => ({ domain: 'spy', parent: name, services: {} })],
    ['a client', '/sapi/credentials', (name: string) => ({ type: 'client', domain: name, data: { name: 'spy' } })],
  ])('puts %s neither into b nor above itself', async (_, path, body) => {
    const token = await tokenOf('boss@a')
    const unknown = await withoutTrace(await call(path, { json: body('nowhere'), token }))
    for (const name of ['b', 'under-b', 'default']) {
      expect(await withoutTrace(await call(path, { json: body(name), token }))).toBe(unknown.replaceAll('nowhere', name))
    }
    expect(unknown).toMatch(/^404 /)
  })

  it('gives no foreign user a password', async () => {
    const token = await tokenOf('boss@a')
    const json = (user: string) => ({ type: 'basic', user, data: { password: 'stolen password' } })
    const answers = await Promise.all(
      [theirs.user.id, crypto.randomUUID()].map(async (id) => withoutTrace(await call('/sapi/credentials', { json: json(id), token }))),
    )
    expect(answers[0]).toBe(answers[1])
    await expectUntouched()
  })

  it('moves none of its users or domains to b', async () => {
    const token = await tokenOf('boss@a')
    const [alice] = await expectJson<Made[]>(await call('/sapi/users?q=alice', { token }), 200)
    await expectProblem(
      await call(`/sapi/users/${alice?.id}`, { method: 'PUT', json: { ...userBody, username: 'alice', domain: 'b' }, token }),
      404,
      'notFound',
    )
    const domains = await expectJson<Made[]>(await call('/sapi/domains', { token }), 200)
    const child = domains.find(({ domain }) => domain === 'under-a')
    await expectProblem(
      await call(`/sapi/domains/${child?.id}`, { method: 'PUT', json: { ...domainBody, domain: 'under-a', parent: 'b' }, token }),
      404,
      'notFound',
    )
  })

  it('does in its own domains what it may', async () => {
    const token = await tokenOf('boss@a')
    const domains = await expectJson<Made[]>(await call('/sapi/domains', { token }), 200)
    expect(domains.map(({ domain }) => domain)).toEqual(['a', 'under-a'])
    const made = await expectJson<Made>(await call('/sapi/users', { json: { domain: 'under-a', username: 'deep' }, token }), 201)
    expect(await expectJson(await call(`/sapi/users/${made.id}`, { token }), 200)).toMatchObject({ domain: 'under-a', role: 'anonymous' })
    await expectJson(await call('/sapi/domains', { json: { domain: 'deeper', parent: 'under-a', services: {} }, token }), 201)
    await expectJson(await call(`/sapi/users/${made.id}`, { method: 'DELETE', token }), 200)
  })
})

it('no token is no access, on any route', async () => {
  const paths = [
    '/sapi/domains',
    '/sapi/users',
    '/sapi/users/me',
    '/sapi/credentials',
    '/sapi/contacts',
    '/sapi/capabilities',
    '/sapi/cdrs?month=2026-11',
  ]
  for (const path of paths) {
    const response = await call(path)
    await expectProblem(response, 401, 'unauthenticated')
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="ringway"')
    await expectProblem(await call(path, { token: 'a.b.c' }), 401, 'unauthenticated')
  }
  for (const { path, call: request } of byId) await expectProblem(await call(path('x'), request), 401, 'unauthenticated')
})

it('an admin above sees and does below', async () => {
  await createUser('b', 'upper', { role: 'admin' })
  await createUser('under-b', 'lower', { role: 'admin' })
  const [upper, lower] = [await tokenOf('upper@b'), await tokenOf('lower@under-b')]
  const users = async (token: string) =>
    (await expectJson<Made[]>(await call('/sapi/users', { token }), 200)).map(({ username }) => username)
  expect(await users(upper)).toEqual(['bob', 'chief', 'upper', 'lower'])
  expect(await users(lower)).toEqual(['lower'])
  await expectProblem(await call(`/sapi/users/${theirs.user.id}`, { token: lower }), 404, 'notFound')
  await expectProblem(await call(`/sapi/domains/${theirs.domain.id}`, { token: lower }), 404, 'notFound')
})

async function expectUntouched(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select users.username, domains.name as domain, count(credentials.id) as credentials from users
     join domains on domains.id = users.domain_id left join credentials on credentials.user_id = users.id
     where domains.name = 'b' group by users.id order by users.username`,
  ).all()
  expect(results).toEqual([
    { username: 'bob', domain: 'b', credentials: 1 },
    { username: 'chief', domain: 'b', credentials: 1 },
  ])
}
