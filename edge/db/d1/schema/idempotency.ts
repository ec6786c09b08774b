import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Requests with an `Idempotency-Key`: what was answered, so that a repetition does nothing and hears the same. */
export const idempotentRequests = sqliteTable(
  'idempotent_requests',
  {
    /** User id. No reference: clients have no row in `users`. */
    caller: text().notNull(),
    key: text().notNull(),
    /** Keyed hash of method, path, query and body. */
    fingerprint: text().notNull(),
    /** The answer, sealed under the master key; null while the request is carried out. */
    sealedAnswer: text('sealed_answer'),
    startedAt: integer('started_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.caller, table.key] }), index('idempotent_requests_expiry').on(table.expiresAt)],
)
