import { z } from 'zod'
import type { Timestamp } from '#shared/time/clock.ts'
import { admit, breakerSchema, failed, newBreaker } from './circuit-breaker.ts'
import type { Outcome } from './outcome.ts'
import { pauseAfter } from './retry-schedule.ts'

/**
 * How one endpoint gets its events. Events of one lane (a room, a user, a domain) go one after the other,
 * lanes beside one another; an event that fails holds up its own lane only.
 *
 *   event:  waiting ──2xx──► delivered ──7 days──► (gone)
 *            │  ▲ └──the schedule has ended──► dead ──7 days──► (gone)
 *            │  └──────────────replay, from any state──────┘
 *            └──fails──► waiting, its lane due after a pause
 *
 *   endpoint:  active ──410, or an admin──► disabled ──an admin──► active
 *                                          (takes events into its log, sends none)
 */
export const endpointSchema = z.object({
  breaker: breakerSchema,
  /** Set by a 410 only; what an admin sets is configuration. */
  goneSince: z.number().nullable(),
})
export type Endpoint = Readonly<z.infer<typeof endpointSchema>>

export const newEndpoint: Endpoint = { breaker: newBreaker, goneSince: null }

/** Attempts under way at once per endpoint: the platform opens at most six connections. */
const concurrency = 4

/** How many lanes may start now. `probe`: the one attempt that decides, best made with what has failed least. */
export function admission(
  endpoint: Endpoint,
  options: { inFlight: number; now: Timestamp },
): { endpoint: Endpoint; slots: number; probe: boolean } {
  if (endpoint.goneSince !== null) return { endpoint, slots: 0, probe: false }
  const { breaker, slots } = admit(endpoint.breaker, { ...options, limit: concurrency })
  return { endpoint: breaker === endpoint.breaker ? endpoint : { ...endpoint, breaker }, slots, probe: breaker.state === 'halfOpen' }
}

/** When a lane that is due may start; null: not by itself. */
export function opensAt(endpoint: Endpoint, now: Timestamp): Timestamp | null {
  if (endpoint.goneSince !== null) return null
  return endpoint.breaker.state === 'open' ? Math.max(now, endpoint.breaker.until) : now
}

/** What follows for the event that was tried and for its lane. */
export type Settlement =
  | { readonly type: 'delivered' }
  | { readonly type: 'dead' }
  | { readonly type: 'waiting'; readonly tries: number; readonly dueAt: Timestamp }

/**
 * @param attempt.tries How often the event had been tried before, by the schedule.
 * @returns `recovered`: the endpoint works again, so nothing need wait any longer.
 */
export function settle(
  endpoint: Endpoint,
  attempt: { tries: number; outcome: Outcome },
  context: { now: Timestamp; random: () => number },
): { endpoint: Endpoint; settlement: Settlement; recovered: boolean } {
  const { outcome } = attempt
  const { now, random } = context
  if (outcome.type === 'delivered') {
    const { breaker } = endpoint
    const isUnharmed = breaker.state === 'closed' && breaker.failures === 0
    const recovered = breaker.state !== 'closed'
    return { endpoint: isUnharmed ? endpoint : { ...endpoint, breaker: newBreaker }, settlement: { type: 'delivered' }, recovered }
  }
  if (outcome.type === 'gone') {
    const settlement = { type: 'waiting', tries: attempt.tries, dueAt: now } as const
    return { endpoint: { ...endpoint, goneSince: endpoint.goneSince ?? now }, settlement, recovered: false }
  }
  const { pauseUntil } = outcome
  const breaker = failed(endpoint.breaker, { pauseUntil, now, random })
  const tries = attempt.tries + 1
  const pause = pauseAfter(tries, random)
  const settlement: Settlement =
    pause === undefined ? { type: 'dead' } : { type: 'waiting', tries, dueAt: Math.max(now + pause, pauseUntil ?? 0) }
  return { endpoint: { ...endpoint, breaker }, settlement, recovered: false }
}
