import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'

/**
 * A statement that fails, and with it the whole batch it stands in, unless the row still has this revision:
 * a change is made from what was read, and must not undo what another one did meanwhile. SQLite has no
 * statement that raises an error; `json()` of what is no JSON does (https://sqlite.org/json1.html §4.1).
 */
export const expectRevision = (db: Database, table: SQLiteTable, { id, revision }: { id: string; revision: number }) =>
  db.select({ kept: keptOrFails(table, id, revision) }).from(sql`(select 1)`)

const keptOrFails = (table: SQLiteTable, id: string, revision: number): SQL<number> =>
  sql<number>`case when exists (select 1 from ${table} where id = ${id} and revision = ${revision}) then 1 else json('changed meanwhile') end`
