import { beforeEach, describe, expect, it } from 'vitest'
import { database } from '#edge/db/d1/database.ts'
import { participantsOf } from '#edge/services/groups.ts'
import type { GroupParticipant, GroupView } from '#shared/protocol/sapi/groups.ts'
import { call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'
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

describe('the participants of a group', () => {
  it('are listed in pages, the longest in it first, and asked for one by one', async () => {
    const group = await createGroup('carol', 'bob')
    const token = await tokenOf('bob@a')
    const found = await pages<GroupParticipant>(path(group, '/participants?limit=2'), token)
    expect(found.map((page) => page.map(({ username }) => username))).toEqual([['alice@a', 'carol@a'], ['bob@a']])
    expect(found[1]?.[0]).toEqual({ id: users.bob.id, username: 'bob@a', displayName: 'Bob B.', owner: false, joined: expect.any(Number) })
    expect(found[0]?.[0]).toMatchObject({ owner: true })
    const ask = async (userId: string) => (await call(path(group, `/participants/${userId}`), { method: 'HEAD', token })).status
    expect(await ask(users.carol.id)).toBe(204)
    expect(await ask(`wac-user:${users.carol.id}`)).toBe(204)
    expect(await ask(users.boss.id)).toBe(404)
    await expectProblem(await call(path(group, `/participants/${users.carol.id}`), { token }), 405, 'unsupportedMethod')
    await expectProblem(await call(path(group, '/participants?cursor=eyJ4IjoxfQ'), { token }), 400, 'invalidRequest')
  })

  it('come in once, and only from the domain of the group', async () => {
    await createDomain('b')
    const foreign = await createUser('b', 'mallory')
    const group = await createGroup()
    const token = await tokenOf('alice@a')
    const add = async (userId: string) => call(path(group, '/participants'), { json: { userId }, token })
    const [first, second] = [await expectJson(await add(users.bob.id), 200), await expectJson(await add(`wac-user:${users.bob.id}`), 200)]
    expect(first).toEqual(second)
    for (const userId of [foreign.id, crypto.randomUUID()]) await expectProblem(await add(userId), 404, 'notFound')
    expect((await groupAs('alice@a', group)).participants).toEqual([users.alice.id, users.bob.id])
    expect((await events()).map(({ type }) => type)).toEqual(['group.created', 'group.updated'])
  })

  it('are 200 at most', async () => {
    const group = await createGroup()
    const { results } = await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 199)
       insert into users (id, domain_id, username, email, role, capabilities, mobile_phone, land_line_number, alias, search, disabled, has_hub, revision, created_at)
       select 'extra-' || i, ?, 'extra' || i, '', 'user', '[]', '[]', '', '', '', 0, 0, 1, 0 from n returning id`,
    )
      .bind(domain.id)
      .all<{ id: string }>()
    await env.DB.batch(
      results.map(({ id }) =>
        env.DB.prepare('insert into group_participants (group_id, user_id, joined_at) values (?, ?, 0)').bind(group.id, id),
      ),
    )
    const token = await tokenOf('alice@a')
    const problem = await expectProblem(
      await call(path(group, '/participants'), { json: { userId: users.bob.id }, token }),
      409,
      'conflict',
    )
    expect(problem['context']).toEqual({ reason: 'groupFull', limit: 200 })
  })

  it('are removed by a query or a body, one or all; the owner owns it still', async () => {
    const group = await createGroup('bob', 'carol')
    const token = await tokenOf('alice@a')
    const remove = async (rest: string, json?: unknown) => call(path(group, rest), { method: 'DELETE', json, token })
    expect((await remove('/participants', { userId: users.bob.id })).status).toBe(204)
    await expectProblem(await remove(`/participants?userId=${users.bob.id}`), 404, 'notFound')
    await expectProblem(await remove('/participants'), 400, 'malformedMessage')
    expect((await groupAs('bob@a', group)).participants).toEqual([users.alice.id, users.carol.id])
    expect((await remove('/participations')).status).toBe(204)
    expect(await groupAs('bob@a', group)).toMatchObject({ participants: [], owner: users.alice.id })
    expect(await expectJson(await call(path(group, '/participants'), { json: { userId: users.alice.id }, token }), 200)).toMatchObject({
      owner: true,
    })
  })

  it('are those that a call rings, without the users out of use', async () => {
    const group = await createGroup('bob', 'carol')
    await env.DB.prepare('update users set disabled = 1 where id = ?').bind(users.bob.id).run()
    const where = { groupId: group.id, domainId: domain.id }
    expect(await participantsOf(database(env.DB), where)).toEqual([
      { userId: users.alice.id, domainId: domain.id, username: 'alice@a', hasHub: false },
      { userId: users.carol.id, domainId: domain.id, username: 'carol@a', hasHub: false },
    ])
    expect(await participantsOf(database(env.DB), { ...where, domainId: 'other' })).toBeUndefined()
    expect(await participantsOf(database(env.DB), { ...where, groupId: 'none' })).toBeUndefined()
  })
})

describe('whoever leaves', () => {
  it('is not in the group any more; others cannot leave', async () => {
    const group = await createGroup('bob')
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('bob@a') })).status).toBe(204)
    expect((await groupAs('bob@a', group)).participants).toEqual([users.alice.id])
    const problem = await expectProblem(
      await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('bob@a') }),
      409,
      'conflict',
    )
    expect(problem['context']).toEqual({ reason: 'notAParticipant' })
  })

  it('as its owner passes it to the oldest participant in use, and takes it along where there is none', async () => {
    const group = await createGroup('carol', 'bob')
    await env.DB.prepare('update users set disabled = 1 where id = ?').bind(users.carol.id).run()
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: await tokenOf('alice@a') })).status).toBe(204)
    expect(await groupAs('bob@a', group)).toMatchObject({ owner: users.bob.id, participants: [users.carol.id, users.bob.id] })
    const bob = await tokenOf('bob@a')
    await call(path(group, `/participants?userId=${users.carol.id}`), { method: 'DELETE', token: bob })
    expect((await call(path(group, '/leave'), { method: 'DELETE', token: bob })).status).toBe(204)
    await expectProblem(await call(path(group), { token: bob }), 404, 'notFound')
    expect((await events()).at(-1)?.type).toBe('group.deleted')
  })

  it('leaves every group at once, or is taken out of all by an admin', async () => {
    const [first, second] = [await createGroup('bob'), await createGroup('bob', 'carol')]
    const leave = async (query: string, token: string) => call(`/sapi/usersGroup/participations${query}`, { method: 'DELETE', token })
    const alice = await tokenOf('alice@a')
    await expectProblem(await leave(`?userId=${users.bob.id}`, alice), 404, 'notFound')
    expect((await leave(`?userId=${users.bob.id}`, await tokenOf('boss@a'))).status).toBe(204)
    expect((await groupAs('bob@a', second)).participants).toEqual([users.alice.id, users.carol.id])
    expect((await leave('', alice)).status).toBe(204)
    await expectProblem(await call(path(first), { token: alice }), 404, 'notFound')
    expect(await groupAs('bob@a', second)).toMatchObject({ owner: users.carol.id, participants: [users.carol.id] })
  })
})
