import { z } from 'zod'
import { type CallRecord, callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import type { LedgerPosition } from '#edge/domain/ledger/page.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const callRow = z.object({ record: jsonColumn.pipe(callRecordSchema) })
const timeRow = z.object({ at: z.number().nullable() })

/** After every call that there can be: where the first page begins. */
const end: LedgerPosition = { endedAt: Number.MAX_SAFE_INTEGER, callId: '' }

/** The calls of one domain and month, and in which of them each user was or was rung. */
export class CallTable {
  readonly #storage: DurableObjectStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'calls',
      steps: [
        'CREATE TABLE calls (call_id TEXT PRIMARY KEY, ended_at INTEGER NOT NULL, record TEXT NOT NULL); CREATE INDEX calls_ended ON calls (ended_at, call_id)',
        `CREATE TABLE call_users (user_id TEXT NOT NULL, ended_at INTEGER NOT NULL, call_id TEXT NOT NULL, PRIMARY KEY (user_id, ended_at, call_id)) WITHOUT ROWID;
         CREATE INDEX call_users_call ON call_users (call_id);
         INSERT OR IGNORE INTO call_users SELECT json_extract(p.value, '$.userId'), ended_at, call_id FROM calls, json_each(calls.record, '$.participants') p;
         INSERT OR IGNORE INTO call_users SELECT json_extract(i.value, '$.to.userId'), ended_at, call_id FROM calls, json_each(calls.record, '$.invites') i`,
      ],
    })
    this.#storage = storage
  }

  /** Keeps the record that came first: what comes again under its id is a repetition. */
  insert(record: CallRecord): void {
    const { callId, participants, invites } = record
    const endedAt = Math.floor(record.endedAt)
    // Of people of other domains a shared record has no ids.
    const users = new Set([...participants, ...invites.map(({ to }) => to)].map(({ userId }) => userId).filter((id) => id !== ''))
    const { sql } = this.#storage
    this.#storage.transactionSync(() => {
      const inserted = sql.exec(
        'INSERT INTO calls (call_id, ended_at, record) VALUES (?, ?, ?) ON CONFLICT (call_id) DO NOTHING RETURNING call_id',
        callId,
        endedAt,
        JSON.stringify(record),
      )
      if (inserted.toArray().length === 0) return
      for (const userId of users) sql.exec('INSERT INTO call_users (user_id, ended_at, call_id) VALUES (?, ?, ?)', userId, endedAt, callId)
    })
  }

  find(callId: string): CallRecord | undefined {
    return rowsOf(callRow, this.#storage.sql.exec('SELECT record FROM calls WHERE call_id = ?', callId))[0]?.record
  }

  /** Calls that ended in `[from, to)`, of all or of one user, newest first, those of one moment by id. */
  newestFirst(query: { from: number; to: number; userId?: string | undefined; after?: LedgerPosition; limit: number }): CallRecord[] {
    const { userId } = query
    const { endedAt, callId } = query.after ?? end
    const of = userId === undefined ? 'calls AS c' : 'call_users AS c JOIN calls USING (call_id)'
    return rowsOf(
      callRow,
      this.#storage.sql.exec(
        `SELECT record FROM ${of} WHERE c.ended_at >= ? AND c.ended_at < ? AND (c.ended_at, c.call_id) < (?, ?)
         ${userId === undefined ? '' : 'AND c.user_id = ?'} ORDER BY c.ended_at DESC, c.call_id DESC LIMIT ?`,
        ...[query.from, query.to, endedAt, callId, ...(userId === undefined ? [] : [userId]), query.limit],
      ),
    ).map(({ record }) => record)
  }

  /** When the first of the calls ended; undefined: there are none. */
  oldest(): number | undefined {
    return rowsOf(timeRow, this.#storage.sql.exec('SELECT MIN(ended_at) AS at FROM calls'))[0]?.at ?? undefined
  }

  removeEndedBefore(time: number): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('DELETE FROM call_users WHERE call_id IN (SELECT call_id FROM calls WHERE ended_at < ?)', time)
      this.#storage.sql.exec('DELETE FROM calls WHERE ended_at < ?', time)
    })
  }
}
