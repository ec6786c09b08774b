import { z } from 'zod'
import { env } from './api.ts'

/** D1 as a whole, to see whether a request has changed anything and to put it back. */

export type Row = Readonly<Record<string, unknown>>
/** Rows by table. */
export type Dump = Readonly<Record<string, readonly Row[]>>

const namesSchema = z.array(z.object({ name: z.string() }))

let names: readonly string[] | undefined

async function tableNames(): Promise<readonly string[]> {
  const query = `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '\\_cf%' escape '\\' and name not like 'd1\\_%' escape '\\' order by name`
  names ??= namesSchema.parse((await env.DB.prepare(query).all()).results).map(({ name }) => name)
  return names
}

export async function dump(): Promise<Dump> {
  const tables = await tableNames()
  const results = await env.DB.batch<Row>(tables.map((table) => env.DB.prepare(`select * from "${table}"`)))
  return Object.fromEntries(tables.map((table, index) => [table, results[index]?.results ?? []]))
}

/** Names of the tables that differ. */
export function changedTables(before: Dump, after: Dump, options: { except: readonly string[] }): string[] {
  const tables = Object.keys(after).filter((table) => !options.except.includes(table))
  return tables.filter((table) => JSON.stringify(before[table]) !== JSON.stringify(after[table]))
}

/** Makes these tables what they were. */
export async function restore(wanted: Dump, tables: readonly string[]): Promise<void> {
  const statements = [env.DB.prepare('pragma defer_foreign_keys = on')]
  for (const table of tables) statements.push(env.DB.prepare(`delete from "${table}"`))
  for (const table of tables) {
    for (const row of wanted[table] ?? []) {
      const columns = Object.keys(row)
      const sql = `insert into "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) values (${columns.map(() => '?').join(', ')})`
      statements.push(env.DB.prepare(sql).bind(...Object.values(row)))
    }
  }
  await env.DB.batch(statements)
}
