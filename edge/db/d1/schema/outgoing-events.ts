import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { json, object, word } from '../columns.ts'

/**
 * Events of changes to the configuration, written in the transaction of the change and kept until every
 * webhook endpoint that takes them has committed them (HOOK-1). The last row of each domain stays, for the
 * next number follows it. No reference to the domain: its removal is an event too.
 */
export const outgoingEvents = sqliteTable(
  'outgoing_events',
  {
    id: text().primaryKey(),
    /** Order within the domain: from 1, without gaps. */
    seq: integer().notNull(),
    domainId: text('domain_id').notNull(),
    /** Of the domain at that time: its ancestors may want to hear of it too, even of its removal. */
    path: text().notNull(),
    /** The domain's: they do not leave it. */
    jurisdiction: word(jurisdictionSchema)('jurisdiction'),
    type: text().notNull(),
    data: json(object)('data').notNull(),
    occurredAt: integer('occurred_at').notNull(),
    deliveredAt: integer('delivered_at'),
  },
  (table) => [
    uniqueIndex('outgoing_events_domain').on(table.domainId, table.seq),
    index('outgoing_events_pending')
      .on(table.domainId, table.seq)
      .where(sql`delivered_at is null`),
  ],
)
