import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf, grantLease, LeasePool, type QuotaState, windowLength } from './request-lease.ts'

/** An isolate: its clock is off by so much, and its way to the object takes so long each way, from one time to the next. */
interface Isolate {
  readonly offset: number
  readonly delays: readonly (readonly [number, number])[]
}

interface Outcome {
  /** Requests that were let through, by the object's window. */
  readonly passed: Map<number, number>
  readonly refused: number
  readonly asked: number
}

/** Requests arrive at isolates at given times; each asks for leases as the edge does, with others in between. */
function simulate(
  limit: number,
  isolates: readonly Isolate[],
  arrivals: readonly { readonly at: number; readonly isolate: number }[],
): Outcome {
  let state: QuotaState | undefined
  const pools = isolates.map(() => new LeasePool())
  const asks = isolates.map(() => 0)
  const passed = new Map<number, number>()
  let [refused, asked] = [0, 0]
  const events: { at: number; run: () => void }[] = []
  const later = (at: number, run: () => void) => void events.push({ at, run })

  const request = (at: number, index: number, tries: number): void => {
    const [pool, isolate] = [pools[index], isolates[index]]
    if (pool === undefined || isolate === undefined) return
    const spending = pool.spend(at + isolate.offset)
    if (spending.kind === 'spent') {
      const window = Math.floor(at / windowLength)
      passed.set(window, (passed.get(window) ?? 0) + 1)
    } else if (spending.kind === 'refused' || tries === 0) refused++
    else {
      asked++
      const [there, back] = isolate.delays[(asks[index] = (asks[index] ?? 0) + 1) % isolate.delays.length] ?? [0, 0]
      later(at + there, () => {
        const granted = grantLease(state, { limit, want: blockOf(limit), now: at + there })
        state = granted.state
        later(at + there + back, () => {
          pool.add(granted.lease, { askedAt: at + isolate.offset, now: at + there + back + isolate.offset })
          request(at + there + back, index, tries - 1)
        })
      })
    }
  }

  for (const { at, isolate } of arrivals) later(at, () => request(at, isolate % isolates.length, 3))
  while (events.length > 0) {
    events.sort((a, b) => a.at - b.at)
    events.shift()?.run()
  }
  return { passed, refused, asked }
}

const delay = fc.integer({ min: 0, max: 3_000 })
const isolate = fc.record({
  offset: fc.integer({ min: -60_000, max: 60_000 }),
  delays: fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 5 }),
})
const arrivals = fc.array(fc.record({ at: fc.integer({ min: 1_000_000, max: 1_040_000 }), isolate: fc.nat(5) }), { maxLength: 250 })

describe('leases of requests', () => {
  it('let through at most the limit in every window, whatever the delays and whosever clock is off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(isolate, { minLength: 1, maxLength: 5 }),
        arrivals,
        (limit, isolates, requests) => {
          const { passed } = simulate(limit, isolates, requests)
          for (const count of passed.values()) expect(count).toBeLessThanOrEqual(limit)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('let everything through that one isolate sends within the limit', () => {
    const near = { offset: 12_345, delays: [[1, 1]] as const }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (limit, count) => {
        const requests = Array.from({ length: count }, (_, index) => ({ at: 1_000_000 + index * 10, isolate: 0 }))
        const { passed, refused } = simulate(limit, [near], requests)
        const total = [...passed.values()].reduce((sum, n) => sum + n, 0)
        expect(total).toBe(Math.min(count, limit))
        expect(refused).toBe(count - total)
      }),
      { numRuns: 300 },
    )
  })

  it('ask the object for a small part of the requests, and once for all those beyond the limit', () => {
    const requests = Array.from({ length: 5_000 }, (_, index) => ({ at: 1_000_000 + index, isolate: 0 }))
    const { passed, asked } = simulate(1_000, [{ offset: 0, delays: [[0, 0]] }], requests)
    expect([...passed.values()]).toEqual([1_000])
    expect(asked).toBeLessThan(35)
  })

  it('say when the window ends', () => {
    const pool = new LeasePool()
    expect(pool.spend(5_000)).toEqual({ kind: 'ask' })
    pool.add(grantLease({ window: 0, granted: 10 }, { limit: 10, want: 5, now: 4_000 }).lease, { askedAt: 5_000, now: 5_001 })
    expect(pool.spend(5_001)).toEqual({ kind: 'refused', retryAfter: 5_999 })
    expect(pool.spend(11_000)).toEqual({ kind: 'ask' })
  })

  it('are granted by a clock that goes back as in the window that it had reached', () => {
    const { state } = grantLease(undefined, { limit: 4, want: 4, now: 25_000 })
    expect(state).toEqual({ window: 2, granted: 2 })
    expect(grantLease(state, { limit: 4, want: 4, now: 15_000 }).state).toEqual({ window: 2, granted: 3 })
  })
})
