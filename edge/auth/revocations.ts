import { AppError } from '#shared/errors/AppError.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { listRevocations } from '#edge/db/d1/revocations.ts'
import type { Env } from '#edge/env.ts'

/** Younger than this, the list of this isolate is used as it is. */
const fresh = 20_000
/** Up to this age, requests use the old list while one of them fetches the new one, or while the database does not answer. */
const usable = 55_000
/** Writers' clocks differ; revocations this much older than the last one seen are asked for again. */
const overlap = 60_000

/**
 * Logins whose access tokens are refused before they expire, as this isolate knows them: REST honours a
 * revocation within `usable` milliseconds, without a database read per request.
 */
interface Known {
  readonly expiryByLogin: Map<string, number>
  /** When the list was fetched. */
  at: number
  /** When somebody last set out to fetch it. */
  fetchStartedAt: number
  latest: number
}

let known: Known | undefined

export function forgetRevocations(): void {
  known = undefined
}

/** Effective in this isolate at once, whatever the age of its list. */
export function noteRevoked(logins: readonly { loginId: string; expiresAt: number }[]): void {
  for (const { loginId, expiresAt } of logins) known?.expiryByLogin.set(loginId, expiresAt)
}

export async function isRevoked(env: Pick<Env, 'DB'>, loginId: string, clock: Clock = systemClock): Promise<boolean> {
  const now = clock.now()
  const list = known !== undefined && (now - known.at < fresh || isBeingFetched(known, now)) ? known : await fetchList(env, now)
  return list.expiryByLogin.has(loginId)
}

const isBeingFetched = (list: Known, now: number): boolean => now - list.at < usable && now - list.fetchStartedAt < 5_000

async function fetchList(env: Pick<Env, 'DB'>, now: number): Promise<Known> {
  const before = known
  if (before !== undefined) before.fetchStartedAt = now
  try {
    const since = before === undefined ? 0 : before.latest - overlap
    const rows = await listRevocations(database(env.DB), { since, now })
    // The map is taken anew: this isolate may have revoked something while it waited.
    const current = known ?? { expiryByLogin: new Map<string, number>(), at: 0, fetchStartedAt: 0, latest: 0 }
    for (const row of rows) {
      current.expiryByLogin.set(row.loginId, row.expiresAt)
      current.latest = Math.max(current.latest, row.revokedAt)
    }
    for (const [loginId, expiresAt] of current.expiryByLogin) if (expiresAt <= now) current.expiryByLogin.delete(loginId)
    current.at = Math.max(current.at, now)
    known = current
    return current
  } catch (cause) {
    if (before !== undefined && now - before.at < usable) return before
    throw new AppError('unavailable', { cause })
  }
}
