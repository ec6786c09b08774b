import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { findOwnerOf, findSipMappingOf } from '#edge/db/d1/sip-mappings.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { expectNowhereStored, readLogs } from './testing/secrets.ts'

/** SIPMAP-1. */

let domain: Made
let alice: Made
let bob: Made

beforeEach(async () => {
  await startAnew()
  domain = await createDomain('a', { enableAnonymous: true })
  alice = await createUser('a', 'alice')
  bob = await createUser('a', 'bob')
})
afterEach(() => vi.restoreAllMocks())

const uriOf = ({ id }: { id: string }) => `wac-user:${id}`
const bodyOf = (owner: { id: string } | string, username: string, password?: string) => ({
  ownerUri: typeof owner === 'string' ? owner : uriOf(owner),
  credential: { username, ...(password === undefined ? {} : { password }) },
})
const send = async (method: string, path: string, json?: unknown, options: { token?: string; headers?: Record<string, string> } = {}) =>
  call(`/sapi/sipMappings${path}`, { method, json, ...options, token: options.token ?? (await adminToken()) })
const map = async (owner: { id: string } | string, username: string, password?: string) =>
  expectJson<Made>(await send('POST', '/', bodyOf(owner, username, password)), 201)
const list = async (query = '', token?: string) =>
  expectJson<Made[]>(await send('GET', query, undefined, token === undefined ? {} : { token }), 200)
const newGroup = async (name = 'sales') =>
  expectJson<Made>(await call('/sapi/usersGroup', { json: { name, domain: 'a', owner: uriOf(bob) }, token: await adminToken() }), 201)

describe('a mapping', () => {
  it("is made, shown, changed and removed in the guide's words", async () => {
    const response = await send('POST', '/', { ownerUri: uriOf(alice), credential: { username: '205', password: '' } })
    const mapping = await expectJson<Made>(response, 201)
    expect(mapping).toEqual({
      id: expect.any(String),
      ownerUri: uriOf(alice),
      domain: 'a',
      credential: { username: '205' },
      created: expect.any(Number),
    })
    expect(response.headers.get('location')).toBe(`/sapi/sipMappings/${mapping.id}`)
    expect(await list(`/?ownerUri=${uriOf(alice)}`)).toEqual([mapping])
    expect(await list(`/?ownerUri=${uriOf(bob)}`)).toEqual([])
    const changed = await expectJson(await send('PUT', '/', bodyOf(alice, '206')), 200)
    expect(changed).toEqual({ ...mapping, credential: { username: '206' } })
    const moved = await expectJson(await send('PUT', '', bodyOf(bob, '206')), 200)
    expect(moved).toEqual({ ...mapping, ownerUri: uriOf(bob), credential: { username: '206' } })
    expect((await send('DELETE', `?ownerUri=${uriOf(bob)}`)).status).toBe(204)
    expect(await list()).toEqual([])
    await expectProblem(await send('DELETE', `?ownerUri=${uriOf(bob)}`), 404, 'notFound')
    await expectProblem(await send('PUT', '/', bodyOf(alice, '205')), 404, 'notFound')
  })

  it('answers by its id too, with validators', async () => {
    const mapping = await map(alice, '205')
    const path = `/${mapping.id}`
    const etag = (await send('GET', path)).headers.get('etag') ?? ''
    expect(
      await expectJson(
        await send('PATCH', path, { credential: { username: '+34 986'.replace(' ', '') } }, { headers: { 'if-match': etag } }),
        200,
      ),
    ).toMatchObject({
      ownerUri: uriOf(alice),
      credential: { username: '+34986' },
    })
    await expectProblem(await send('PUT', path, bodyOf(bob, '207'), { headers: { 'if-match': etag } }), 412, 'preconditionFailed')
    await expectProblem(await send('DELETE', path, undefined, { headers: { 'if-match': etag } }), 412, 'preconditionFailed')
    expect(await expectJson(await send('PUT', '/', { ...bodyOf(bob, '207'), id: mapping.id }), 200)).toMatchObject({ ownerUri: uriOf(bob) })
    expect((await send('DELETE', path)).status).toBe(204)
    await expectProblem(await send('GET', path), 404, 'notFound')
  })

  it('is one per owner, and one owner per user name in a domain, however that is written', async () => {
    await map(alice, '+34-986.120')
    const first = await map(bob, '205')
    await expectProblem(await send('POST', '', bodyOf(alice, '300')), 409, 'conflict')
    await createUser('a', 'carol').then(async (carol) => {
      await expectProblem(await send('POST', '', bodyOf(carol, '+34986120')), 409, 'conflict')
      await expectProblem(await send('POST', '', bodyOf(carol, '2.0-5')), 409, 'conflict')
    })
    await expectProblem(await send('PUT', `/${first.id}`, bodyOf(bob, '+34986120')), 409, 'conflict')
    await expectProblem(await send('PUT', `/${first.id}`, bodyOf(alice, '205')), 409, 'conflict')
    await createDomain('b')
    await map(await createUser('b', 'dave'), '205')
    expect((await list('?username=205')).map(({ domain: name }) => name).toSorted()).toEqual(['a', 'b'])
    expect(await list('?username=20-5&domain=a')).toEqual([first])
  })

  it.each([
    ['no owner', { credential: { username: '205' } }],
    ['an owner that is neither user nor group', { ownerUri: 'wac-meeting:1', credential: { username: '205' } }],
    ['no user name', { ownerUri: 'wac-user:x', credential: {} }],
    ['a user name that is a URI', { ownerUri: 'wac-user:x', credential: { username: 'sip:205@host' } }],
    ['a user name that breaks a header', { ownerUri: 'wac-user:x', credential: { username: '205\r\nVia: x' } }],
  ])('is refused with %s', async (_, json) => {
    await expectProblem(await send('POST', '', json), 400, 'invalidRequest')
  })

  it('never shows, stores or logs its password', async () => {
    const logs = readLogs()
    const mapping = await map(alice, '205', 'digest-secret')
    const sealed = async () => (await env.DB.prepare('select sealed_password as s from sip_mappings').first<{ s: string | null }>())?.s
    const before = await sealed()
    expect(before).toMatch(/^v1\./)
    await expectJson(await send('PUT', `/${mapping.id}`, bodyOf(alice, '206')), 200)
    expect(await sealed()).toBe(before)
    for (const path of [`/${mapping.id}`, '']) expect(await (await send('GET', path)).text()).not.toContain('digest-secret')
    const credentials = await (await call('/sapi/credentials', { token: await adminToken() })).text()
    expect(credentials).toContain(mapping.id)
    expect(credentials).not.toContain('digest-secret')
    await expectNowhereStored('digest-secret')
    expect(logs()).toContain(mapping.id)
    expect(logs()).not.toContain('digest-secret')
    await expectJson(await send('PATCH', `/${mapping.id}`, { credential: { password: '' } }), 200)
    expect(await sealed()).toBeNull()
  })

  it('tells its domain of each change', async () => {
    const other = await createDomain('b')
    const carol = await createUser('b', 'carol')
    const mapping = await map(alice, '205', 'digest-secret')
    const told = async ({ id }: Made) => {
      const last = await env.DB.prepare('select type, data from outgoing_events where domain_id = ? order by seq desc limit 1')
        .bind(id)
        .first()
      return [last?.['type'], JSON.parse(String(last?.['data']))]
    }
    const data = (owner: Made) => ({ mappingId: mapping.id, ownerUri: uriOf(owner), username: '205' })
    expect(await told(domain)).toEqual(['sipMapping.created', data(alice)])
    await send('PUT', `/${mapping.id}`, bodyOf(bob, '205'))
    expect(await told(domain)).toEqual(['sipMapping.updated', data(bob)])
    await send('PUT', `/${mapping.id}`, bodyOf(carol, '205'))
    expect(await told(domain)).toEqual(['sipMapping.deleted', data(bob)])
    expect(await told(other)).toEqual(['sipMapping.created', data(carol)])
    await send('DELETE', `/${mapping.id}`)
    expect(await told(other)).toEqual(['sipMapping.deleted', data(carol)])
  })

  it('comes in pages', async () => {
    for (const username of ['carol', 'dave']) await map(await createUser('a', username), username)
    await map(alice, 'alice')
    const first = await send('GET', '?limit=2')
    const rest = await call(nextPage(first.headers.get('link')) ?? '', { token: await adminToken() })
    const names = [...(await expectJson<Made[]>(first, 200)), ...(await expectJson<Made[]>(rest, 200))].map(({ credential }) => credential)
    expect(names).toEqual([{ username: 'carol' }, { username: 'dave' }, { username: 'alice' }])
    expect(nextPage(rest.headers.get('link'))).toBeUndefined()
  })
})

describe('whose mapping it is', () => {
  it('is found both ways', async () => {
    const group = await newGroup()
    await map(alice, '205')
    await map(`wac-group:${group.id}`, 'sales@pbx.example')
    const db = database(env.DB)
    const now = systemClock.now()
    const ownerOf = async (sipUser: string) => (await findOwnerOf(db, { domainId: domain.id, sipUser }, now))?.mapping
    expect(await ownerOf('205')).toMatchObject({ userId: alice.id })
    expect(await ownerOf('20-5@any.host')).toMatchObject({ userId: alice.id })
    expect(await ownerOf('sales@PBX.example')).toMatchObject({ groupId: group.id })
    expect(await ownerOf('sales')).toBeUndefined()
    expect(await findOwnerOf(db, { domainId: crypto.randomUUID(), sipUser: '205' }, now)).toBeUndefined()
    expect((await findSipMappingOf(db, { groupId: group.id }, now))?.mapping.username).toBe('sales@pbx.example')
    expect(await findSipMappingOf(db, { userId: bob.id }, now)).toBeUndefined()
  })

  it('must be one that there is', async () => {
    for (const ownerUri of [`wac-user:${crypto.randomUUID()}`, `wac-group:${alice.id}`])
      await expectProblem(await send('POST', '', bodyOf(ownerUri, '205')), 404, 'notFound')
  })

  it('goes with it', async () => {
    const group = await newGroup()
    await map(alice, '205')
    await map(`wac-group:${group.id}`, '300')
    expect(await expectJson(await call(`/sapi/users/${alice.id}`, { method: 'DELETE', token: await adminToken() }), 200)).toMatchObject({
      removed: { credentials: 2 },
    })
    expect((await list()).map(({ ownerUri }) => ownerUri)).toEqual([`wac-group:${group.id}`])
    await call(`/sapi/usersGroup/${group.id}`, { method: 'DELETE', token: await adminToken() })
    expect(await list()).toEqual([])
  })

  it('moves with it to another domain', async () => {
    await createDomain('b')
    await map(alice, '205')
    await expectJson(await call(`/sapi/users/${alice.id}`, { method: 'PATCH', json: { domain: 'b' }, token: await adminToken() }), 200)
    expect(await list()).toMatchObject([{ domain: 'b', ownerUri: uriOf(alice) }])
  })

  it("is nobody else's business: users, and admins of other tenants", async () => {
    await createDomain('b')
    const boss = await createUser('b', 'boss', { role: 'admin' })
    const token = await tokenOf('boss@b')
    const { id } = await map(alice, '205')
    await map(boss, '205')
    expect(await list('', token)).toHaveLength(1)
    expect(await list(`?ownerUri=${uriOf(alice)}`, token)).toEqual([])
    await expectProblem(await send('GET', '?domain=a', undefined, { token }), 404, 'notFound')
    for (const method of ['GET', 'DELETE']) await expectProblem(await send(method, `/${id}`, undefined, { token }), 404, 'notFound')
    await expectProblem(await send('DELETE', `?ownerUri=${uriOf(alice)}`, undefined, { token }), 404, 'notFound')
    await expectProblem(await send('PUT', `/${id}`, bodyOf(boss, '206'), { token }), 404, 'notFound')
    await expectProblem(await send('PUT', '', { ...bodyOf(boss, '206'), id }, { token }), 404, 'notFound')
    await expectProblem(await send('PUT', '', bodyOf(bob, '206'), { token }), 404, 'notFound')
    await expectProblem(await send('POST', '', bodyOf(bob, '206'), { token }), 404, 'notFound')
    await expectProblem(await send('GET', '', undefined, { token: await tokenOf('bob@a') }), 403, 'forbidden')
  })
})

describe('the second door', () => {
  it('leads to the same mappings', async () => {
    const token = await adminToken()
    const json = {
      source: 'wac',
      type: 'sip-mapping',
      domain: 'a',
      user: alice.id,
      data: { username: '205', password: 'digest-secret' },
      lease: 3600,
    }
    const credential = await expectJson<Made>(await call('/sapi/credentials', { json, token }), 201)
    expect(credential).toMatchObject({
      type: 'sip-mapping',
      user: alice.id,
      data: { ownerUri: uriOf(alice), username: '205' },
      lease: 3600,
    })
    expect(await list()).toMatchObject([{ id: credential.id, ownerUri: uriOf(alice), credential: { username: '205' } }])
    const byType = await call('/sapi/credentials?type=sip-mapping', { token })
    expect(await expectJson(byType, 200)).toEqual([credential])
    const byUser = await expectJson<Made[]>(await call(`/sapi/credentials?user=${alice.id}`, { token }), 200)
    expect(byUser.map(({ type }) => type).toSorted()).toEqual(['basic', 'sip-mapping'])
    const patch = { data: { username: '206' }, context: { by: 'hand' } }
    const path = `/sapi/credentials/${credential.id}`
    expect(await expectJson(await call(path, { method: 'PATCH', json: patch, token }), 200)).toEqual({
      ...credential,
      data: { ownerUri: uriOf(alice), username: '206' },
      context: { by: 'hand' },
    })
    await env.DB.prepare('update sip_mappings set expires_at = 1').run()
    expect(await findSipMappingOf(database(env.DB), { userId: alice.id }, systemClock.now())).toBeUndefined()
    await map(bob, '206')
    await map(alice, '205')
    expect(await list()).toHaveLength(2)
    await expectProblem(await call(path, { token }), 404, 'notFound')
  })

  it('takes groups too, and removes', async () => {
    const token = await adminToken()
    const ownerUri = `wac-group:${(await newGroup()).id}`
    const json = { type: 'sip-mapping', data: { ownerUri, username: '300' } }
    const { id } = await expectJson<Made>(await call('/sapi/credentials', { json, token }), 201)
    expect((await call(`/sapi/credentials/${id}`, { method: 'DELETE', token })).status).toBe(204)
    expect(await list()).toEqual([])
    const both = { ...json, user: alice.id }
    await expectProblem(await call('/sapi/credentials', { json: both, token }), 400, 'invalidRequest')
    await expectProblem(await call('/sapi/credentials', { json: { ...json, data: { username: '300' } }, token }), 400, 'invalidRequest')
  })
})

it('everybody learns its own identity: the mapping, and for visitors one that the settings make', async () => {
  const own = async (token: string) => (await expectJson(await call('/sapi/sipMappings/mine', { token }), 200))['identity']
  await map(alice, '205')
  expect(await own(await tokenOf('alice@a'))).toBe('205')
  expect(await own(await tokenOf('bob@a'))).toBeNull()
  const settings = { sip: { dynamicMappingPrefix: 'guest-', dynamicMappingDomain: 'anonymous-domain' } }
  await createDomain('open', { enableAnonymous: true, settings })
  const { access_token } = await expectJson<{ access_token: string }>(
    await requestToken({ grant_type: 'anonymous', username: '@open' }),
    200,
  )
  expect(await own(access_token)).toMatch(/^guest-anon-[0-9a-f-]{36}@anonymous-domain$/)
})
