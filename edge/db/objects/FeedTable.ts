import { z } from 'zod'
import { type QueuedEvent, queuedEventSchema } from '#edge/domain/webhooks/queued-event.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const feedRow = queuedEventSchema.extend({ id: z.number().int() })
type FeedRow = z.infer<typeof feedRow>

const domainRow = z.object({ domainId: z.string() })
const seqRow = z.object({ seq: z.number().int() })

/** Events that one object owes to the endpoints of its domain, and how far each of its streams has counted. */
export class FeedTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'feed',
      steps: [
        `CREATE TABLE feed (id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id TEXT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, lane TEXT NOT NULL, body TEXT NOT NULL);
         CREATE INDEX feed_domain ON feed (domain_id, id);
         CREATE TABLE feed_streams (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID`,
      ],
    })
    this.#sql = storage.sql
  }

  /** The next number of a stream: from 1, without gaps. */
  nextSeq(stream: string): number {
    const cursor = this.#sql.exec(
      'INSERT INTO feed_streams (stream, seq) VALUES (?, 1) ON CONFLICT (stream) DO UPDATE SET seq = seq + 1 RETURNING seq',
      stream,
    )
    return z.tuple([seqRow]).parse(cursor.toArray())[0].seq
  }

  /** Nothing more follows in it. */
  endStream(stream: string): void {
    this.#sql.exec('DELETE FROM feed_streams WHERE stream = ?', stream)
  }

  insert(domainId: string, { eventId, type, lane, body }: QueuedEvent): void {
    this.#sql.exec('INSERT INTO feed (domain_id, event_id, type, lane, body) VALUES (?, ?, ?, ?, ?)', domainId, eventId, type, lane, body)
  }

  /** Domains that rows are of: mostly one. */
  domains(): string[] {
    return rowsOf(domainRow, this.#sql.exec('SELECT DISTINCT domain_id AS domainId FROM feed')).map(({ domainId }) => domainId)
  }

  /** Of one domain, oldest first, behind the row `after`. */
  list(domainId: string, options: { after: number; limit: number }): FeedRow[] {
    const cursor = this.#sql.exec(
      'SELECT id, event_id AS eventId, type, lane, body FROM feed WHERE domain_id = ? AND id > ? ORDER BY id LIMIT ?',
      domainId,
      options.after,
      options.limit,
    )
    return rowsOf(feedRow, cursor)
  }

  removeUpTo(domainId: string, id: number): void {
    this.#sql.exec('DELETE FROM feed WHERE domain_id = ? AND id <= ?', domainId, id)
  }

  get isEmpty(): boolean {
    return this.#sql.exec('SELECT 1 FROM feed LIMIT 1').toArray().length === 0
  }
}
