import { AppError } from '#shared/errors/AppError.ts'
import { database } from '#edge/db/d1/database.ts'
import { listHookTargets } from '#edge/db/d1/webhooks.ts'
import { type HookTarget, mayHear, takes } from '#edge/domain/webhooks/routing.ts'
import type { QueuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import type { Env } from '#edge/env.ts'
import { cachedChain } from './directory.ts'
import { webhook } from './stubs.ts'
import { TtlCache } from '#edge/TtlCache.ts'

/** Endpoints of a domain as of at most this long ago, in milliseconds. */
const keptFor = 30_000

const kept = new TtlCache<readonly HookTarget[]>({ capacity: 5_000 })

/** For tests, and after an endpoint was changed in this isolate. */
export function forgetHookTargets(): void {
  kept.clear()
}

type TargetsEnv = Pick<Env, 'DB' | 'RINGWAY_SETTINGS' | 'WEBHOOK'>

/** Where events go, for those who have some. */
export interface HookTargets {
  /** Whether nobody wants to hear of the domain, as far as is known here already: then an event need not be written down. */
  isKnownToHaveNone(domainId: string): boolean
  of(domainId: string): Promise<readonly HookTarget[]>
  /** Resolves once the endpoint's object has committed what it takes of these. */
  hand(target: HookTarget, events: readonly QueuedEvent[]): Promise<void>
}

export const hookTargets = (env: TargetsEnv): HookTargets => ({
  isKnownToHaveNone: (domainId) => kept.get(domainId)?.length === 0,

  async of(domainId) {
    const known = kept.get(domainId)
    if (known !== undefined) return known
    const found = await targetsUnder(env, domainId)
    kept.set(domainId, found, keptFor)
    return found
  },

  async hand(target, events) {
    const taken = events.filter(({ type }) => takes(target, type))
    if (taken.length > 0) await webhook(env, target).accept(taken)
  },
})

/** A domain that is gone has no endpoints any more. */
async function targetsUnder(env: TargetsEnv, domainId: string): Promise<readonly HookTarget[]> {
  try {
    const chain = await cachedChain(env, domainId)
    const jurisdiction = chain.at(-1)?.jurisdiction ?? null
    const found = await listHookTargets(
      database(env.DB),
      chain.map(({ id }) => id),
    )
    return found.filter((target) => mayHear(target, { domainId, jurisdiction }))
  } catch (error) {
    if (AppError.from(error).code === 'notFound') return []
    throw error
  }
}
