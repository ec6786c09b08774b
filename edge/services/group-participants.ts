import type { GroupParticipant } from '#shared/protocol/sapi/groups.ts'
import { maxGroupParticipants } from '#shared/protocol/sapi/groups.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import { AppError } from '#shared/errors/AppError.ts'
import { z } from 'zod'
import { leaveGroups } from '#edge/db/d1/group-departures.ts'
import {
  addParticipant,
  findParticipant,
  type GroupRow,
  listParticipants,
  type ParticipantRow,
  removeParticipants,
} from '#edge/db/d1/groups.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { type Actor, administers } from '#edge/domain/identity/access.ts'
import { userIdOf } from '#edge/domain/identity/group-target.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { groupConflict, managedGroup, refuseOvertaken, requireUserOf, unknownUser, visibleGroup } from './visible-groups.ts'

/** GRP-1: who is in a group. */

/** When a participant joined, and who it is. */
const positionSchema = z.tuple([z.number().int(), z.string()])

export async function listParticipantsFor(scope: Scope, actor: Actor, id: string, query: PageQuery): Promise<PageOf<GroupParticipant>> {
  const { group } = await visibleGroup(scope, actor, id)
  const [joinedAt, userId] = readCursor(query.cursor, positionSchema) ?? []
  const rows = await listParticipants(scope.db, id, {
    after: joinedAt === undefined || userId === undefined ? undefined : { joinedAt, userId },
    limit: query.limit + 1,
  })
  return pageOf(rows, {
    limit: query.limit,
    cursorOf: ({ joinedAt, user }) => cursorOf([joinedAt, user.id]),
    view: (row) => participantOf(row, group),
  })
}

/** Only users of the group's domain are in it. Whoever is in it already stays as they are. */
export async function addParticipantTo(scope: Scope, actor: Actor, id: string, user: string): Promise<GroupParticipant> {
  const { group, domain } = await managedGroup(scope, actor, id)
  const userId = userIdOf(user)
  await requireUserOf(scope, domain, userId)
  await refuseOvertaken(() => addParticipant(scope.db, group, { userId, max: maxGroupParticipants, now: scope.clock.now() }))
  const row = await findParticipant(scope.db, id, userId)
  if (row === undefined) throw groupConflict({ reason: 'groupFull', limit: maxGroupParticipants })
  return participantOf(row, group)
}

export async function removeParticipantOf(scope: Scope, actor: Actor, id: string, user: string): Promise<void> {
  const { group } = await managedGroup(scope, actor, id)
  const userId = userIdOf(user)
  if (!(await removeParticipants(scope.db, group, { userId, now: scope.clock.now() }))) throw unknownUser(userId)
}

export async function removeAllParticipantsOf(scope: Scope, actor: Actor, id: string): Promise<void> {
  const { group } = await managedGroup(scope, actor, id)
  await removeParticipants(scope.db, group, { now: scope.clock.now() })
}

/** @throws AppError `notFound` where the user is not in the group. */
export async function requireParticipant(scope: Scope, actor: Actor, id: string, user: string): Promise<void> {
  const { participants } = await visibleGroup(scope, actor, id)
  if (!participants.includes(userIdOf(user))) throw new AppError('notFound')
}

export async function leaveGroup(scope: Scope, actor: Actor, id: string): Promise<void> {
  const { group, participants } = await visibleGroup(scope, actor, id)
  const { userId } = actor
  if (group.ownerId !== userId && !participants.includes(userId)) throw groupConflict({ reason: 'notAParticipant' })
  await leaveGroups(scope.db, { userId, groupId: id, now: scope.clock.now() })
}

/** Everybody leaves its own groups; an admin also takes out the users of its domains. */
export async function leaveAllGroups(scope: Scope, actor: Actor, user: string | undefined): Promise<void> {
  const userId = userIdOf(user ?? actor.userId)
  if (userId !== actor.userId) {
    const found = await findUser(scope.db, { userId })
    if (found === undefined || !administers(actor, found.domain.path)) throw unknownUser(userId)
  }
  await leaveGroups(scope.db, { userId, now: scope.clock.now() })
}

const participantOf = ({ user, domain, joinedAt }: ParticipantRow, group: GroupRow): GroupParticipant => ({
  id: user.id,
  username: `${user.username}@${domain.name}`,
  ...(user.alias === '' ? {} : { displayName: user.alias }),
  owner: user.id === group.ownerId,
  joined: joinedAt,
})
