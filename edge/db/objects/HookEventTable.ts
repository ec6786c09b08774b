import { z } from 'zod'
import { type QueuedEvent, queuedEventSchema } from '#edge/domain/webhooks/queued-event.ts'
import type { Settlement } from '#edge/domain/webhooks/delivery.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

const stateSchema = z.enum(['waiting', 'delivered', 'dead'])

const eventRow = queuedEventSchema.extend({
  position: z.number().int(),
  state: stateSchema,
  /** Attempts ever made. */
  attempts: z.number().int(),
  receivedAt: z.number(),
})
export type HookEventRow = z.infer<typeof eventRow>

const laneRow = z.object({ lane: z.string(), tries: z.number().int(), dueAt: z.number() })
export type LaneRow = z.infer<typeof laneRow>

const countsRow = z.object({ waiting: z.number().int(), dead: z.number().int(), oldestWaiting: z.number().nullable() })

const columns = 'position, event_id AS eventId, type, lane, body, state, attempts, received_at AS receivedAt'

/**
 * The log of one endpoint and what of it waits. `position` orders the log. A lane has a row exactly while
 * events of it wait; its tries and the time at which it is due are those of the oldest.
 */
export class HookEventTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'hook-events',
      steps: [
        `CREATE TABLE hook_events (position INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, lane TEXT NOT NULL,
           body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, received_at INTEGER NOT NULL);
         CREATE INDEX hook_events_waiting ON hook_events (lane, position) WHERE state = 'waiting';
         CREATE INDEX hook_events_dead ON hook_events (position) WHERE state = 'dead';
         CREATE INDEX hook_events_received ON hook_events (received_at);
         CREATE TABLE hook_lanes (lane TEXT PRIMARY KEY, tries INTEGER NOT NULL, due_at INTEGER NOT NULL) WITHOUT ROWID;
         CREATE INDEX hook_lanes_due ON hook_lanes (due_at)`,
      ],
    })
    this.#sql = storage.sql
  }

  /** An event that is in the log already is one that comes twice. */
  insert({ eventId, type, lane, body }: QueuedEvent, now: Timestamp): void {
    const inserted = this.#sql.exec(
      `INSERT INTO hook_events (event_id, type, lane, body, state, attempts, received_at) VALUES (?, ?, ?, ?, 'waiting', 0, ?)
       ON CONFLICT (event_id) DO NOTHING RETURNING position`,
      eventId,
      type,
      lane,
      body,
      now,
    )
    if (inserted.toArray().length > 0) this.#sql.exec('INSERT OR IGNORE INTO hook_lanes (lane, tries, due_at) VALUES (?, 0, ?)', lane, now)
  }

  /** Lanes that may be tried, those due first ahead; `fresh`: those that failed least ahead. */
  dueLanes(options: { now: Timestamp; limit: number; fresh: boolean }): LaneRow[] {
    const order = options.fresh ? 'tries, due_at, lane' : 'due_at, lane'
    const query = `SELECT lane, tries, due_at AS dueAt FROM hook_lanes WHERE due_at <= ? ORDER BY ${order} LIMIT ?`
    return rowsOf(laneRow, this.#sql.exec(query, options.now, options.limit))
  }

  /** Earliest first, due or not. */
  nextLanes(limit: number): LaneRow[] {
    return rowsOf(laneRow, this.#sql.exec('SELECT lane, tries, due_at AS dueAt FROM hook_lanes ORDER BY due_at LIMIT ?', limit))
  }

  /** What waits in a lane, oldest first. */
  waiting(lane: string, limit: number): HookEventRow[] {
    const query = `SELECT ${columns} FROM hook_events WHERE lane = ? AND state = 'waiting' ORDER BY position LIMIT ?`
    return rowsOf(eventRow, this.#sql.exec(query, lane, limit))
  }

  /** Writes down what an attempt led to. */
  settle(event: HookEventRow, settlement: Settlement, now: Timestamp): void {
    const { position, lane } = event
    this.#sql.exec('UPDATE hook_events SET state = ?, attempts = attempts + 1 WHERE position = ?', settlement.type, position)
    if (settlement.type === 'waiting') {
      this.#sql.exec('UPDATE hook_lanes SET tries = ?, due_at = ? WHERE lane = ?', settlement.tries, Math.ceil(settlement.dueAt), lane)
    } else if (this.waiting(lane, 1).length === 0) {
      this.#sql.exec('DELETE FROM hook_lanes WHERE lane = ?', lane)
    } else {
      this.#sql.exec('UPDATE hook_lanes SET tries = 0, due_at = ? WHERE lane = ?', now, lane)
    }
  }

  /** Nothing waits for its time any longer. */
  wakeAll(now: Timestamp): void {
    this.#sql.exec('UPDATE hook_lanes SET due_at = ? WHERE due_at > ?', now, now)
  }

  /** Sends again what was sent, or given up, behind a position. @returns how many. */
  replay(after: number, now: Timestamp): number {
    const again = this.#sql
      .exec<{ n: number }>(`SELECT COUNT(*) AS n FROM hook_events WHERE position > ? AND state <> 'waiting'`, after)
      .one().n
    this.#sql.exec(`UPDATE hook_events SET state = 'waiting' WHERE position > ? AND state <> 'waiting'`, after)
    this.#sql.exec(
      `INSERT INTO hook_lanes (lane, tries, due_at) SELECT DISTINCT lane, 0, ? FROM hook_events WHERE position > ? AND state = 'waiting'
       ON CONFLICT (lane) DO UPDATE SET tries = 0, due_at = excluded.due_at`,
      now,
      after,
    )
    return again
  }

  /** Oldest first, behind a position. */
  list(options: { after: number; limit: number }): HookEventRow[] {
    const query = `SELECT ${columns} FROM hook_events WHERE position > ? ORDER BY position LIMIT ?`
    return rowsOf(eventRow, this.#sql.exec(query, options.after, options.limit))
  }

  counts(): z.infer<typeof countsRow> {
    const query = `SELECT (SELECT COUNT(*) FROM hook_events WHERE state = 'waiting') AS waiting,
      (SELECT COUNT(*) FROM hook_events WHERE state = 'dead') AS dead,
      (SELECT received_at FROM hook_events WHERE state = 'waiting' ORDER BY position LIMIT 1) AS oldestWaiting`
    return z.tuple([countsRow]).parse(this.#sql.exec(query).toArray())[0]
  }

  /** Forgets what came before a time, whatever became of it, and of what is done all but the last `most`. */
  prune(options: { before: Timestamp; most: number }): void {
    this.#sql.exec('DELETE FROM hook_events WHERE received_at < ?', options.before)
    this.#sql.exec(
      `DELETE FROM hook_events WHERE state <> 'waiting' AND position <= (SELECT MAX(position) FROM hook_events) - ?`,
      options.most,
    )
    this.#sql.exec(
      `DELETE FROM hook_lanes WHERE NOT EXISTS (SELECT 1 FROM hook_events WHERE hook_events.lane = hook_lanes.lane AND state = 'waiting')`,
    )
  }
}
