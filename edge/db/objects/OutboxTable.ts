import { z } from 'zod'
import type { Timestamp } from '#shared/time/clock.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const outboxRow = z.object({
  id: z.number().int(),
  kind: z.string(),
  target: z.string(),
  payload: jsonColumn,
  attempts: z.number().int(),
  dueAt: z.number(),
})

export type OutboxRow = z.infer<typeof outboxRow>

const columns = 'id, kind, target, payload, attempts, due_at AS dueAt'

/** What an object owes to others, oldest first. */
export class OutboxTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'outbox',
      steps: [
        'CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, target TEXT NOT NULL, payload TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL); CREATE INDEX outbox_target ON outbox (target, id)',
      ],
    })
    this.#sql = storage.sql
  }

  insert(row: { kind: string; target: string; payload: unknown; dueAt: Timestamp }): void {
    this.#sql.exec(
      'INSERT INTO outbox (kind, target, payload, attempts, due_at) VALUES (?, ?, ?, 0, ?)',
      row.kind,
      row.target,
      JSON.stringify(row.payload ?? null),
      Math.ceil(row.dueAt),
    )
  }

  /** The oldest row of each target: nothing overtakes it. */
  heads(): OutboxRow[] {
    return rowsOf(
      outboxRow,
      this.#sql.exec(`SELECT ${columns} FROM outbox WHERE id IN (SELECT MIN(id) FROM outbox GROUP BY target) ORDER BY id`),
    )
  }

  head(target: string): OutboxRow | undefined {
    return rowsOf(outboxRow, this.#sql.exec(`SELECT ${columns} FROM outbox WHERE target = ? ORDER BY id LIMIT 1`, target))[0]
  }

  postpone(id: number, options: { dueAt: Timestamp; attempts: number }): void {
    this.#sql.exec('UPDATE outbox SET due_at = ?, attempts = ? WHERE id = ?', Math.ceil(options.dueAt), options.attempts, id)
  }

  remove(id: number): void {
    this.#sql.exec('DELETE FROM outbox WHERE id = ?', id)
  }

  count(): number {
    return this.#sql.exec<{ count: number }>('SELECT COUNT(*) AS count FROM outbox').one().count
  }
}
