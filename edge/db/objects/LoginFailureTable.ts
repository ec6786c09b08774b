import { z } from 'zod'
import {
  type LoginAlarm,
  loginAlarmSchema,
  type LoginFailure,
  loginFailureReasonSchema,
  loginFailureSchema,
  type LoginStat,
  loginStatSchema,
} from '#shared/protocol/sapi/login-control.ts'
import { type FailedLogin, hourOf, type LogQuery } from '#edge/domain/ledger/login-failures.ts'
import { rowsOf, setUpStore } from './store-setup.ts'

/** Above every id, and above every count. */
const end = '~'

/** As many failures are looked at as the widest alarm rule can need, on both sides of one. */
const mostInWindow = 2_000

const service = 'Login'

const timeRow = z.object({ at: z.number() })
const failureRow = loginFailureSchema.omit({ service: true })
const alarmRow = loginAlarmSchema.omit({ service: true })
const countRow = z.object({ hour: z.number(), reason: loginFailureReasonSchema, count: z.number() })

/** Failed logins of one domain and month: all of them counted, the last ones kept, and the alarms that they raised. */
export class LoginFailureTable {
  readonly #sql: SqlStorage
  readonly #keep: number
  /** Since the rest was last removed; the first insert of each life does it. */
  #inserted = 0

  constructor(storage: DurableObjectStorage, options: { keep: number }) {
    setUpStore(storage, {
      store: 'login_failures',
      steps: [
        `CREATE TABLE login_failures (id TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, account TEXT NOT NULL, user_id TEXT, address TEXT) WITHOUT ROWID;
         CREATE INDEX login_failures_account ON login_failures (account, at);
         CREATE TABLE login_failure_counts (hour INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (hour, reason)) WITHOUT ROWID;
         CREATE TABLE login_alarms (id TEXT PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL, user_id TEXT, address TEXT, failures INTEGER NOT NULL, seconds INTEGER NOT NULL) WITHOUT ROWID;
         CREATE INDEX login_alarms_account ON login_alarms (account, at)`,
      ],
    })
    this.#sql = storage.sql
    this.#keep = options.keep
  }

  /** Counts and keeps a failure. False: it was there already. */
  insert({ id, at, reason, account, userId, address }: FailedLogin): boolean {
    const { rowsWritten } = this.#sql.exec(
      'INSERT INTO login_failures (id, at, reason, account, user_id, address) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      ...[id, Math.floor(at), reason, account, userId, address],
    )
    if (rowsWritten === 0) return false
    this.#sql.exec(
      'INSERT INTO login_failure_counts (hour, reason, count) VALUES (?, ?, 1) ON CONFLICT (hour, reason) DO UPDATE SET count = count + 1',
      hourOf(at),
      reason,
    )
    if (this.#inserted++ % 256 === 0) this.#prune()
    return true
  }

  /** When the account's failures around a time were. */
  failuresAround(account: string, at: number, span: number): number[] {
    return rowsOf(
      timeRow,
      this.#sql.exec(
        'SELECT at FROM login_failures WHERE account = ? AND at > ? AND at < ? ORDER BY abs(at - ?) LIMIT ?',
        ...[account, Math.floor(at - span), Math.ceil(at + span), Math.floor(at), mostInWindow],
      ),
    ).map((row) => row.at)
  }

  insertAlarm({ id, at, account, userId, address, failures, seconds }: LoginAlarm): void {
    this.#sql.exec(
      'INSERT INTO login_alarms (id, at, account, user_id, address, failures, seconds) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, Math.floor(at), account, userId, address, failures, seconds],
    )
  }

  findAlarm(id: string): LoginAlarm | undefined {
    return this.#alarms(this.#sql.exec(`SELECT ${alarmColumns} FROM login_alarms WHERE id = ?`, id))[0]
  }

  /** When the account's alarms around a time were raised. */
  alarmsAround(account: string, at: number, span: number): number[] {
    return rowsOf(
      timeRow,
      this.#sql.exec(
        'SELECT at FROM login_alarms WHERE account = ? AND at > ? AND at < ?',
        account,
        Math.floor(at - span),
        Math.ceil(at + span),
      ),
    ).map((row) => row.at)
  }

  failures({ after = end, limit }: LogQuery): LoginFailure[] {
    return rowsOf(
      failureRow,
      this.#sql.exec(
        'SELECT id, at, reason, account, user_id AS userId, address FROM login_failures WHERE id < ? ORDER BY id DESC LIMIT ?',
        after,
        limit,
      ),
    ).map((row) => ({ ...row, service }))
  }

  alarms({ after = end, limit }: LogQuery): LoginAlarm[] {
    return this.#alarms(this.#sql.exec(`SELECT ${alarmColumns} FROM login_alarms WHERE id < ? ORDER BY id DESC LIMIT ?`, after, limit))
  }

  /** By hour, the newest first, and within an hour by reason. `after`: a cursor of `statCursor`. */
  stats({ after, limit }: LogQuery): LoginStat[] {
    const [, hour = Number.MAX_SAFE_INTEGER, reason = end] = /^(\d{1,15})\.(\w+)$/.exec(after ?? '') ?? []
    return rowsOf(
      countRow,
      this.#sql.exec(
        'SELECT hour, reason, count FROM login_failure_counts WHERE hour < ? OR (hour = ? AND reason > ?) ORDER BY hour DESC, reason LIMIT ?',
        ...[Number(hour), Number(hour), reason, limit],
      ),
    ).map((row) => loginStatSchema.parse({ stat: 'Failed login', service, from: row.hour, reason: row.reason, count: row.count }))
  }

  #alarms(cursor: SqlStorageCursor<Record<string, SqlStorageValue>>): LoginAlarm[] {
    return rowsOf(alarmRow, cursor).map((row) => ({ ...row, service }))
  }

  #prune(): void {
    this.#sql.exec('DELETE FROM login_failures WHERE id <= (SELECT id FROM login_failures ORDER BY id DESC LIMIT 1 OFFSET ?)', this.#keep)
  }
}

export const statCursor = ({ from, reason }: LoginStat): string => `${from}.${reason}`

const alarmColumns = 'id, at, account, user_id AS userId, address, failures, seconds'
