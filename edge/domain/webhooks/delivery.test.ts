import { type Arbitrary, array, assert, constant, constantFrom, nat, oneof, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle, newEndpoint, admission } from './delivery.ts'
import type { Outcome } from './outcome.ts'
import { maxTries } from './retry-schedule.ts'
import { type Attempt, SimulatedEndpoint } from './testing/SimulatedEndpoint.ts'

const random = () => 0.5
const delivered: Outcome = { type: 'delivered' }
const failed: Outcome = { type: 'failed', pauseUntil: null }
const gone: Outcome = { type: 'gone' }

type Step =
  | { readonly do: 'accept'; readonly lane: string }
  | { readonly do: 'answer'; readonly outcome: 'delivered' | 'failed' | 'pause'; readonly pick: number }
  | { readonly do: 'sleep' }
  | { readonly do: 'restart' }

const lanes = ['room:a', 'room:b', 'user:c', 'domain:d', 'room:e', 'room:f']
const step: Arbitrary<Step> = oneof(
  { weight: 4, arbitrary: record({ do: constant('accept' as const), lane: constantFrom(...lanes) }) },
  {
    weight: 6,
    arbitrary: record({
      do: constant('answer' as const),
      outcome: constantFrom('delivered' as const, 'failed' as const, 'failed' as const, 'pause' as const),
      pick: nat(3),
    }),
  },
  { weight: 3, arbitrary: constant({ do: 'sleep' as const }) },
  { weight: 1, arbitrary: constant({ do: 'restart' as const }) },
)

function run(endpoint: SimulatedEndpoint, steps: readonly Step[]): void {
  for (const next of steps) {
    if (next.do === 'accept') endpoint.accept(next.lane)
    else if (next.do === 'restart') endpoint.restart()
    else if (next.do === 'sleep') endpoint.sleep()
    else {
      const attempt = endpoint.inFlight[next.pick % Math.max(1, endpoint.inFlight.length)]
      const outcome: Outcome =
        next.outcome === 'delivered' ? delivered : { type: 'failed', pauseUntil: next.outcome === 'pause' ? endpoint.now + 60_000 : null }
      if (attempt !== undefined) endpoint.answer(attempt.lane, outcome)
    }
    expect(new Set(endpoint.inFlight.map(({ lane }) => lane)).size).toBe(endpoint.inFlight.length)
    if (endpoint.endpoint.breaker.state === 'halfOpen') expect(endpoint.inFlight.length).toBeLessThanOrEqual(1)
  }
}

/** The consumer is well from now on. */
function drain(endpoint: SimulatedEndpoint): void {
  endpoint.pump()
  for (let turns = 0; !endpoint.isIdle && turns < 10_000; turns++) {
    for (const { lane } of endpoint.inFlight) endpoint.answer(lane, delivered)
    if (endpoint.inFlight.length === 0) endpoint.sleep()
  }
}

const ofLane = (attempts: readonly Attempt[], lane: string) => attempts.filter((attempt) => attempt.lane === lane).map(({ event }) => event)

describe('the delivery of events', () => {
  it('loses nothing, keeps the order of each lane and its own limits, whatever the consumer does', () => {
    assert(
      property(array(step, { maxLength: 300 }), (steps) => {
        const endpoint = new SimulatedEndpoint({ random })
        run(endpoint, steps)
        drain(endpoint)
        expect(endpoint.isIdle).toBe(true)
        expect(endpoint.delivered.length + endpoint.dead.length).toBe(endpoint.accepted)
        for (const lane of lanes) {
          // First attempts too: nothing is ever tried before what came ahead of it is done.
          const tried = [...new Set(ofLane(endpoint.attempts, lane))]
          expect(tried).toEqual(tried.toSorted((a, b) => a - b))
          const settled = [...endpoint.delivered, ...endpoint.dead].filter((attempt) => attempt.lane === lane).map(({ event }) => event)
          expect(settled.toSorted((a, b) => a - b)).toEqual(tried)
        }
        for (const { event } of endpoint.dead)
          expect(endpoint.attempts.filter((attempt) => attempt.event === event).length).toBeGreaterThanOrEqual(maxTries)
        expect(endpoint.busiest).toBeLessThanOrEqual(4)
      }),
      { numRuns: 500 },
    )
  })

  it('starts nothing before its time', () => {
    assert(
      property(array(step, { maxLength: 200 }), (steps) => {
        const endpoint = new SimulatedEndpoint({ random })
        let before = endpoint.endpoint.breaker
        for (const next of steps) {
          const count = endpoint.attempts.length
          run(endpoint, [next])
          const begun = endpoint.attempts.slice(count)
          if (before.state === 'open' && begun.length > 0 && next.do !== 'answer') expect(endpoint.now).toBeGreaterThanOrEqual(before.until)
          before = endpoint.endpoint.breaker
        }
      }),
    )
  })

  it('holds up only the lane whose event the consumer cannot take', () => {
    const endpoint = new SimulatedEndpoint({ random })
    for (let n = 0; n < 3; n++) endpoint.accept('room:poisoned')
    const answer = ({ lane, event }: Attempt) => endpoint.answer(lane, lane === 'room:poisoned' && event === 0 ? failed : delivered)
    for (let n = 0; n < 2000; n++) {
      endpoint.accept(`room:${n % 7}`)
      for (const attempt of endpoint.inFlight) answer(attempt)
      if (endpoint.inFlight.length === 0) endpoint.now += 1000
    }
    while (!endpoint.isIdle) {
      for (const attempt of endpoint.inFlight) answer(attempt)
      if (endpoint.inFlight.length === 0) endpoint.sleep()
    }
    expect(ofLane(endpoint.dead, 'room:poisoned')).toEqual([0])
    expect(ofLane(endpoint.delivered, 'room:poisoned')).toEqual([1, 2])
    expect(endpoint.delivered.length).toBe(2002)
  })

  it('tries one that is down ever more rarely, over three days, and then keeps its events for replay', () => {
    const endpoint = new SimulatedEndpoint({ random })
    endpoint.accept('room:a')
    while (!endpoint.isIdle) {
      for (const { lane } of endpoint.inFlight) endpoint.answer(lane, failed)
      endpoint.sleep()
    }
    expect(endpoint.attempts).toHaveLength(maxTries)
    const days = (endpoint.attempts.at(-1)?.at ?? 0) / 86_400_000
    expect(days).toBeGreaterThan(3)
    expect(days).toBeLessThan(4)
  })

  it('lets everything that waits go at once when one that was down is back', () => {
    const endpoint = new SimulatedEndpoint({ random })
    for (let n = 0; n < 40; n++) endpoint.accept(`room:${n}`)
    while (endpoint.now < 3_600_000) {
      for (const { lane } of endpoint.inFlight) endpoint.answer(lane, failed)
      if (!endpoint.sleep()) break
    }
    const back = endpoint.now
    drain(endpoint)
    expect(endpoint.delivered).toHaveLength(40)
    expect(endpoint.now - back).toBeLessThan(301_000)
  })

  it('sends nothing more to one that is gone', () => {
    const { endpoint, settlement } = settle(newEndpoint, { tries: 3, outcome: gone }, { now: 10, random })
    expect(settlement).toEqual({ type: 'waiting', tries: 3, dueAt: 10 })
    expect(endpoint.goneSince).toBe(10)
    expect(admission(endpoint, { inFlight: 0, now: 1e12 }).slots).toBe(0)
  })
})
