import { beforeEach, describe, expect, it } from 'vitest'
import { database } from '#edge/db/d1/database.ts'
import { participantsOf } from '#edge/services/groups.ts'
import type { GroupParticipant } from '#shared/protocol/sapi/groups.ts'
import { call, createDomain, createUser, env, expectJson, expectProblem, tokenOf } from './testing/api.ts'
import { gatherTeam, groupAs, path, type Team } from './testing/groups.ts'
import { pages } from './testing/pages.ts'

let team: Team

beforeEach(async () => {
  team = await gatherTeam()
})

describe('the participants of a group', () => {
  it('are listed in pages, the longest in it first, and asked for one by one', async () => {
    const group = await team.createGroup('carol', 'bob')
    const token = await tokenOf('bob@a')
    const found = await pages<GroupParticipant>(path(group, '/participants?limit=2'), token)
    expect(found.map((page) => page.map(({ username }) => username))).toEqual([['alice@a', 'carol@a'], ['bob@a']])
    expect(found[1]?.[0]).toEqual({
      id: team.users.bob.id,
      username: 'bob@a',
      displayName: 'Bob B.',
      owner: false,
      joined: expect.any(Number),
    })
    expect(found[0]?.[0]).toMatchObject({ owner: true })
    const ask = async (userId: string) => (await call(path(group, `/participants/${userId}`), { method: 'HEAD', token })).status
    expect(await ask(team.users.carol.id)).toBe(204)
    expect(await ask(`wac-user:${team.users.carol.id}`)).toBe(204)
    expect(await ask(team.users.boss.id)).toBe(404)
    await expectProblem(await call(path(group, `/participants/${team.users.carol.id}`), { token }), 405, 'unsupportedMethod')
    await expectProblem(await call(path(group, '/participants?cursor=eyJ4IjoxfQ'), { token }), 400, 'invalidRequest')
  })

  it('come in once, and only from the domain of the group', async () => {
    await createDomain('b')
    const foreign = await createUser('b', 'mallory')
    const group = await team.createGroup()
    const token = await tokenOf('alice@a')
    const add = async (userId: string) => call(path(group, '/participants'), { json: { userId }, token })
    const [first, second] = [
      await expectJson(await add(team.users.bob.id), 200),
      await expectJson(await add(`wac-user:${team.users.bob.id}`), 200),
    ]
    expect(first).toEqual(second)
    for (const userId of [foreign.id, crypto.randomUUID()]) await expectProblem(await add(userId), 404, 'notFound')
    expect((await groupAs('alice@a', group)).participants).toEqual([team.users.alice.id, team.users.bob.id])
    expect((await team.events()).map(({ type }) => type)).toEqual(['group.created', 'group.updated'])
  })

  it('are 200 at most', async () => {
    const group = await team.createGroup()
    const { results } = await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 199)
       insert into users (id, domain_id, username, email, role, capabilities, mobile_phone, land_line_number, alias, search, disabled, has_hub, revision, created_at)
       select 'extra-' || i, ?, 'extra' || i, '', 'user', '[]', '[]', '', '', '', 0, 0, 1, 0 from n returning id`,
    )
      .bind(team.domain.id)
      .all<{ id: string }>()
    await env.DB.batch(
      results.map(({ id }) =>
        env.DB.prepare('insert into group_participants (group_id, user_id, joined_at) values (?, ?, 0)').bind(group.id, id),
      ),
    )
    const token = await tokenOf('alice@a')
    const problem = await expectProblem(
      await call(path(group, '/participants'), { json: { userId: team.users.bob.id }, token }),
      409,
      'conflict',
    )
    expect(problem['context']).toEqual({ reason: 'groupFull', limit: 200 })
  })

  it('are removed by a query or a body, one or all; the owner owns it still', async () => {
    const group = await team.createGroup('bob', 'carol')
    const token = await tokenOf('alice@a')
    const remove = async (rest: string, json?: unknown) => call(path(group, rest), { method: 'DELETE', json, token })
    expect((await remove('/participants', { userId: team.users.bob.id })).status).toBe(204)
    await expectProblem(await remove(`/participants?userId=${team.users.bob.id}`), 404, 'notFound')
    await expectProblem(await remove('/participants'), 400, 'malformedMessage')
    expect((await groupAs('bob@a', group)).participants).toEqual([team.users.alice.id, team.users.carol.id])
    expect((await remove('/participations')).status).toBe(204)
    expect(await groupAs('bob@a', group)).toMatchObject({ participants: [], owner: team.users.alice.id })
    expect(await expectJson(await call(path(group, '/participants'), { json: { userId: team.users.alice.id }, token }), 200)).toMatchObject(
      {
        owner: true,
      },
    )
  })

  it('are those that a call rings, without the users out of use', async () => {
    const group = await team.createGroup('bob', 'carol')
    await env.DB.prepare('update users set disabled = 1 where id = ?').bind(team.users.bob.id).run()
    const where = { groupId: group.id, domainId: team.domain.id }
    expect(await participantsOf(database(env.DB), where)).toEqual([
      { userId: team.users.alice.id, domainId: team.domain.id, username: 'alice@a', hasHub: false },
      { userId: team.users.carol.id, domainId: team.domain.id, username: 'carol@a', hasHub: false },
    ])
    expect(await participantsOf(database(env.DB), { ...where, domainId: 'other' })).toBeUndefined()
    expect(await participantsOf(database(env.DB), { ...where, groupId: 'none' })).toBeUndefined()
  })
})

describe('whoever leaves', () => {
  it('is not in the group any more; others cannot leave', async () => {
    const group = await team.createGroup('bob')
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('bob@a') })).status).toBe(204)
    expect((await groupAs('bob@a', group)).participants).toEqual([team.users.alice.id])
    const problem = await expectProblem(
      await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('bob@a') }),
      409,
      'conflict',
    )
    expect(problem['context']).toEqual({ reason: 'notAParticipant' })
  })

  it('as its owner passes it to the oldest participant in use, and takes it along where there is none', async () => {
    const group = await team.createGroup('carol', 'bob')
    await env.DB.prepare('update users set disabled = 1 where id = ?').bind(team.users.carol.id).run()
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('alice@a') })).status).toBe(204)
    expect(await groupAs('bob@a', group)).toMatchObject({
      owner: team.users.bob.id,
      participants: [team.users.carol.id, team.users.bob.id],
    })
    const bob = await tokenOf('bob@a')
    await call(path(group, `/participants?userId=${team.users.carol.id}`), { method: 'DELETE', token: bob })
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: bob })).status).toBe(204)
    await expectProblem(await call(path(group), { token: bob }), 404, 'notFound')
    expect((await team.events()).at(-1)?.type).toBe('group.deleted')
  })

  it('leaves every group at once, or is taken out of all by an admin', async () => {
    const [first, second] = [await team.createGroup('bob'), await team.createGroup('bob', 'carol')]
    const leave = async (query: string, token: string) => call(`/sapi/usersGroup/participations${query}`, { method: 'DELETE', token })
    const alice = await tokenOf('alice@a')
    await expectProblem(await leave(`?userId=${team.users.bob.id}`, alice), 404, 'notFound')
    expect((await leave(`?userId=${team.users.bob.id}`, await tokenOf('boss@a'))).status).toBe(204)
    expect((await groupAs('bob@a', second)).participants).toEqual([team.users.alice.id, team.users.carol.id])
    expect((await leave('', alice)).status).toBe(204)
    await expectProblem(await call(path(first), { token: alice }), 404, 'notFound')
    expect(await groupAs('bob@a', second)).toMatchObject({ owner: team.users.carol.id, participants: [team.users.carol.id] })
  })
})
