import { z } from 'zod'
import { type LoginAlarm, type LoginFailure, loginFailureReasonSchema, type LoginStat } from '#shared/protocol/sapi/login-control.ts'
import type { AlarmRule } from './login-alarms.ts'

/** A failed login on its way to the ledger (AUTH-4). */
export const failedLoginSchema = z.object({
  /** Unique, and rising with time: it orders what the ledger keeps. */
  id: z.uuid(),
  at: z.number(),
  /** Null: of the domain that the account names. */
  domainId: z.string().nullable(),
  reason: loginFailureReasonSchema,
  account: z.string(),
  userId: z.string().nullable(),
  address: z.string().nullable(),
})
export type FailedLogin = z.infer<typeof failedLoginSchema>

const hour = 3_600_000

export const hourOf = (at: number): number => Math.floor(at / hour) * hour

/** What a domain's ledger of one month does with failed logins. Each call may be repeated. */
export interface LoginLedgerPort {
  /** `before`: when the account's failures of the month before were, as far as the rule looks back. The alarm that this failure has raised, if any. */
  loginFailed(failure: FailedLogin, options: { rule: AlarmRule; before: readonly number[] }): Promise<LoginAlarm | null>
  /** When the account failed, from a time on. */
  failuresSince(account: string, since: number): Promise<number[]>
  loginStats(query: LogQuery): Promise<LogPage<LoginStat>>
  loginFailures(query: LogQuery): Promise<LogPage<LoginFailure>>
  loginAlarms(query: LogQuery): Promise<LogPage<LoginAlarm>>
}

/** Newest first; `after`: the cursor of the page before. */
export interface LogQuery {
  readonly after?: string | undefined
  readonly limit: number
}

export interface LogPage<Entry> {
  readonly entries: readonly Entry[]
  /** For the next page; null: this was the last. */
  readonly cursor: string | null
}
