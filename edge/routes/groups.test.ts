import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupSummary, GroupView } from '#shared/protocol/sapi/groups.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'
import { writeDownEvents } from './testing/events.ts'
import { pages } from './testing/pages.ts'

let users: Record<'alice' | 'bob' | 'carol' | 'boss', Made>
let domain: Made
let events: Awaited<ReturnType<typeof writeDownEvents>>

beforeEach(async () => {
  await startAnew()
  domain = await createDomain('a')
  events = await writeDownEvents('a', ['group.created', 'group.updated', 'group.deleted'])
  users = {
    alice: await createUser('a', 'alice'),
    bob: await createUser('a', 'bob', { alias: 'Bob B.' }),
    carol: await createUser('a', 'carol'),
    boss: await createUser('a', 'boss', { role: 'admin' }),
  }
})

const path = (group: { id: string }, rest = ''): string => `/sapi/usersGroup/${group.id}${rest}`

/** A group of alice's, with these beside her. */
async function createGroup(...others: ('bob' | 'carol')[]): Promise<GroupView> {
  const token = await tokenOf('alice@a')
  const group = await expectJson<GroupView>(await call('/sapi/usersGroup', { json: { name: 'Sales' }, token }), 201)
  for (const name of others) await expectJson(await call(path(group, '/participants'), { json: { userId: users[name].id }, token }), 200)
  return group
}

const groupAs = async (username: string, group: { id: string }): Promise<GroupView> =>
  expectJson<GroupView>(await call(path(group), { token: await tokenOf(username) }), 200)

describe('a users group', () => {
  it('belongs to whoever creates it, who is its first participant', async () => {
    const token = await tokenOf('alice@a')
    const response = await call('/sapi/usersGroup/', { json: { name: ' Sales ' }, token })
    const group = await expectJson<GroupView>(response, 201)
    expect(group).toEqual({
      id: expect.any(String),
      uri: `wac-group:${group.id}`,
      domain: 'a',
      name: 'Sales',
      owner: users.alice.id,
      created: expect.any(Number),
      participants: [users.alice.id],
    })
    expect(response.headers.get('location')).toBe(path(group))
    expect(await groupAs('bob@a', group)).toEqual(group)
    expect(await events()).toMatchObject([{ type: 'group.created', domainId: domain.id, data: { groupId: group.id, name: 'Sales' } }])
  })

  it('is edited by its owner and by admins, and by nobody else', async () => {
    const group = await createGroup('bob')
    const [alice, bob, boss] = await Promise.all(['alice@a', 'bob@a', 'boss@a'].map(tokenOf))
    const changed = await expectJson(await call(path(group), { method: 'PUT', json: { name: 'Support' }, token: alice }), 200)
    expect(changed).toMatchObject({ name: 'Support', owner: users.alice.id })
    expect(await expectJson(await call(path(group), { method: 'PATCH', json: { name: 'Help' }, token: boss }), 200)).toMatchObject({
      name: 'Help',
      participants: [users.alice.id, users.bob.id],
    })
    for (const request of [{ method: 'PUT', json: { name: 'x' } }, { method: 'PATCH', json: { name: 'x' } }, { method: 'DELETE' }]) {
      const problem = await expectProblem(await call(path(group), { ...request, token: bob }), 403, 'forbidden')
      expect(problem['context']).toEqual({ reason: 'notGroupOwner' })
    }
    for (const [method, rest] of [
      ['DELETE', `/participants?userId=${users.alice.id}`],
      ['DELETE', '/participations'],
    ] as const) {
      await expectProblem(await call(path(group, rest), { method, token: bob }), 403, 'forbidden')
    }
    await expectProblem(await call(path(group, '/participants'), { json: { userId: users.carol.id }, token: bob }), 403, 'forbidden')
    expect(await groupAs('bob@a', group)).toMatchObject({ name: 'Help', participants: [users.alice.id, users.bob.id] })
  })

  it('is changed only as it is known', async () => {
    const group = await createGroup()
    const token = await tokenOf('alice@a')
    const etag = (await call(path(group), { token })).headers.get('etag') ?? ''
    await expectJson(await call(path(group, '/participants'), { json: { userId: users.bob.id }, token }), 200)
    const headers = { 'if-match': etag }
    await expectProblem(await call(path(group), { method: 'PATCH', json: { name: 'x' }, headers, token }), 412, 'preconditionFailed')
    await expectProblem(await call(path(group), { method: 'DELETE', headers, token }), 412, 'preconditionFailed')
  })

  it('is handed over by its owner to a participant, by an admin to any user of the domain', async () => {
    const group = await createGroup('bob')
    const [alice, boss] = await Promise.all(['alice@a', 'boss@a'].map(tokenOf))
    const hand = (owner: string | undefined) => ({ method: 'PATCH', json: { owner } })
    await expectProblem(await call(path(group), { ...hand(users.carol.id), token: alice }), 403, 'forbidden')
    expect(await expectJson(await call(path(group), { ...hand(`wac-user:${users.bob.id}`), token: alice }), 200)).toMatchObject({
      owner: users.bob.id,
    })
    await expectProblem(await call(path(group), { ...hand(users.alice.id), token: alice }), 403, 'forbidden')
    expect(await expectJson(await call(path(group), { ...hand(users.carol.id), token: boss }), 200)).toMatchObject({
      owner: users.carol.id,
    })
    await expectProblem(await call(path(group), { ...hand(crypto.randomUUID()), token: boss }), 404, 'notFound')
  })

  it('is created for somebody else by an admin only', async () => {
    const json = { name: 'Desk', owner: users.carol.id, domain: 'a' }
    await expectProblem(await call('/sapi/usersGroup', { json, token: await tokenOf('alice@a') }), 403, 'forbidden')
    for (const token of [await tokenOf('boss@a'), await adminToken()]) {
      const group = await expectJson(await call('/sapi/usersGroup', { json, token }), 201)
      expect(group).toMatchObject({ owner: users.carol.id, participants: [users.carol.id] })
    }
    // The platform admin is not of this domain, and so cannot be in its groups.
    await expectProblem(await call('/sapi/usersGroup', { json: { name: 'x', domain: 'a' }, token: await adminToken() }), 404, 'notFound')
  })

  it('is deleted with who is in it', async () => {
    const group = await createGroup('bob')
    const token = await tokenOf('alice@a')
    expect((await call(path(group), { method: 'DELETE', token })).status).toBe(204)
    await expectProblem(await call(path(group), { token }), 404, 'notFound')
    await expectProblem(await call(path(group), { method: 'DELETE', token }), 404, 'notFound')
    expect((await events()).map(({ type }) => type)).toEqual(['group.created', 'group.updated', 'group.deleted'])
    expect(await env.DB.prepare('select count(*) as n from group_participants').first('n')).toBe(0)
  })

  it.each([{}, { name: '' }, { name: 7 }, { name: 'x'.repeat(129) }])('is not made of %j', async (json) => {
    await expectProblem(await call('/sapi/usersGroup', { json, token: await tokenOf('alice@a') }), 400, 'invalidRequest')
  })

  it('needs call control', async () => {
    await createDomain('mute', { services: { login: [] } })
    await createUser('mute', 'zoe')
    const token = await tokenOf('zoe@mute')
    await expectProblem(await call('/sapi/usersGroup', { token }), 403, 'serviceNotEnabled')
  })
})

describe('users groups', () => {
  it('are listed to the users of their domain, in pages, and by name, owner and participant', async () => {
    const token = await tokenOf('bob@a')
    const first = await createGroup('bob')
    const others = []
    for (const name of ['Über uns', 'Night'])
      others.push(await expectJson<GroupView>(await call('/sapi/usersGroup', { json: { name }, token }), 201))
    const found = await pages<GroupSummary>('/sapi/usersGroup?limit=2', token)
    expect(found.map((page) => page.map(({ name }) => name))).toEqual([['Sales', 'Über uns'], ['Night']])
    expect(found[0]?.[0]).toEqual({
      id: first.id,
      uri: first.uri,
      domain: 'a',
      name: 'Sales',
      owner: users.alice.id,
      created: first.created,
      participantCount: 2,
    })
    const names = async (query: string) => (await pages<GroupSummary>(`/sapi/usersGroup?${query}`, token)).flat().map(({ name }) => name)
    expect(await names('q=ÜBER')).toEqual(['Über uns'])
    expect(await names(`owner=${users.alice.id}`)).toEqual(['Sales'])
    expect(await names(`participant=wac-user:${users.bob.id}`)).toEqual(['Sales', 'Über uns', 'Night'])
    expect(await names(`participant=${users.carol.id}`)).toEqual([])
  })

  it('of another tenant are as if they were not', async () => {
    await createDomain('b')
    await createUser('b', 'mallory')
    await createUser('b', 'chief', { role: 'admin' })
    const group = await createGroup('bob')
    const unknown = { id: crypto.randomUUID() }
    for (const username of ['mallory@b', 'chief@b']) {
      const token = await tokenOf(username)
      expect(await expectJson(await call('/sapi/usersGroup', { token }), 200)).toEqual([])
      for (const [method, rest, json] of [
        ['GET', '', undefined],
        ['PUT', '', { name: 'stolen' }],
        ['PATCH', '', { name: 'stolen' }],
        ['DELETE', '', undefined],
        ['GET', '/participants', undefined],
        ['POST', '/participants', { userId: users.bob.id }],
        ['DELETE', `/participants?userId=${users.bob.id}`, undefined],
        ['HEAD', `/participants/${users.bob.id}`, undefined],
        ['DELETE', '/participations', undefined],
        ['DELETE', '/leave', undefined],
      ] as const) {
        const answers = await Promise.all(
          [group, unknown].map(async (one) => {
            const response = await call(path(one, rest), { method, json, token })
            return `${response.status} ${(await response.text()).replace(/"traceId":"[^"]*"/, '')}`
          }),
        )
        expect(answers[0]).toBe(answers[1])
        expect(answers[0]).toMatch(/^404 /)
      }
      for (const userId of [users.bob.id, crypto.randomUUID()]) {
        const response = await call(`/sapi/usersGroup/participations?userId=${userId}`, { method: 'DELETE', token })
        await expectProblem(response, 404, 'notFound')
      }
      await expectProblem(await call('/sapi/usersGroup?domain=a', { token }), 404, 'notFound')
      await expectProblem(await call('/sapi/usersGroup', { json: { name: 'x', domain: 'a' }, token }), 404, 'notFound')
    }
    expect(await groupAs('alice@a', group)).toMatchObject({ name: 'Sales', participants: [users.alice.id, users.bob.id] })
  })
})

describe('a user that goes', () => {
  it('leaves its groups to those who are in them', async () => {
    const [kept, gone] = [await createGroup('bob'), await createGroup()]
    const before = (await events()).length
    const deleted = await call(`/sapi/users/${users.alice.id}`, { method: 'DELETE', token: await tokenOf('boss@a') })
    expect(await expectJson(deleted, 200)).toMatchObject({ removed: { groups: 2 } })
    expect(await groupAs('bob@a', kept)).toMatchObject({ owner: users.bob.id, participants: [users.bob.id] })
    await expectProblem(await call(path(gone), { token: await tokenOf('bob@a') }), 404, 'notFound')
    expect((await events()).slice(before)).toMatchObject([
      { type: 'group.updated', data: { groupId: kept.id } },
      { type: 'group.deleted', data: { groupId: gone.id } },
    ])
  })

  it('to another domain leaves the groups of the first', async () => {
    const group = await createGroup('bob')
    await createDomain('b')
    const json = { domain: 'b', username: 'bob', email: '', role: 'user', capabilities: [], mobilePhone: [] }
    await expectJson(await call(`/sapi/users/${users.bob.id}`, { method: 'PUT', json, token: await adminToken() }), 200)
    expect((await groupAs('alice@a', group)).participants).toEqual([users.alice.id])
  })

  it('with its domain takes the groups along', async () => {
    await createGroup('bob')
    await expectJson(await call(`/sapi/domains/${domain.id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
    expect(await env.DB.prepare('select count(*) as n from groups').first('n')).toBe(0)
  })
})
