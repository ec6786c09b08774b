import { z } from 'zod'
import type { QuotaState } from '#edge/domain/quotas/request-lease.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const stateRow = z.object({ window: z.number().int(), granted: z.number().int() })

/** How much of a quota was handed out in the window that was asked for last. */
export class QuotaTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'quota',
      steps: ['CREATE TABLE quota (one INTEGER PRIMARY KEY CHECK (one = 1), "window" INTEGER NOT NULL, granted INTEGER NOT NULL)'],
    })
    this.#sql = storage.sql
  }

  read(): QuotaState | undefined {
    return rowsOf(stateRow, this.#sql.exec('SELECT "window", granted FROM quota'))[0]
  }

  write({ window, granted }: QuotaState): void {
    this.#sql.exec('INSERT OR REPLACE INTO quota (one, "window", granted) VALUES (1, ?, ?)', window, granted)
  }
}
