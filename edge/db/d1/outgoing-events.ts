import { and, asc, eq, isNotNull, isNull, lte, max, notInArray, type SQL, sql } from 'drizzle-orm'
import { newId } from '#shared/ids/ids.ts'
import type { ConfigurationEventType, EventData } from '#shared/protocol/sapi/events.ts'
import type { Database } from './database.ts'
import { domains } from './schema/domains.ts'
import { outgoingEvents } from './schema/outgoing-events.ts'
import { users } from './schema/users.ts'

/** In this isolate: so that not every request need ask whether there is something to hand over. */
let lastNotedAt = -Infinity

/** Whether something may have been noted here since. */
export const mayHaveNotedSince = (time: number): boolean => lastNotedAt >= time

/**
 * Notes an event of a change, to stand in the same `db.batch` as the change, where the domain exists:
 * behind its insertion, before its removal. The number within the domain is given in the transaction.
 * `ifChanged`: only where the statement right before it in the batch has changed a row, as an update does
 * that asks for a revision. After the request, whoever answers it hands them over (services/push-events.ts).
 */
export function noteEvent<Type extends ConfigurationEventType>(
  db: Database,
  event: { type: Type; domainId: string; data: EventData<Type>; now: number },
  options: { ifChanged?: boolean } = {},
) {
  const { type, domainId, data, now } = event
  const condition = options.ifChanged === true ? sql`changes() > 0` : sql`true`
  return insertEvent(db, { type, now, domainId: sql`${domainId}`, data: sql`${JSON.stringify(data)}`, rest: sql`where ${condition}` })
}

/** The same of a user as it is at that point of the batch: behind its insertion or change, before its removal. */
export function noteUserEvent(
  db: Database,
  event: { type: 'user.created' | 'user.updated' | 'user.deleted'; userId: string; now: number },
) {
  const { type, userId, now } = event
  const data = sql`json_object('userId', u.id, 'username', u.username || '@' || d.name)`
  const rest = sql`from ${users} u join ${domains} d on d.id = u.domain_id where u.id = ${userId}`
  return insertEvent(db, { type, now, domainId: sql`u.domain_id`, data, rest })
}

/**
 * The same of several rows of one domain, of which only the transaction knows how many there are: `rest` is the
 * rest of a query behind its columns, and `order` numbers its rows.
 */
export const noteEvents = (db: Database, events: { type: SQL; now: number; domainId: SQL; data: SQL; rest: SQL; order: SQL }) =>
  insertEvent(db, { ...events, id: sql`lower(hex(randomblob(16)))`, offset: sql`row_number() over (order by ${events.order}) - 1` })

interface InsertedEvent {
  readonly id?: SQL
  readonly type: ConfigurationEventType | SQL
  readonly now: number
  readonly domainId: SQL
  readonly data: SQL
  readonly rest: SQL
  /** Behind the next number of the domain. */
  readonly offset?: SQL
}

function insertEvent(db: Database, event: InsertedEvent) {
  const { id = sql`${newId()}`, type, now, domainId, data, rest, offset = sql`0` } = event
  lastNotedAt = now
  const number = sql`coalesce((select max(o.seq) from ${outgoingEvents} o where o.domain_id = ${domainId}), 0) + 1 + ${offset}`
  const path = sql`coalesce((select a.path from ${domains} a where a.id = ${domainId}), '/' || ${domainId} || '/')`
  const jurisdiction = sql`(select a.jurisdiction from ${domains} a where a.id = ${domainId})`
  return db
    .insert(outgoingEvents)
    .select(sql`select ${id}, ${number}, ${domainId}, ${path}, ${jurisdiction}, ${type}, ${data}, ${now}, null ${rest}`)
}

export type OutgoingEventRow = typeof outgoingEvents.$inferSelect

/**
 * What was noted and not yet handed over, in order per domain. Whoever reads an event has read all before it
 * of its domain, so that nobody can hand them over in another order. At most 90 domains are left out.
 */
export const listPendingEvents = (db: Database, options: { except: readonly string[]; limit: number }): Promise<OutgoingEventRow[]> =>
  db
    .select()
    .from(outgoingEvents)
    .where(and(isNull(outgoingEvents.deliveredAt), notInArray(outgoingEvents.domainId, options.except.slice(0, 90))))
    .orderBy(asc(outgoingEvents.domainId), asc(outgoingEvents.seq))
    .limit(options.limit)

/** Every endpoint has committed a domain's events up to this number. All but the last of them go. */
export async function eventsHandedOver(db: Database, options: { domainId: string; upTo: number; now: number }): Promise<void> {
  const { domainId, upTo, now } = options
  const last = db
    .select({ seq: max(outgoingEvents.seq) })
    .from(outgoingEvents)
    .where(eq(outgoingEvents.domainId, domainId))
  await db.batch([
    db
      .update(outgoingEvents)
      .set({ deliveredAt: now })
      .where(and(eq(outgoingEvents.domainId, domainId), lte(outgoingEvents.seq, upTo), isNull(outgoingEvents.deliveredAt))),
    db
      .delete(outgoingEvents)
      .where(and(eq(outgoingEvents.domainId, domainId), isNotNull(outgoingEvents.deliveredAt), sql`${outgoingEvents.seq} < (${last})`)),
  ])
}
