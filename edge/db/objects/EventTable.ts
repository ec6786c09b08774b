import { z } from 'zod'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const eventRow = z.object({
  seq: z.number().int().positive(),
  event: z.string(),
  resource: z.string(),
  body: z.union([z.null().transform(() => undefined), jsonColumn]),
})
const boundsRow = z.object({ first: z.number().nullable(), last: z.number().nullable() })

/** Sequenced events of any number of streams; a stream is a session, or the room itself. */
export class EventTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'events',
      steps: [
        'CREATE TABLE events (stream TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, resource TEXT NOT NULL, body TEXT, PRIMARY KEY (stream, seq)) WITHOUT ROWID',
      ],
    })
    this.#sql = storage.sql
  }

  insert(stream: string, event: Event & { seq: number }): void {
    const body = event.body === undefined ? null : JSON.stringify(event.body)
    this.#sql.exec(
      'INSERT INTO events (stream, seq, event, resource, body) VALUES (?, ?, ?, ?, ?)',
      stream,
      event.seq,
      event.event,
      event.resource,
      body,
    )
  }

  removeUpTo(stream: string, seq: number): void {
    this.#sql.exec('DELETE FROM events WHERE stream = ? AND seq <= ?', stream, seq)
  }

  remove(stream: string): void {
    this.#sql.exec('DELETE FROM events WHERE stream = ?', stream)
  }

  bounds(stream: string): { first: number; last: number } | undefined {
    const [row] = rowsOf(boundsRow, this.#sql.exec('SELECT MIN(seq) AS first, MAX(seq) AS last FROM events WHERE stream = ?', stream))
    return row === undefined || row.first === null || row.last === null ? undefined : { first: row.first, last: row.last }
  }

  after(stream: string, seq: number): (Event & { seq: number })[] {
    return rowsOf(
      eventRow,
      this.#sql.exec('SELECT seq, event, resource, body FROM events WHERE stream = ? AND seq > ? ORDER BY seq', stream, seq),
    )
  }
}
