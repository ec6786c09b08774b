import { and, count, eq, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { noteEvents } from './outgoing-events.ts'
import { groupParticipants, groups } from './schema/groups.ts'
import { users } from './schema/users.ts'

/**
 * Takes a user out of one of its groups, or of all: those that it owns pass to the participant that has been
 * in them longest, one in use before one that is not, and go where there is nobody else (GRP-1). The
 * statements stand together in a batch, before any that removes the user or moves it to another domain.
 */
export function departures(db: Database, { userId, groupId, now }: { userId: string; groupId?: string; now: number }) {
  const one = groupId === undefined ? undefined : eq(groups.id, groupId)
  const touched = and(touchedBy(userId), one)
  return [
    noteDepartures(db, { touched, userId, now }),
    db
      .update(groups)
      .set({
        ownerId: sql`case when ${groups.ownerId} = ${userId} then coalesce(${successorOf(userId)}, ${groups.ownerId}) else ${groups.ownerId} end`,
        revision: sql`${groups.revision} + 1`,
      })
      .where(touched),
    db.delete(groups).where(and(eq(groups.ownerId, userId), one)),
    db
      .delete(groupParticipants)
      .where(and(eq(groupParticipants.userId, userId), groupId === undefined ? undefined : eq(groupParticipants.groupId, groupId))),
  ] as const
}

/** How many groups a user owns or is in. */
export const countGroupsOf = (db: Database, userId: string) => db.select({ n: count() }).from(groups).where(touchedBy(userId))

export async function leaveGroups(db: Database, departure: { userId: string; groupId?: string; now: number }): Promise<void> {
  await db.batch(departures(db, departure))
}

const touchedBy = (userId: string): SQL | undefined =>
  or(eq(groups.ownerId, userId), sql`${groups.id} in (select p.group_id from ${groupParticipants} p where p.user_id = ${userId})`)

const successorOf = (userId: string): SQL =>
  sql`(select p.user_id from ${groupParticipants} p join ${users} u on u.id = p.user_id where p.group_id = ${groups.id} and p.user_id <> ${userId} order by u.disabled, p.joined_at, p.user_id limit 1)`

function noteDepartures(db: Database, { touched, userId, now }: { touched: SQL | undefined; userId: string; now: number }) {
  return noteEvents(db, {
    type: sql`case when ${groups.ownerId} = ${userId} and ${successorOf(userId)} is null then 'group.deleted' else 'group.updated' end`,
    now,
    domainId: sql`${groups.domainId}`,
    data: sql`json_object('groupId', ${groups.id}, 'name', ${groups.name})`,
    rest: sql`from ${groups} where ${touched}`,
    order: sql`${groups.id}`,
  })
}
