import { DurableObject } from 'cloudflare:workers'
import { type AuditEntry, auditEntrySchema } from '#shared/protocol/sapi/audit.ts'
import { type CallRecord, callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import type { LoginAlarm, LoginFailure, LoginStat } from '#shared/protocol/sapi/login-control.ts'
import { AuditTable } from '#edge/db/objects/AuditTable.ts'
import { CallTable } from '#edge/db/objects/CallTable.ts'
import { LoginFailureTable, statCursor } from '#edge/db/objects/LoginFailureTable.ts'
import { type AlarmRule, alarmDue } from '#edge/domain/ledger/login-alarms.ts'
import {
  type FailedLogin,
  failedLoginSchema,
  type LoginLedgerPort,
  type LogPage,
  type LogQuery,
} from '#edge/domain/ledger/login-failures.ts'
import { fromCursor, type LedgerPage, type LedgerQuery, type LedgerReadPort, toCursor } from '#edge/domain/ledger/page.ts'
import type { Env } from '#edge/env.ts'

/** Failed logins that are kept one by one; all are counted. */
const keptFailures = 10_000

/**
 * What happened in one domain and month: its calls, failed logins and their alarms, and what its admins have
 * changed. Of a participant from another domain it holds what the record says and nothing else. Whoever
 * tells it something repeats that until this object has committed it.
 */
export class Ledger extends DurableObject<Env> implements LedgerReadPort, LoginLedgerPort {
  readonly #calls: CallTable
  readonly #logins: LoginFailureTable
  readonly #audit: AuditTable

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#calls = new CallTable(ctx.storage)
    this.#logins = new LoginFailureTable(ctx.storage, { keep: keptFailures })
    this.#audit = new AuditTable(ctx.storage)
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

  loginFailed(told: FailedLogin, { rule, before }: { rule: AlarmRule; before: readonly number[] }): Promise<LoginAlarm | null> {
    const failure = failedLoginSchema.parse(told)
    return Promise.resolve(this.ctx.storage.transactionSync(() => this.#noteFailure(failure, rule, before)))
  }

  failuresSince(account: string, since: number): Promise<number[]> {
    return Promise.resolve(this.#logins.failuresAround(account, since, 3_600_000).filter((at) => at >= since))
  }

  loginStats(query: LogQuery): Promise<LogPage<LoginStat>> {
    return pageOf(query, (one) => this.#logins.stats(one), statCursor)
  }

  loginFailures(query: LogQuery): Promise<LogPage<LoginFailure>> {
    return pageOf(
      query,
      (one) => this.#logins.failures(one),
      ({ id }) => id,
    )
  }

  loginAlarms(query: LogQuery): Promise<LogPage<LoginAlarm>> {
    return pageOf(
      query,
      (one) => this.#logins.alarms(one),
      ({ id }) => id,
    )
  }

  /** Resolves once the intent is on disk: only then may the change be made. */
  beginAudit(entry: AuditEntry): Promise<void> {
    this.#audit.insert(auditEntrySchema.parse(entry))
    return Promise.resolve()
  }

  finishAudit(outcome: { id: string; status: number; finished: number }): Promise<void> {
    this.#audit.finish(outcome)
    return Promise.resolve()
  }

  listAudit(query: LogQuery): Promise<LogPage<AuditEntry>> {
    return pageOf(
      query,
      (one) => this.#audit.newestFirst(one),
      ({ id }) => id,
    )
  }

  /** An alarm has the id of the failure that raised it, so that one that is told again gets the same answer. */
  #noteFailure(failure: FailedLogin, rule: AlarmRule, before: readonly number[]): LoginAlarm | null {
    const { id, account, userId, address } = failure
    if (!this.#logins.insert(failure)) return this.#logins.findAlarm(id) ?? null
    const span = rule.seconds * 1000
    const at = alarmDue(rule, failure.at, {
      failures: [...before, ...this.#logins.failuresAround(account, failure.at, span)],
      alarms: this.#logins.alarmsAround(account, failure.at, 2 * span),
    })
    if (at === undefined) return null
    const alarm: LoginAlarm = { id, at, service: 'Login', account, userId, address, ...rule }
    this.#logins.insertAlarm(alarm)
    return alarm
  }
}

/** Reads one more than asked for, to know whether another page follows. */
function pageOf<Entry>(query: LogQuery, read: (query: LogQuery) => Entry[], cursorOf: (entry: Entry) => string): Promise<LogPage<Entry>> {
  const found = read({ ...query, limit: query.limit + 1 })
  const entries = found.slice(0, query.limit)
  const last = found.length > query.limit ? entries.at(-1) : undefined
  return Promise.resolve({ entries, cursor: last === undefined ? null : cursorOf(last) })
}
