import { and, asc, eq, isNotNull, isNull, lte, max, notInArray, sql } from 'drizzle-orm'
import { newId } from '#shared/ids/ids.ts'
import type { ConfigurationEventType, EventData } from '#shared/protocol/sapi/events.ts'
import type { Database } from './database.ts'
import { domains } from './schema/domains.ts'
import { outgoingEvents } from './schema/outgoing-events.ts'

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
  lastNotedAt = now
  const number = sql`coalesce((select max(${outgoingEvents.seq}) from ${outgoingEvents} where ${outgoingEvents.domainId} = ${domainId}), 0) + 1`
  const path = sql`coalesce((select ${domains.path} from ${domains} where ${domains.id} = ${domainId}), ${`/${domainId}/`})`
  const jurisdiction = sql`(select ${domains.jurisdiction} from ${domains} where ${domains.id} = ${domainId})`
  const condition = options.ifChanged === true ? sql`changes() > 0` : sql`true`
  return db
    .insert(outgoingEvents)
    .select(
      sql`select ${newId()}, ${number}, ${domainId}, ${path}, ${jurisdiction}, ${type}, ${JSON.stringify(data)}, ${now}, null where ${condition}`,
    )
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
