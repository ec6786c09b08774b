import { and, asc, eq, gt, lt, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { searchable } from '#edge/domain/identity/search.ts'
import { strings } from './columns.ts'
import type { Database } from './database.ts'
import { within } from './domains.ts'
import { noteEvent } from './outgoing-events.ts'
import { expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { meetings, meetingUsers } from './schema/meetings.ts'
import { users } from './schema/users.ts'

export type MeetingRow = typeof meetings.$inferSelect

export interface FoundMeeting {
  readonly meeting: MeetingRow
  /** Of its creator. */
  readonly domain: { readonly id: string; readonly name: string; readonly path: string; readonly enableAnonymous: boolean }
  /** Ids of the users invited, in their order. Who has moved to another domain is not among them. */
  readonly users: readonly string[]
}

/** One value of JSON: a row per user would count against the page. */
const invited = sql<string>`(select json_group_array(user_id) from (
  select mu.user_id from ${meetingUsers} mu join ${users} u on u.id = mu.user_id
  where mu.meeting_id = ${meetings.id} and u.domain_id = ${domains.id} order by mu.position))`

const domain = { id: domains.id, name: domains.name, path: domains.path, enableAnonymous: domains.enableAnonymous }

const select = (db: Database) =>
  db
    .select({ meeting: meetings, domain, users: invited })
    .from(meetings)
    .innerJoin(users, eq(users.id, meetings.userId))
    .innerJoin(domains, eq(domains.id, users.domainId))

const storedUsers = z.string().transform((text) => strings.parse(JSON.parse(text)))

const found = (row: Awaited<ReturnType<typeof select>>[number]): FoundMeeting => ({ ...row, users: storedUsers.parse(row.users) })

export async function findMeeting(db: Database, id: string): Promise<FoundMeeting | undefined> {
  const [row] = await select(db).where(eq(meetings.id, id)).limit(1)
  return row === undefined ? undefined : found(row)
}

export interface MeetingFilter {
  /** Only of domains at or under this path; undefined: of the deployment. */
  readonly path?: string | undefined
  /** Only those that all of these users have created or are invited to. */
  readonly people: readonly string[]
  /** Only of creators in this domain. */
  readonly domainId?: string | undefined
  readonly endsAfter?: number | undefined
  readonly beginsBefore?: number | undefined
  /** Part of the name. */
  readonly q?: string | undefined
  /** The page begins after this one. */
  readonly after?: { readonly validSince: number; readonly id: string } | undefined
  readonly limit: number
}

/** Soonest first. */
export async function listMeetings(db: Database, filter: MeetingFilter): Promise<FoundMeeting[]> {
  const { path, people, domainId, endsAfter, beginsBefore, q, after, limit } = filter
  const rows = await select(db)
    .where(
      and(
        within(path),
        ...people.map(concerning),
        domainId === undefined ? undefined : eq(domains.id, domainId),
        endsAfter === undefined ? undefined : gt(meetings.validUntil, endsAfter),
        beginsBefore === undefined ? undefined : lt(meetings.validSince, beginsBefore),
        q === undefined || q === '' ? undefined : sql`instr(${meetings.search}, ${searchable(q)}) > 0`,
        after === undefined
          ? undefined
          : or(gt(meetings.validSince, after.validSince), and(eq(meetings.validSince, after.validSince), gt(meetings.id, after.id))),
      ),
    )
    .orderBy(asc(meetings.validSince), asc(meetings.id))
    .limit(limit)
  return rows.map(found)
}

/** Found by the user's own indexes, however many meetings others have. */
const concerning = (userId: string): SQL =>
  sql`${meetings.id} in (select id from ${meetings} where user_id = ${userId} union select meeting_id from ${meetingUsers} where user_id = ${userId})`

/** Those of these ids that are users of the domain. */
export async function usersAmong(db: Database, ids: readonly string[], domainId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.domainId, domainId), sql`${users.id} in (select value from json_each(${JSON.stringify(ids)}))`))
  return new Set(rows.map(({ id }) => id))
}

export async function insertMeeting(db: Database, row: MeetingRow, options: { users: readonly string[]; domainId: string }): Promise<void> {
  await db.batch([
    db.insert(meetings).values(row),
    invite(db, row.id, options.users),
    noteEvent(db, { type: 'meeting.created', domainId: options.domainId, data: dataOf(row), now: row.createdAt }),
  ])
}

/** What its creator may set. */
export type MeetingChange = Pick<MeetingRow, 'name' | 'search' | 'participants' | 'language' | 'validSince' | 'validUntil'>

/** Replaces what its creator may set of a meeting as it was read. */
export async function updateMeeting(
  db: Database,
  { meeting, domain }: FoundMeeting,
  { users: invitees, now, ...change }: MeetingChange & { users: readonly string[]; now: number },
): Promise<void> {
  const { id, revision } = meeting
  await db.batch([
    expectRevision(db, meetings, meeting),
    db
      .update(meetings)
      .set({ ...change, revision: revision + 1 })
      .where(eq(meetings.id, id)),
    db.delete(meetingUsers).where(eq(meetingUsers.meetingId, id)),
    invite(db, id, invitees),
    noteEvent(db, { type: 'meeting.updated', domainId: domain.id, data: dataOf({ ...meeting, ...change }), now }),
  ])
}

export async function deleteMeeting(db: Database, { meeting, domain }: FoundMeeting, now: number): Promise<void> {
  await db.batch([
    expectRevision(db, meetings, meeting),
    db.delete(meetings).where(eq(meetings.id, meeting.id)),
    noteEvent(db, { type: 'meeting.deleted', domainId: domain.id, data: dataOf(meeting), now }),
  ])
}

/** One statement: the database takes 100 parameters. */
const invite = (db: Database, meetingId: string, userIds: readonly string[]) =>
  db.insert(meetingUsers).select(sql`select ${meetingId}, value, key from json_each(${JSON.stringify(userIds)})`)

const dataOf = ({ id, userId, validSince, validUntil }: MeetingRow) => ({ meetingId: id, userId, validSince, validUntil })
