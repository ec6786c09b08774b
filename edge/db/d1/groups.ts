import { and, asc, count, eq, gt, or, type SQL, sql } from 'drizzle-orm'
import { searchable } from '#edge/domain/identity/search.ts'
import type { Database } from './database.ts'
import type { DomainRow, Page } from './domains.ts'
import { noteEvent } from './outgoing-events.ts'
import { expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { groupParticipants, groups } from './schema/groups.ts'
import { users } from './schema/users.ts'
import type { UserInDomain, UserRow } from './users.ts'

/** GRP-1. How users leave groups is in group-departures.ts. */

export type GroupRow = typeof groups.$inferSelect

export interface GroupInDomain {
  readonly group: GroupRow
  readonly domain: DomainRow
  /** Ids of users, the longest in the group first. */
  readonly participants: readonly string[]
}

export async function findGroup(db: Database, id: string): Promise<GroupInDomain | undefined> {
  // Not in a batch: a batch tells columns by their bare names, of which the two tables share some.
  const [[row], participants] = await Promise.all([
    db.select({ group: groups, domain: domains }).from(groups).innerJoin(domains, eq(domains.id, groups.domainId)).where(eq(groups.id, id)),
    db
      .select({ userId: groupParticipants.userId })
      .from(groupParticipants)
      .where(eq(groupParticipants.groupId, id))
      .orderBy(asc(groupParticipants.joinedAt), asc(groupParticipants.userId)),
  ])
  return row === undefined ? undefined : { ...row, participants: participants.map(({ userId }) => userId) }
}

const ofGroup = sql`from ${groupParticipants} p where p.group_id = ${groups.id}`

/** Groups of one domain, by id. */
export const listGroups = (
  db: Database,
  options: Page & { domainId: string; q?: string | undefined; participantId?: string | undefined; ownerId?: string | undefined },
): Promise<{ group: GroupRow; participantCount: number }[]> =>
  db
    .select({ group: groups, participantCount: sql<number>`(select count(*) ${ofGroup})` })
    .from(groups)
    .where(
      and(
        eq(groups.domainId, options.domainId),
        options.q === undefined || options.q === '' ? undefined : sql`instr(${groups.search}, ${searchable(options.q)}) > 0`,
        options.participantId === undefined ? undefined : sql`exists (select 1 ${ofGroup} and p.user_id = ${options.participantId})`,
        options.ownerId === undefined ? undefined : eq(groups.ownerId, options.ownerId),
        options.after === undefined ? undefined : gt(groups.id, options.after),
      ),
    )
    .orderBy(asc(groups.id))
    .limit(options.limit)

export async function countOwnedGroups(db: Database, ownerId: string): Promise<number> {
  const [row] = await db.select({ n: count() }).from(groups).where(eq(groups.ownerId, ownerId))
  return row?.n ?? 0
}

const eventOf = (type: 'group.created' | 'group.updated' | 'group.deleted', { id, name, domainId }: GroupRow, now: number) => ({
  type,
  domainId,
  data: { groupId: id, name },
  now,
})

/** A new group, with its owner in it. */
export async function insertGroup(db: Database, row: GroupRow): Promise<void> {
  await db.batch([
    db.insert(groups).values(row),
    db.insert(groupParticipants).values({ groupId: row.id, userId: row.ownerId, joinedAt: row.createdAt }),
    noteEvent(db, eventOf('group.created', row, row.createdAt)),
  ])
}

const ofSameDomain = (userId: string): SQL =>
  sql`exists (select 1 from ${users} where ${users.id} = ${userId} and ${users.domainId} = ${groups.domainId})`

/** False: the owner that it shall have is not of its domain any more. */
export async function updateGroup(
  db: Database,
  from: GroupRow,
  change: Pick<GroupRow, 'name' | 'search' | 'ownerId'>,
  now: number,
): Promise<boolean> {
  const [, updated] = await db.batch([
    expectRevision(db, groups, from),
    db
      .update(groups)
      .set({ ...change, revision: from.revision + 1 })
      .where(and(eq(groups.id, from.id), ofSameDomain(change.ownerId)))
      .returning({ id: groups.id }),
    noteEvent(db, eventOf('group.updated', { ...from, ...change }, now), { ifChanged: true }),
  ])
  return updated.length > 0
}

export async function deleteGroup(db: Database, row: GroupRow, now: number): Promise<void> {
  await db.batch([
    expectRevision(db, groups, row),
    noteEvent(db, eventOf('group.deleted', row, now)),
    db.delete(groups).where(eq(groups.id, row.id)),
  ])
}

/** The statement before it has changed who is in the group. */
const noteChangedParticipants = (db: Database, row: GroupRow, now: number) =>
  [
    db
      .update(groups)
      .set({ revision: sql`${groups.revision} + 1` })
      .where(and(eq(groups.id, row.id), sql`changes() > 0`)),
    noteEvent(db, eventOf('group.updated', row, now), { ifChanged: true }),
  ] as const

/** Adds a user of the group's domain where there is room; false where not, and for whoever is in it already. */
export async function addParticipant(
  db: Database,
  group: GroupRow,
  { userId, max, now }: { userId: string; max: number; now: number },
): Promise<boolean> {
  const present = db.select({ n: count() }).from(groupParticipants).where(eq(groupParticipants.groupId, group.id))
  const rows = db
    .select({ groupId: groups.id, userId: sql`${userId}`.as('user_id'), joinedAt: sql`${now}`.as('joined_at') })
    .from(groups)
    .where(and(eq(groups.id, group.id), ofSameDomain(userId), sql`(${present}) < ${max}`))
  const [added] = await db.batch([
    db.insert(groupParticipants).select(rows).onConflictDoNothing().returning({ userId: groupParticipants.userId }),
    ...noteChangedParticipants(db, group, now),
  ])
  return added.length > 0
}

/** Removes one participant, or all; false: there was nobody to remove. */
export async function removeParticipants(
  db: Database,
  group: GroupRow,
  { userId, now }: { userId?: string | undefined; now: number },
): Promise<boolean> {
  const which = and(eq(groupParticipants.groupId, group.id), userId === undefined ? undefined : eq(groupParticipants.userId, userId))
  const [removed] = await db.batch([
    db.delete(groupParticipants).where(which).returning({ userId: groupParticipants.userId }),
    ...noteChangedParticipants(db, group, now),
  ])
  return removed.length > 0
}

export interface ParticipantRow extends UserInDomain {
  readonly joinedAt: number
}

const participantRows = (db: Database, groupId: string, condition?: SQL) =>
  db
    .select({ user: users, domain: domains, joinedAt: groupParticipants.joinedAt })
    .from(groupParticipants)
    .innerJoin(users, eq(users.id, groupParticipants.userId))
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(and(eq(groupParticipants.groupId, groupId), condition))

/** The longest in the group first; `after` is a participant. */
export const listParticipants = (
  db: Database,
  groupId: string,
  { after, limit }: { after?: { joinedAt: number; userId: string } | undefined; limit: number },
): Promise<ParticipantRow[]> =>
  participantRows(db, groupId, after === undefined ? undefined : isAfter(after))
    .orderBy(asc(groupParticipants.joinedAt), asc(groupParticipants.userId))
    .limit(limit)

const isAfter = ({ joinedAt, userId }: { joinedAt: number; userId: string }): SQL | undefined =>
  or(gt(groupParticipants.joinedAt, joinedAt), and(eq(groupParticipants.joinedAt, joinedAt), gt(groupParticipants.userId, userId)))

export async function findParticipant(db: Database, groupId: string, userId: UserRow['id']): Promise<ParticipantRow | undefined> {
  const [row] = await participantRows(db, groupId, eq(groupParticipants.userId, userId))
  return row
}
