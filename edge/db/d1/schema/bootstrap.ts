import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** First-start steps that are done and must not be repeated, such as the creation of a demo account. */
export const bootstrapSteps = sqliteTable('bootstrap_steps', { name: text().primaryKey(), doneAt: integer('done_at').notNull() })
