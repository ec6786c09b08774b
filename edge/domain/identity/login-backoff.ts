import { isLoopback, networkOf } from '../entry/addresses.ts'

/**
 * How failed logins slow the next ones. After `free` failures, each further attempt has to wait a pause
 * that doubles up to `longest`; failures are forgotten after `window` without any. Milliseconds.
 *
 * An attempt counts as failed until it has succeeded, so that guesses made at the same moment count too;
 * `free` therefore also bounds how many right logins may be under way at once.
 *
 * What this does not give: while somebody guesses at an account without pause, an owner who comes from a
 * network that is strange to it competes for the one attempt per `longest`, and mostly loses; from known
 * networks, or by a login provider, the owner comes in. A share for each strange network would be no remedy:
 * networks are to be had by the thousand, and each would be one more guess. So the limit stays, the failures
 * raise an alarm (AUTH-4), and admins see who is being guessed at.
 */
export const backoffRules = {
  /** One account from one network: someone guessing, or someone with a wrong password stored. */
  pair: { free: 10, first: 1_000, longest: 30_000, window: 15 * 60_000 },
  /** One account from all networks that are strange to it. */
  account: { free: 30, first: 1_000, longest: 30_000, window: 15 * 60_000 },
  /** One network on all accounts to which it is strange: someone who tries one password on many. Many people may share it. */
  address: { free: 60, first: 1_000, longest: 30_000, window: 15 * 60_000 },
} as const

export type BackoffKind = keyof typeof backoffRules

/** A network from which an account logged in is known to it for this long after the last time. */
export const knownFor = 30 * 86_400_000

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

/**
 * The keys that one attempt counts against, in the order in which they are asked. `known`: the account has
 * logged in from this network before. Such an attempt counts by itself alone: whoever guesses elsewhere, or
 * annoys a whole office, cannot keep the account's owner out. On one machine, everybody has the same address.
 */
export function backoffKeys(attempt: { account: string; address: string | undefined; known: boolean }): BackoffKey[] {
  const { account, address, known } = attempt
  const pair = { kind: 'pair', key: `pair ${account} ${address === undefined ? '' : networkOf(address)}` } as const
  if (known) return [pair]
  const ofAccount = { kind: 'account', key: `account ${account}` } as const
  if (address === undefined || isLoopback(address)) return [pair, ofAccount]
  return [pair, ofAccount, { kind: 'address', key: `address ${networkOf(address)}` }]
}
