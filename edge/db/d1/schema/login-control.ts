import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json, object } from '../columns.ts'

/** Networks from which accounts have logged in (edge/domain/identity/login-backoff.ts). Names, not ids: they are asked before anybody is looked up. */
export const knownNetworks = sqliteTable(
  'known_networks',
  {
    /** `username@domain`. */
    account: text().notNull(),
    network: text().notNull(),
    seenAt: integer('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.network] }), index('known_networks_time').on(table.seenAt)],
)

/** Failed logins that have yet to reach the ledger of their domain, which keeps them (AUTH-4). */
export const unrecordedLoginFailures = sqliteTable(
  'unrecorded_login_failures',
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    failure: json(object)('failure').notNull(),
  },
  (table) => [index('unrecorded_login_failures_time').on(table.at)],
)
