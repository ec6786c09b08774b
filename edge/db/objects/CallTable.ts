import { z } from 'zod'
import { type CallRecord, callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import type { LedgerPosition } from '#edge/domain/ledger/page.ts'
import { jsonColumn, rowsOf, setUpStore } from './store-setup.ts'

const callRow = z.object({ record: jsonColumn.pipe(callRecordSchema) })

/** After every call that there can be: where the first page begins. */
const end: LedgerPosition = { endedAt: Number.MAX_SAFE_INTEGER, callId: '' }

/** The calls of one domain and month. */
export class CallTable {
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    setUpStore(storage, {
      store: 'calls',
      steps: [
        'CREATE TABLE calls (call_id TEXT PRIMARY KEY, ended_at INTEGER NOT NULL, record TEXT NOT NULL); CREATE INDEX calls_ended ON calls (ended_at, call_id)',
      ],
    })
    this.#sql = storage.sql
  }

  /** Keeps the record that came first: what comes again under its id is a repetition. */
  insert(record: CallRecord): void {
    this.#sql.exec(
      'INSERT INTO calls (call_id, ended_at, record) VALUES (?, ?, ?) ON CONFLICT (call_id) DO NOTHING',
      record.callId,
      Math.floor(record.endedAt),
      JSON.stringify(record),
    )
  }

  /** Calls that ended in `[from, to)`, newest first, those of one moment by id. */
  newestFirst(query: { from: number; to: number; after?: LedgerPosition; limit: number }): CallRecord[] {
    const { endedAt, callId } = query.after ?? end
    return rowsOf(
      callRow,
      this.#sql.exec(
        `SELECT record FROM calls WHERE ended_at >= ? AND ended_at < ? AND (ended_at, call_id) < (?, ?)
         ORDER BY ended_at DESC, call_id DESC LIMIT ?`,
        query.from,
        query.to,
        endedAt,
        callId,
        query.limit,
      ),
    ).map(({ record }) => record)
  }
}
