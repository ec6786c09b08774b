import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json, object } from '../columns.ts'
import { users } from './users.ts'

/** What a user's applications keep for it (SET-1). */
export const userSettings = sqliteTable('user_settings', {
  /** The user's. */
  id: text()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  data: json(object)('data').notNull(),
  revision: integer().notNull().default(1),
})
