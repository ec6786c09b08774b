import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { roleSchema } from '#shared/protocol/tokens.ts'
import { json, strings, word } from '../columns.ts'
import { domains } from './domains.ts'

export const users = sqliteTable(
  'users',
  {
    id: text().primaryKey(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id),
    /** Lower case; unique in its domain. */
    username: text().notNull(),
    email: text().notNull(),
    role: word(roleSchema)('role').notNull(),
    /** Forced and pruned ones. */
    capabilities: json(strings)('capabilities').notNull(),
    mobilePhone: json(strings)('mobile_phone').notNull(),
    landLineNumber: text('land_line_number').notNull(),
    alias: text().notNull(),
    /** User name and alias as they are searched (edge/domain/identity/search.ts). */
    search: text().notNull(),
    disabled: integer({ mode: 'boolean' }).notNull(),
    /** Whether the user ever connected: an object is placed where it is first touched, so nobody else may touch it before. */
    hasHub: integer('has_hub', { mode: 'boolean' }).notNull(),
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
    lastLogin: integer('last_login'),
  },
  (table) => [uniqueIndex('users_name').on(table.domainId, table.username), index('users_role').on(table.role)],
)
