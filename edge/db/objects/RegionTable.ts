import { z } from 'zod'
import type { Timestamp } from '#shared/time/clock.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const regionRow = z.object({ region: z.string() })

/** The regions that have had hosts lately. */
export class RegionTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'regions',
      steps: ['CREATE TABLE regions (region TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) WITHOUT ROWID'],
    })
    this.#sql = storage.sql
  }

  put(region: string, options: { at: Timestamp }): void {
    this.#sql.exec('INSERT OR REPLACE INTO regions (region, seen_at) VALUES (?, ?)', region, options.at)
  }

  /** Drops the regions that were last seen before a moment and gives the others. */
  seenSince(since: Timestamp): string[] {
    this.#sql.exec('DELETE FROM regions WHERE seen_at < ?', since)
    return rowsOf(regionRow, this.#sql.exec('SELECT region FROM regions ORDER BY region')).map(({ region }) => region)
  }
}
