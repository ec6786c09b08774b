import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupSummary, GroupView } from '#shared/protocol/sapi/groups.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, tokenOf } from './testing/api.ts'
import { gatherTeam, groupAs, path, type Team } from './testing/groups.ts'
import { pages } from './testing/pages.ts'

let team: Team

beforeEach(async () => {
  team = await gatherTeam()
})

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
      owner: team.users.alice.id,
      created: expect.any(Number),
      participants: [team.users.alice.id],
    })
    expect(response.headers.get('location')).toBe(path(group))
    expect(await groupAs('bob@a', group)).toEqual(group)
    expect(await team.events()).toMatchObject([
      { type: 'group.created', domainId: team.domain.id, data: { groupId: group.id, name: 'Sales' } },
    ])
  })

  it('is edited by its owner and by admins, and by nobody else', async () => {
    const group = await team.createGroup('bob')
    const [alice, bob, boss] = await Promise.all(['alice@a', 'bob@a', 'boss@a'].map(tokenOf))
    const changed = await expectJson(await call(path(group), { method: 'PUT', json: { name: 'Support' }, token: alice }), 200)
    expect(changed).toMatchObject({ name: 'Support', owner: team.users.alice.id })
    expect(await expectJson(await call(path(group), { method: 'PATCH', json: { name: 'Help' }, token: boss }), 200)).toMatchObject({
      name: 'Help',
      participants: [team.users.alice.id, team.users.bob.id],
    })
    for (const request of [{ method: 'PUT', json: { name: 'x' } }, { method: 'PATCH', json: { name: 'x' } }, { method: 'DELETE' }]) {
      const problem = await expectProblem(await call(path(group), { ...request, token: bob }), 403, 'forbidden')
      expect(problem['context']).toEqual({ reason: 'notGroupOwner' })
    }
    for (const [method, rest] of [
      ['DELETE', `/participants?userId=${team.users.alice.id}`],
      ['DELETE', '/participations'],
    ] as const) {
      await expectProblem(await call(path(group, rest), { method, token: bob }), 403, 'forbidden')
    }
    await expectProblem(await call(path(group, '/participants'), { json: { userId: team.users.carol.id }, token: bob }), 403, 'forbidden')
    expect(await groupAs('bob@a', group)).toMatchObject({ name: 'Help', participants: [team.users.alice.id, team.users.bob.id] })
  })

  it('is changed only as it is known', async () => {
    const group = await team.createGroup()
    const token = await tokenOf('alice@a')
    const etag = (await call(path(group), { token })).headers.get('etag') ?? ''
    await expectJson(await call(path(group, '/participants'), { json: { userId: team.users.bob.id }, token }), 200)
    const headers = { 'if-match': etag }
    await expectProblem(await call(path(group), { method: 'PATCH', json: { name: 'x' }, headers, token }), 412, 'preconditionFailed')
    await expectProblem(await call(path(group), { method: 'DELETE', headers, token }), 412, 'preconditionFailed')
  })

  it('is handed over by its owner to a participant, by an admin to any user of the domain', async () => {
    const group = await team.createGroup('bob')
    const [alice, boss] = await Promise.all(['alice@a', 'boss@a'].map(tokenOf))
    const hand = (owner: string | undefined) => ({ method: 'PATCH', json: { owner } })
    await expectProblem(await call(path(group), { ...hand(team.users.carol.id), token: alice }), 403, 'forbidden')
    expect(await expectJson(await call(path(group), { ...hand(`wac-user:${team.users.bob.id}`), token: alice }), 200)).toMatchObject({
      owner: team.users.bob.id,
    })
    await expectProblem(await call(path(group), { ...hand(team.users.alice.id), token: alice }), 403, 'forbidden')
    expect(await expectJson(await call(path(group), { ...hand(team.users.carol.id), token: boss }), 200)).toMatchObject({
      owner: team.users.carol.id,
    })
    await expectProblem(await call(path(group), { ...hand(crypto.randomUUID()), token: boss }), 404, 'notFound')
  })

  it('is created for somebody else by an admin only', async () => {
    const json = { name: 'Desk', owner: team.users.carol.id, domain: 'a' }
    await expectProblem(await call('/sapi/usersGroup', { json, token: await tokenOf('alice@a') }), 403, 'forbidden')
    for (const token of [await tokenOf('boss@a'), await adminToken()]) {
      const group = await expectJson(await call('/sapi/usersGroup', { json, token }), 201)
      expect(group).toMatchObject({ owner: team.users.carol.id, participants: [team.users.carol.id] })
    }
    // The platform admin is not of this domain, and so cannot be in its groups.
    await expectProblem(await call('/sapi/usersGroup', { json: { name: 'x', domain: 'a' }, token: await adminToken() }), 404, 'notFound')
  })

  it('is deleted with who is in it', async () => {
    const group = await team.createGroup('bob')
    const token = await tokenOf('alice@a')
    expect((await call(path(group), { method: 'DELETE', token })).status).toBe(204)
    await expectProblem(await call(path(group), { token }), 404, 'notFound')
    await expectProblem(await call(path(group), { method: 'DELETE', token }), 404, 'notFound')
    expect((await team.events()).map(({ type }) => type)).toEqual(['group.created', 'group.updated', 'group.deleted'])
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
    const first = await team.createGroup('bob')
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
      owner: team.users.alice.id,
      created: first.created,
      participantCount: 2,
    })
    const names = async (query: string) => (await pages<GroupSummary>(`/sapi/usersGroup?${query}`, token)).flat().map(({ name }) => name)
    expect(await names('q=ÜBER')).toEqual(['Über uns'])
    expect(await names(`owner=${team.users.alice.id}`)).toEqual(['Sales'])
    expect(await names(`participant=wac-user:${team.users.bob.id}`)).toEqual(['Sales', 'Über uns', 'Night'])
    expect(await names(`participant=${team.users.carol.id}`)).toEqual([])
  })

  it('of another tenant are as if they were not', async () => {
    await createDomain('b')
    await createUser('b', 'mallory')
    await createUser('b', 'chief', { role: 'admin' })
    const group = await team.createGroup('bob')
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
        ['POST', '/participants', { userId: team.users.bob.id }],
        ['DELETE', `/participants?userId=${team.users.bob.id}`, undefined],
        ['HEAD', `/participants/${team.users.bob.id}`, undefined],
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
      for (const userId of [team.users.bob.id, crypto.randomUUID()]) {
        const response = await call(`/sapi/usersGroup/participations?userId=${userId}`, { method: 'DELETE', token })
        await expectProblem(response, 404, 'notFound')
      }
      await expectProblem(await call('/sapi/usersGroup?domain=a', { token }), 404, 'notFound')
      await expectProblem(await call('/sapi/usersGroup', { json: { name: 'x', domain: 'a' }, token }), 404, 'notFound')
    }
    expect(await groupAs('alice@a', group)).toMatchObject({ name: 'Sales', participants: [team.users.alice.id, team.users.bob.id] })
  })
})

describe('a user that goes', () => {
  it('leaves its groups to those who are in them', async () => {
    const [kept, gone] = [await team.createGroup('bob'), await team.createGroup()]
    const before = (await team.events()).length
    const deleted = await call(`/sapi/users/${team.users.alice.id}`, { method: 'DELETE', token: await tokenOf('boss@a') })
    expect(await expectJson(deleted, 200)).toMatchObject({ removed: { groups: 2 } })
    expect(await groupAs('bob@a', kept)).toMatchObject({ owner: team.users.bob.id, participants: [team.users.bob.id] })
    await expectProblem(await call(path(gone), { token: await tokenOf('bob@a') }), 404, 'notFound')
    expect((await team.events()).slice(before)).toMatchObject([
      { type: 'group.updated', data: { groupId: kept.id } },
      { type: 'group.deleted', data: { groupId: gone.id } },
    ])
  })

  it('to another domain leaves the groups of the first', async () => {
    const group = await team.createGroup('bob')
    await createDomain('b')
    const json = { domain: 'b', username: 'bob', email: '', role: 'user', capabilities: [], mobilePhone: [] }
    await expectJson(await call(`/sapi/users/${team.users.bob.id}`, { method: 'PUT', json, token: await adminToken() }), 200)
    expect((await groupAs('alice@a', group)).participants).toEqual([team.users.alice.id])
  })

  it('with its domain takes the groups along', async () => {
    await team.createGroup('bob')
    await expectJson(await call(`/sapi/domains/${team.domain.id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
    expect(await env.DB.prepare('select count(*) as n from groups').first('n')).toBe(0)
  })
})
