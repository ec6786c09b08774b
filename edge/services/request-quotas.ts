import { AppError } from '#shared/errors/AppError.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { quotaName } from '#edge/domain/object-names.ts'
import { type DomainQuota, quotasOf } from '#edge/domain/quotas/domain-quotas.ts'
import { blockOf, LeasePool } from '#edge/domain/quotas/request-lease.ts'
import type { Env } from '#edge/env.ts'
import { cachedChain, deploymentSettings, type DirectoryEnv } from './directory.ts'
import { quota } from './stubs.ts'
import { TtlCache } from '#edge/TtlCache.ts'

type QuotasEnv = DirectoryEnv & Pick<Env, 'QUOTA'>

/** A pool that is forgotten loses what it held; the tenant gets that much less in this window. */
const pools = new TtlCache<LeasePool>({ capacity: 20_000 })
const keepPool = 3_600_000
/** A lease may be used up, or its window over, by the time that it arrives. */
const mostAsked = 4

export function forgetQuotas(): void {
  pools.clear()
}

/**
 * Counts a request against the quotas of its caller's domain (OPS-1), exactly. Without any, nobody is asked.
 * @throws AppError `rateLimited`, or `unavailable` where it cannot be known.
 */
export async function spendRequest(
  env: QuotasEnv,
  { domainId }: { domainId: string },
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<void> {
  const chain = await chainOf(env, domainId)
  for (const of of quotasOf('requestsPer10s', { deployment: deploymentSettings(env), chain })) await spend(env, of, clock)
}

/** A domain that is gone has no quota; what its tokens are still good for is not decided here. */
async function chainOf(env: QuotasEnv, domainId: string): Promise<readonly DomainRow[]> {
  try {
    return await cachedChain(env, domainId)
  } catch (thrown) {
    if (AppError.from(thrown).code === 'notFound') return []
    throw thrown
  }
}

async function spend(env: QuotasEnv, { node, limit }: DomainQuota<DomainRow>, clock: Clock): Promise<void> {
  const pool = poolOf(node.id, limit)
  for (let asked = 0; ; asked++) {
    const spending = pool.spend(clock.now())
    if (spending.kind === 'spent') return
    if (spending.kind === 'refused' || asked === mostAsked) {
      const wait = spending.kind === 'refused' ? spending.retryAfter : 0
      throw new AppError('rateLimited', { context: { retryAfter: Math.max(1, Math.ceil(wait / 1000)) } })
    }
    const askedAt = clock.now()
    const lease = await ask(env, node, limit)
    pool.add(lease, { askedAt, now: clock.now() })
  }
}

async function ask(env: QuotasEnv, { id, jurisdiction }: DomainRow, limit: number) {
  try {
    return await quota(env, quotaName(id), jurisdiction === null ? {} : { jurisdiction }).lease({ limit, want: blockOf(limit) })
  } catch (cause) {
    throw new AppError('unavailable', { cause })
  }
}

/** Leave that was granted under another limit is of no use. */
function poolOf(domainId: string, limit: number): LeasePool {
  const key = `${domainId} ${limit}`
  const kept = pools.get(key)
  if (kept !== undefined) return kept
  const pool = new LeasePool()
  pools.set(key, pool, keepPool)
  return pool
}
