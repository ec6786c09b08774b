import { DurableObject } from 'cloudflare:workers'
import { type AuditEntry, auditEntrySchema } from '#shared/protocol/sapi/audit.ts'
import { type CallRecord, callRecordSchema } from '#shared/protocol/sapi/call-record.ts'
import type { LoginAlarm, LoginFailure, LoginStat } from '#shared/protocol/sapi/login-control.ts'
import { type AuditOutcome, AuditTable } from '#edge/db/objects/AuditTable.ts'
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
import { day, nextPurge } from '#edge/domain/ledger/retention.ts'
import type { Env } from '#edge/env.ts'
import { recordLifetime } from '#edge/services/record-lifetime.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { systemClock } from '#shared/time/clock.ts'
import { AlarmSchedule } from './kit/AlarmSchedule.ts'

/** Failed logins that are kept one by one; all are counted. */
const keptFailures = 10_000

/**
 * What happened in one domain and month: its calls, failed logins and their alarms, and what its admins have
 * changed. Of a participant from another domain it holds what the record says and nothing else. Whoever
 * tells it something repeats that until this object has committed it.
 */
export class Ledger extends DurableObject<Env> implements LedgerReadPort, LoginLedgerPort {
  readonly #alarms: AlarmSchedule
  readonly #calls: CallTable
  readonly #logins: LoginFailureTable
  readonly #audit: AuditTable

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#alarms = new AlarmSchedule(ctx, { clock: systemClock, logger: loggerOf(env, { component: 'ledger' }) })
    this.#alarms.on('purge', ({ key }) => this.#purge(key))
    this.#calls = new CallTable(ctx.storage)
    this.#logins = new LoginFailureTable(ctx.storage, { keep: keptFailures })
    this.#audit = new AuditTable(ctx.storage)
  }

  /** The answer lets the room forget the record: the runtime holds it back until the row is on disk. */
  record(record: CallRecord, { domainId }: { domainId: string }): Promise<void> {
    this.#calls.insert(callRecordSchema.parse(record))
    const purge = `purge:${domainId}`
    if (this.#alarms.at(purge) === undefined) this.#alarms.set(purge, systemClock.now() + day)
    return Promise.resolve()
  }

  override alarm(): Promise<void> {
    return this.#alarms.run()
  }

  list({ from, to, userId, cursor, limit }: LedgerQuery): Promise<LedgerPage> {
    const found = this.#calls.newestFirst({
      from: from ?? 0,
      to: to ?? Number.MAX_SAFE_INTEGER,
      userId,
      ...(cursor === undefined ? {} : { after: fromCursor(cursor) }),
      limit: limit + 1,
    })
    const records = found.slice(0, limit)
    const last = found.length > limit ? records.at(-1) : undefined
    return Promise.resolve({ records, cursor: last === undefined ? null : toCursor(last) })
  }

  find(callId: string): Promise<CallRecord | null> {
    return Promise.resolve(this.#calls.find(callId) ?? null)
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

  finishAudit(outcome: AuditOutcome): Promise<void> {
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

  /** Records go once the domain keeps them no longer, and all of them once it is gone. */
  async #purge(domainId: string): Promise<void> {
    const keep = await recordLifetime(this.env, domainId)
    const now = systemClock.now()
    this.#calls.removeEndedBefore(keep === null ? Number.MAX_SAFE_INTEGER : now - keep)
    const next = nextPurge({ oldest: this.#calls.oldest(), keep: keep ?? 0, now })
    if (next !== undefined) this.#alarms.set(`purge:${domainId}`, next)
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
