import type { HookEvent } from '#shared/protocol/sapi/events.ts'
import type { GroupView } from '#shared/protocol/sapi/groups.ts'
import { call, createDomain, createUser, expectJson, type Made, startAnew, tokenOf } from './api.ts'
import { writeDownEvents } from './events.ts'

/** The users of a domain who form groups, one of them its admin. */
export interface Team {
  readonly domain: Made
  readonly users: Readonly<Record<'alice' | 'bob' | 'carol' | 'boss', Made>>
  /** What endpoints of the domain are told of its groups, the first event first. */
  readonly events: () => Promise<HookEvent[]>
  /** A group of alice's, with these beside her. */
  readonly createGroup: (...others: ('bob' | 'carol')[]) => Promise<GroupView>
}

export async function gatherTeam(): Promise<Team> {
  await startAnew()
  const domain = await createDomain('a')
  const events = await writeDownEvents('a', ['group.created', 'group.updated', 'group.deleted'])
  const users = {
    alice: await createUser('a', 'alice'),
    bob: await createUser('a', 'bob', { alias: 'Bob B.' }),
    carol: await createUser('a', 'carol'),
    boss: await createUser('a', 'boss', { role: 'admin' }),
  }
  const createGroup = async (...others: ('bob' | 'carol')[]): Promise<GroupView> => {
    const token = await tokenOf('alice@a')
    const group = await expectJson<GroupView>(await call('/sapi/usersGroup', { json: { name: 'Sales' }, token }), 201)
    for (const name of others) await expectJson(await call(path(group, '/participants'), { json: { userId: users[name].id }, token }), 200)
    return group
  }
  return { domain, users, events, createGroup }
}

export const path = (group: { id: string }, rest = ''): string => `/sapi/usersGroup/${group.id}${rest}`

export const groupAs = async (username: string, group: { id: string }): Promise<GroupView> =>
  expectJson<GroupView>(await call(path(group), { token: await tokenOf(username) }), 200)
