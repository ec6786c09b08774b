import { DurableObject } from 'cloudflare:workers'
import { type CallRecord, callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import { CallTable } from '#edge/db/objects/CallTable.ts'
import { fromCursor, type LedgerPage, type LedgerQuery, type LedgerReadPort, toCursor } from '#edge/domain/ledger/page.ts'
import type { Env } from '#edge/env.ts'

/**
 * The call records of one domain and month. Of a participant from another domain it holds what the
 * record says and nothing else. Rooms' outboxes repeat a record until this object has committed it.
 */
export class Ledger extends DurableObject<Env> implements LedgerReadPort {
  readonly #calls: CallTable

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#calls = new CallTable(ctx.storage)
  }

  /** The answer lets the room forget the record: the runtime holds it back until the row is on disk. */
  record(record: CallRecord): Promise<void> {
    this.#calls.insert(callRecordSchema.parse(record))
    return Promise.resolve()
  }

  list({ from, to, cursor, limit }: LedgerQuery): Promise<LedgerPage> {
    const found = this.#calls.newestFirst({
      from: from ?? 0,
      to: to ?? Number.MAX_SAFE_INTEGER,
      ...(cursor === undefined ? {} : { after: fromCursor(cursor) }),
      limit: limit + 1,
    })
    const records = found.slice(0, limit)
    const last = found.length > limit ? records.at(-1) : undefined
    return Promise.resolve({ records, cursor: last === undefined ? null : toCursor(last) })
  }
}
