import { z } from 'zod'

const versionRow = z.object({ version: z.number().int().nonnegative() })

/**
 * Brings one store's tables up to date, synchronously, so that it may stand in an object's constructor.
 * `steps` are SQL scripts of which each object has run a prefix: steps are added, never changed.
 */
export function setUpStore(storage: DurableObjectStorage, options: { store: string; steps: readonly string[] }): void {
  const { store, steps } = options
  const { sql } = storage
  sql.exec('CREATE TABLE IF NOT EXISTS store_versions (store TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID')
  const [row] = rowsOf(versionRow, sql.exec('SELECT version FROM store_versions WHERE store = ?', store))
  const done = row?.version ?? 0
  if (done >= steps.length) return
  storage.transactionSync(() => {
    for (const step of steps.slice(done)) sql.exec(step)
    sql.exec('INSERT OR REPLACE INTO store_versions (store, version) VALUES (?, ?)', store, steps.length)
  })
}

/** All rows of a query, parsed: what an older version of the code stored is outside data like any other. */
export function rowsOf<Row extends z.ZodType>(schema: Row, cursor: SqlStorageCursor<Record<string, SqlStorageValue>>): z.infer<Row>[] {
  return cursor.toArray().map((row) => schema.parse(row))
}

/** A text column that holds JSON. */
export const jsonColumn = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' })
    return z.NEVER
  }
})
