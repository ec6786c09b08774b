import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json, object } from '../columns.ts'

/**
 * Events of changes to the configuration, written in the transaction of the change and removed once every
 * webhook endpoint of the domain has them (HOOK-1). No reference to the domain: its removal is an event too.
 */
export const outgoingEvents = sqliteTable(
  'outgoing_events',
  {
    id: text().primaryKey(),
    /** Order within the domain. */
    seq: integer().notNull(),
    domainId: text('domain_id').notNull(),
    type: text().notNull(),
    data: json(object)('data').notNull(),
    occurredAt: integer('occurred_at').notNull(),
  },
  (table) => [index('outgoing_events_domain').on(table.domainId, table.seq)],
)
