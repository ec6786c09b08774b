import { z } from 'zod'
import { type LoggedDelivery, loggedDeliverySchema } from '#shared/protocol/sapi/webhooks.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const deliveryRow = loggedDeliverySchema.extend({ id: z.number().int() })
type HookDeliveryRow = z.infer<typeof deliveryRow>

/** Attempts to deliver to one endpoint. */
export class HookDeliveryTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'hook-deliveries',
      steps: [
        `CREATE TABLE hook_deliveries (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, type TEXT NOT NULL, attempt INTEGER NOT NULL,
           at INTEGER NOT NULL, duration INTEGER NOT NULL, status INTEGER, error TEXT, response TEXT);
         CREATE INDEX hook_deliveries_at ON hook_deliveries (at)`,
      ],
    })
    this.#sql = storage.sql
  }

  insert(delivery: LoggedDelivery): void {
    const { eventId, type, attempt, at, duration, status, error, response } = delivery
    this.#sql.exec(
      'INSERT INTO hook_deliveries (event_id, type, attempt, at, duration, status, error, response) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      eventId,
      type,
      attempt,
      at,
      duration,
      status,
      error,
      response,
    )
  }

  /** Latest first, before the row `before`. */
  list(options: { before: number; limit: number }): HookDeliveryRow[] {
    const query = `SELECT id, event_id AS eventId, type, attempt, at, duration, status, error, response FROM hook_deliveries
      WHERE id < ? ORDER BY id DESC LIMIT ?`
    return rowsOf(deliveryRow, this.#sql.exec(query, options.before, options.limit))
  }

  prune(options: { before: Timestamp; most: number }): void {
    this.#sql.exec('DELETE FROM hook_deliveries WHERE at < ?', options.before)
    this.#sql.exec('DELETE FROM hook_deliveries WHERE id <= (SELECT MAX(id) FROM hook_deliveries) - ?', options.most)
  }
}
