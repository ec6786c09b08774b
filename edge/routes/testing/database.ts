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

/** Makes all tables what they were. @returns the names of those that were not. */
export async function restore(wanted: Dump): Promise<readonly string[]> {
  const changed = changedTables(wanted, await dump(), { except: [] })
  // What refers to a row goes with it, and comes back in its turn.
  for (let tables: readonly string[] = changed; tables.length > 0; tables = changedTables(wanted, await dump(), { except: [] })) {
    await env.DB.batch([env.DB.prepare('pragma defer_foreign_keys = on'), ...tables.flatMap((table) => refill(table, wanted[table] ?? []))])
  }
  return changed
}

function refill(table: string, rows: readonly Row[]): D1PreparedStatement[] {
  const inserts = rows.map((row) => {
    const columns = Object.keys(row).map((column) => `"${column}"`)
    const sql = `insert into "${table}" (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
    return env.DB.prepare(sql).bind(...Object.values(row))
  })
  return [env.DB.prepare(`delete from "${table}"`), ...inserts]
}
