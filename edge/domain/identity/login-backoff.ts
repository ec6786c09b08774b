/**
 * How failed logins slow the next ones. After `free` failures, each further attempt has to wait a pause
 * that doubles up to `longest`; failures are forgotten after `window` without any. Milliseconds.
 *
 * An attempt counts against its account as failed until it has succeeded, so that guesses made at the same
 * moment count too; `free` therefore also bounds how many right logins to one account may be under way at
 * once. Against an address it counts once it has failed: a whole office may log in at the same moment.
 */
export const backoffRules = {
  /** One account from one address: someone guessing, or someone with a wrong password stored. */
  pair: { free: 10, first: 1_000, longest: 30_000, window: 15 * 60_000 },
  /** One account from anywhere: higher, so that nobody can easily lock somebody else out. */
  account: { free: 30, first: 1_000, longest: 30_000, window: 15 * 60_000 },
  /** One address on any account: many people may share it. */
  address: { free: 30, first: 1_000, longest: 30_000, window: 15 * 60_000 },
} as const

export type BackoffKind = keyof typeof backoffRules

export interface Failures {
  readonly failures: number
  readonly lastFailureAt: number
}

/** When the next attempt may be made; in the past where it may be made now. */
export function nextAttemptAt(kind: BackoffKind, { failures, lastFailureAt }: Failures): number {
  const { free, first, longest } = backoffRules[kind]
  if (failures < free) return 0
  return lastFailureAt + Math.min(first * 2 ** Math.min(failures - free, 16), longest)
}

export interface BackoffKey {
  readonly kind: BackoffKind
  readonly key: string
}

/** The keys that one attempt counts against. Without a known address, only the account's. */
export function backoffKeys(attempt: { account: string; address: string | undefined }): BackoffKey[] {
  const { account, address } = attempt
  if (address === undefined) return [{ kind: 'pair', key: `pair ${account}` }]
  return [
    { kind: 'pair', key: `pair ${account} ${address}` },
    { kind: 'account', key: `account ${account}` },
    { kind: 'address', key: `address ${address}` },
  ]
}
