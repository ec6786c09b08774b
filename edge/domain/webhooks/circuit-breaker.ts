import { z } from 'zod'
import type { Timestamp } from '#shared/time/clock.ts'

/**
 * Whether an endpoint is tried at all. What one endpoint does is nobody else's concern; this spares the
 * endpoint itself, and us, a stream of attempts that will fail.
 *
 *             5 failures in a row, or Retry-After
 *   closed ───────────────────────────────────────► open ◄──────────────┐
 *     ▲                                              │ its time is over │ fails: twice as long, to 5 min
 *     │                 succeeds                     ▼                  │
 *     └────────────────────────────────────────── halfOpen ─────────────┘
 *                                                 (one attempt)
 */
export const breakerSchema = z.discriminatedUnion('state', [
  /** `failures`: in a row. */
  z.object({ state: z.literal('closed'), failures: z.number().int() }),
  z.object({ state: z.literal('open'), until: z.number(), openings: z.number().int() }),
  z.object({ state: z.literal('halfOpen'), openings: z.number().int() }),
])
export type Breaker = Readonly<z.infer<typeof breakerSchema>>

export const newBreaker: Breaker = { state: 'closed', failures: 0 }

const threshold = 5
const firstPause = 15_000
const longestPause = 300_000

/** How many more attempts may start now. Half-open is one attempt, begun when none is under way. */
export function admit(breaker: Breaker, options: { inFlight: number; limit: number; now: Timestamp }): { breaker: Breaker; slots: number } {
  const { inFlight, limit, now } = options
  if (breaker.state === 'closed') return { breaker, slots: Math.max(0, limit - inFlight) }
  if (inFlight > 0) return { breaker, slots: 0 }
  if (breaker.state === 'halfOpen') return { breaker, slots: 1 }
  return breaker.until <= now ? { breaker: { state: 'halfOpen', openings: breaker.openings }, slots: 1 } : { breaker, slots: 0 }
}

/** @param options.pauseUntil What the endpoint itself asked for (`Retry-After`). */
export function failed(breaker: Breaker, options: { pauseUntil: Timestamp | null; now: Timestamp; random: () => number }): Breaker {
  const { pauseUntil, now } = options
  if (breaker.state === 'open') return pauseUntil === null ? breaker : { ...breaker, until: Math.max(breaker.until, pauseUntil) }
  const failures = breaker.state === 'closed' ? breaker.failures + 1 : threshold
  if (failures < threshold && pauseUntil === null) return { state: 'closed', failures }
  const openings = breaker.state === 'closed' ? 1 : breaker.openings + 1
  const pause = Math.min(longestPause, firstPause * 2 ** Math.min(openings - 1, 10))
  const until = pauseUntil ?? now + Math.round(pause * (0.75 + options.random() / 4))
  return { state: 'open', until, openings }
}
