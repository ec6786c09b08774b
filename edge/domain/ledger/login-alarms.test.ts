import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alarmDue } from './login-alarms.ts'

const rule = { failures: 5, seconds: 10 }
const seconds = (...values: number[]) => values.map((value) => value * 1000)

/** Tells the failures one by one, in the order given; the alarms that they raise. */
function raised(times: readonly number[], by = rule): number[] {
  const failures: number[] = []
  const alarms: number[] = []
  for (const at of times) {
    failures.push(at)
    const alarm = alarmDue(by, at, { failures, alarms })
    if (alarm !== undefined) alarms.push(alarm)
  }
  return alarms
}

describe('alarmDue', () => {
  it('comes with the fifth failure in less than ten seconds', () => {
    expect(raised(seconds(0, 1, 2, 3))).toEqual([])
    expect(raised(seconds(0, 1, 2, 3, 4))).toEqual([4000])
    expect(raised([0, 1000, 2000, 3000, 9999])).toEqual([9999])
    expect(raised(seconds(0, 1, 2, 3, 10))).toEqual([])
  })

  it('comes once per window, and again where it goes on', () => {
    expect(raised(seconds(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))).toEqual(seconds(4))
    expect(raised(Array.from({ length: 31 }, (_, index) => index * 1000))).toEqual(seconds(4, 14, 24))
  })

  it('comes for every single failure where one is enough, once per window', () => {
    expect(raised(seconds(0, 5, 10, 31), { failures: 1, seconds: 10 })).toEqual(seconds(0, 10, 31))
  })

  const times = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 40 })
  const rules = fc.record({ failures: fc.integer({ min: 1, max: 6 }), seconds: fc.integer({ min: 1, max: 20 }) })

  it('comes exactly where there was such a group, in whatever order the failures become known', () => {
    fc.assert(
      fc.property(times, rules, (unordered, by) => {
        const ordered = unordered.toSorted((a, b) => a - b)
        const isGroup = ordered.some((at, index) => {
          const end = ordered[index + by.failures - 1]
          return end !== undefined && end - at < by.seconds * 1000
        })
        expect(raised(unordered, by).length > 0).toBe(isGroup)
      }),
      { numRuns: 1_000 },
    )
  })

  it('comes at most once in any window', () => {
    fc.assert(
      fc.property(times, rules, (unordered, by) => {
        const alarms = raised(unordered, by).toSorted((a, b) => a - b)
        for (const [index, at] of alarms.slice(1).entries()) expect(at - (alarms[index] ?? 0)).toBeGreaterThanOrEqual(by.seconds * 1000)
      }),
      { numRuns: 1_000 },
    )
  })
})
