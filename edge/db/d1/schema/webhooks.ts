import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { hookKindSchema } from '#shared/protocol/sapi/webhooks.ts'
import { json, strings, word } from '../columns.ts'
import { domains } from './domains.ts'

/** Where events of a domain go (HOOK-1). What was sent, and what waits, is in the endpoint's object. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text().primaryKey(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    kind: word(hookKindSchema)('kind').notNull(),
    url: text().notNull(),
    description: text().notNull(),
    /** Types of events; empty: all. */
    events: json(strings)('events').notNull(),
    includeChildren: integer('include_children', { mode: 'boolean' }).notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    /** Sealed (edge/auth/secret-box.ts), under the endpoint's id. */
    secret: text().notNull(),
    /** The one before; it signs beside the other until `previousUntil`. */
    previousSecret: text('previous_secret'),
    previousUntil: integer('previous_until'),
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('webhooks_domain').on(table.domainId, table.id)],
)
