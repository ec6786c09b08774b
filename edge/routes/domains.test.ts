import { beforeEach, describe, expect, it } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { knownServices } from '#shared/protocol/sapi/services.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

beforeEach(startAnew)

const get = async (id: string) => expectJson<Made>(await call(`/sapi/domains/${id}`, { token: await adminToken() }), 200)
const put = async (id: string, json: unknown, token?: string) =>
  call(`/sapi/domains/${id}`, { method: 'PUT', json, token: token ?? (await adminToken()) })
const remove = async (id: string, query = '', token?: string) =>
  call(`/sapi/domains/${id}${query}`, { method: 'DELETE', token: token ?? (await adminToken()) })
const post = async (json: unknown) => call('/sapi/domains', { json, token: await adminToken() })

/** A representation as a PUT takes it. */
function bodyOf({ id: _, created: __, ...body }: Made): Record<string, unknown> {
  return body
}

describe('the default domain', () => {
  const own = async () => (await expectJson<Made[]>(await call('/sapi/domains', { token: await adminToken() }), 200))[0]

  it('lists every known service', async () => {
    const domain = await own()
    expect(domain).toMatchObject({ domain: 'default', parent: null, enableAnonymous: false, disabled: false })
    expect(Object.keys(domain?.['services'] ?? {}).toSorted()).toEqual([...knownServices].toSorted())
  })

  it('always exists', async () => {
    const domain = await own()
    if (domain === undefined) throw new Error('There is no default domain')
    for (const query of ['', '?cascade=true']) {
      const problem = await expectProblem(await remove(domain.id, query), 409, 'conflict')
      expect(problem['context']).toEqual({ reason: 'defaultDomain' })
    }
    await expectProblem(await put(domain.id, { ...bodyOf(domain), domain: 'other' }), 409, 'conflict')
    await expectProblem(await put(domain.id, { ...bodyOf(domain), disabled: true }), 409, 'conflict')
  })
})

describe('a new domain', () => {
  it('is what was sent, with defaults for the rest', async () => {
    const response = await post({
      domain: ' Shop.Example ',
      parent: 'default',
      origins: ['Shop.example', null, 'shop.example'],
      services: { login: [], contacts: ['wac'] },
    })
    const domain = await expectJson<Made>(response, 201)
    expect(response.headers.get('location')).toBe(`/sapi/domains/${domain.id}`)
    expect(domain).toEqual({
      id: expect.any(String),
      parent: 'default',
      domain: 'shop.example',
      origins: ['shop.example'],
      enableAnonymous: false,
      anonymousExpiration: 0,
      anonymousCapabilities: [],
      capabilities: [],
      services: { login: [], contacts: ['wac'] },
      settings: {},
      jurisdiction: null,
      disabled: false,
      created: expect.any(Number),
    })
    expect(await get(domain.id)).toEqual(domain)
  })

  it('has a name of its own, in any case', async () => {
    await createDomain('shop')
    const problem = await expectProblem(await post({ domain: 'SHOP', services: {} }), 409, 'conflict')
    expect(problem['context']).toEqual({ domain: 'shop' })
  })

  it('takes many origins', async () => {
    const origins = Array.from({ length: 64 }, (_, index) => `host-${index}.shop.example`)
    const domain = await createDomain('shop', { origins })
    expect((await get(domain.id))['origins']).toEqual(origins.toSorted())
  })

  it.each([
    ['no name', {}],
    ['a name that is none', { domain: 'a b' }],
    ['services that are no lists', { domain: 'a', services: { login: true } }],
    ['settings that do not exist as such', { domain: 'a', settings: { rooms: { participantsLimit: 0 } } }],
    ['an origin that is a regular expression', { domain: 'a', origins: ['^.*$'] }],
    ['a negative expiration', { domain: 'a', anonymousExpiration: -1 }],
    ['a capability that is no name', { domain: 'a', capabilities: ['+a b'] }],
    ['an unknown jurisdiction', { domain: 'a', jurisdiction: 'mars' }],
  ])('is refused with %s', async (_, json) => {
    const problem = await expectProblem(await post(json), 400, 'invalidRequest')
    expect(problem['context']).toMatchObject({ issues: [{ path: expect.any(String), message: expect.any(String) }] })
  })

  it('needs a parent that exists', async () => {
    await expectProblem(await post({ domain: 'a', parent: 'nowhere', services: {} }), 404, 'notFound')
  })

  it('nests so deep and no deeper', async () => {
    for (let depth = 1; depth <= 8; depth++) await createDomain(`d${depth}`, depth === 1 ? {} : { parent: `d${depth - 1}` })
    await expectProblem(await post({ domain: 'd9', parent: 'd8', services: {} }), 409, 'conflict')
  })

  it("keeps its parent's jurisdiction", async () => {
    await createDomain('eu', { jurisdiction: 'eu' })
    expect((await createDomain('below', { parent: 'eu' }))['jurisdiction']).toBe('eu')
    const other = await createDomain('other')
    await expectProblem(await put(other.id, { ...bodyOf(other), jurisdiction: 'eu' }), 409, 'conflict')
    await expectProblem(await put(other.id, { ...bodyOf(other), parent: 'eu' }), 409, 'conflict')
  })
})

describe('PUT', () => {
  it('replaces: what is optional and absent returns to its default', async () => {
    const before = await createDomain('shop', {
      anonymousExpiration: 5,
      settings: { rooms: { setOwner: false } },
      origins: ['shop.example'],
    })
    const after = await expectJson<Made>(
      await put(before.id, { domain: 'shop', parent: null, origins: ['x.example'], enableAnonymous: true, services: { login: [] } }),
      200,
    )
    expect(after).toEqual({
      ...before,
      origins: ['x.example'],
      enableAnonymous: true,
      anonymousExpiration: 0,
      settings: {},
      services: { login: [] },
    })
    expect(await get(before.id)).toEqual(after)
  })

  it.each(['domain', 'parent', 'origins', 'enableAnonymous', 'services'])('needs %s', async (field) => {
    const domain = await createDomain('shop')
    const { [field]: _, ...body } = bodyOf(domain)
    await expectProblem(await put(domain.id, body), 400, 'invalidRequest')
    expect(await get(domain.id)).toEqual(domain)
  })

  it('takes what GET gave', async () => {
    await createDomain('root')
    const domain = await createDomain('shop', {
      parent: 'root',
      origins: ['a.example', '*.b.example'],
      capabilities: ['+x', '-y'],
      settings: { invites: { watchdog: null } },
    })
    expect(await expectJson(await put(domain.id, bodyOf(domain)), 200)).toEqual(domain)
  })

  it('moves a domain with all that is under it, but not under itself', async () => {
    const [a, b] = [await createDomain('a'), await createDomain('b', { parent: 'a' })]
    await createDomain('c', { parent: 'b' })
    await createDomain('z')
    await createUser('z', 'admin-of-z', { role: 'admin' })
    await expectProblem(await put(a.id, { ...bodyOf(a), parent: 'c' }), 409, 'conflict')
    await expectProblem(await put(a.id, { ...bodyOf(a), parent: 'a' }), 409, 'conflict')
    const namesFor = async (token: string) =>
      (await expectJson<Made[]>(await call('/sapi/domains', { token }), 200)).map(({ domain }) => domain)
    const token = await tokenOf('admin-of-z@z')
    expect(await namesFor(token)).toEqual(['z'])
    await expectJson(await put(b.id, { ...bodyOf(b), parent: 'z' }), 200)
    expect(await namesFor(token)).toEqual(['b', 'c', 'z'])
    await expectJson(await put(b.id, { ...bodyOf(b), parent: null }), 200)
    expect(await namesFor(token)).toEqual(['z'])
  })

  it('keeps names unique', async () => {
    const domain = await createDomain('a')
    await createDomain('b')
    await expectProblem(await put(domain.id, { ...bodyOf(domain), domain: 'b' }), 409, 'conflict')
  })
})

describe('DELETE', () => {
  it('says what refers to a domain, and removes it with all that when asked to', async () => {
    const domain = await createDomain('a')
    await createDomain('b', { parent: 'a' })
    await createUser('a', 'alice')
    await createUser('b', 'bob')
    await tokenOf('bob@b')
    await expectJson(
      await call('/sapi/credentials', { json: { type: 'client', domain: 'b', data: { name: 'x' } }, token: await adminToken() }),
      201,
    )
    const problem = await expectProblem(await remove(domain.id), 409, 'conflict')
    expect(problem['context']).toEqual({ references: { domains: 1, users: 2 } })
    const removed = await expectJson(await remove(domain.id, '?cascade=true'), 200)
    expect(removed).toEqual({ id: domain.id, removed: { domains: 2, users: 2, credentials: 3, logins: 1 } })
    await expectProblem(await call(`/sapi/domains/${domain.id}`, { token: await adminToken() }), 404, 'notFound')
    const left = await env.DB.prepare(
      `select (select count(*) from domains) as domains, (select count(*) from users) as users, (select count(*) from credentials) as credentials`,
    ).first()
    expect(left).toEqual({ domains: 1, users: 1, credentials: 1 })
  })

  it('removes a domain that nothing refers to, with its clients and origins', async () => {
    const domain = await createDomain('a', { origins: ['a.example'] })
    await expectJson(
      await call('/sapi/credentials', { json: { type: 'client', domain: 'a', data: { name: 'x' } }, token: await adminToken() }),
      201,
    )
    const removed = await expectJson(await remove(domain.id), 200)
    expect(removed).toEqual({ id: domain.id, removed: { domains: 1, users: 0, credentials: 1, logins: 0 } })
    await createDomain('a', { origins: ['a.example'] })
  })

  it('is refused with a word that is neither yes nor no', async () => {
    const domain = await createDomain('a')
    await expectProblem(await remove(domain.id, '?cascade=perhaps'), 400, 'invalidRequest')
  })
})

describe('an admin of a domain', () => {
  const setUp = async () => {
    const domain = await createDomain('a', { settings: { rooms: { participantsLimit: 5 } } })
    await createUser('a', 'boss', { role: 'admin' })
    return { domain, token: await tokenOf('boss@a') }
  }

  it('sets in its own domain what is its own, not what was given to it', async () => {
    const { domain, token } = await setUp()
    const change = {
      ...bodyOf(domain),
      origins: ['a.example'],
      enableAnonymous: true,
      capabilities: ['-chat'],
      settings: { rooms: { participantsLimit: 5, setOwner: false } },
    }
    expect(await expectJson(await put(domain.id, change, token), 200)).toMatchObject({ origins: ['a.example'], enableAnonymous: true })
    const refused = {
      services: { login: [], recording: [] },
      settings: { rooms: { participantsLimit: 500 } },
      domain: 'b',
      parent: 'default',
      disabled: true,
    }
    for (const [field, value] of Object.entries(refused)) {
      const problem = await expectProblem(await put(domain.id, { ...change, [field]: value }, token), 403, 'forbidden')
      expect(problem['context']).toEqual({ fields: [field] })
    }
    await expectProblem(await remove(domain.id, '?cascade=true', token), 403, 'forbidden')
  })

  it('makes domains under its own only, and does there as it likes', async () => {
    const { token } = await setUp()
    const child = await createDomain('child', {}, token)
    expect(child['parent']).toBe('a')
    await expectProblem(await call('/sapi/domains', { json: { domain: 'top', parent: null, services: {} }, token }), 403, 'forbidden')
    await expectJson(await put(child.id, { ...bodyOf(child), services: { login: [] }, disabled: true }, token), 200)
    await expectProblem(await put(child.id, { ...bodyOf(child), parent: null }, token), 403, 'forbidden')
    await expectJson(await remove(child.id, '', token), 200)
  })

  it('takes no platform admin out of use', async () => {
    const { token } = await setUp()
    const child = await createDomain('child', {}, token)
    await createUser('child', 'visiting', { role: 'platform-admin' })
    await expectProblem(await put(child.id, { ...bodyOf(child), disabled: true }, token), 403, 'forbidden')
    await expectProblem(await remove(child.id, '?cascade=true', token), 403, 'forbidden')
  })
})

it('users read their own domain and write none', async () => {
  const domain = await createDomain('a')
  await createUser('a', 'alice')
  const token = await tokenOf('alice@a')
  expect(await expectJson(await call('/sapi/domains/', { token }), 200)).toEqual([domain])
  expect(await expectJson(await call(`/wac/sapi/domains/${domain.id}/`, { token }), 200)).toEqual(domain)
  await expectProblem(await call('/sapi/domains', { json: { domain: 'x', services: {} }, token }), 403, 'forbidden')
  await expectProblem(await put(domain.id, bodyOf(domain), token), 403, 'forbidden')
  await expectProblem(await remove(domain.id, '', token), 403, 'forbidden')
})

it('lists come in pages', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await createDomain(name, { origins: [`${name}.example`], parent: 'default' })
  const names: unknown[] = []
  let path: string | undefined = '/wac/sapi/domains?limit=2'
  while (path !== undefined) {
    const response = await call(path, { token: await adminToken() })
    const page = await expectJson<Made[]>(response, 200)
    expect(page.length).toBeLessThanOrEqual(2)
    names.push(...page.map(({ domain, origins }) => [domain, origins]))
    path = nextPage(response.headers.get('link'))
  }
  expect(names).toEqual([
    ['default', []],
    ['a', ['a.example']],
    ['b', ['b.example']],
    ['c', ['c.example']],
    ['d', ['d.example']],
  ])
  for (const query of ['limit=0', 'limit=1000', 'limit=x']) {
    await expectProblem(await call(`/sapi/domains?${query}`, { token: await adminToken() }), 400, 'invalidRequest')
  }
})

it("a service that an ancestor does not list is refused to a domain's users (DOM-3)", async () => {
  await createDomain('parent', { services: { login: [] } })
  await createDomain('child', { parent: 'parent', services: { login: [], contacts: ['wac'] } })
  await createUser('child', 'carol')
  const token = await tokenOf('carol@child')
  const problem = await expectProblem(await call('/sapi/contacts', { token }), 403, 'serviceNotEnabled')
  expect(problem['context']).toEqual({ service: 'contacts' })
  const { domain } = await expectJson<{ domain: string[] }>(await call('/sapi/capabilities', { token }), 200)
  expect(domain).not.toContain('contacts')
})
