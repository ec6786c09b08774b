import { describe, expect, it } from 'vitest'
import { afterReport, type BandwidthState, currentCap, type LossReport, startBandwidth, withInitial } from './bandwidth-rule.ts'

const of = (lossPercent: number): LossReport => ({ received: 1000 - lossPercent * 10, lost: lossPercent * 10 })
const after = (state: BandwidthState, ...reports: LossReport[]) => reports.reduce(afterReport, state)
const times = (count: number, report: LossReport) => Array.from({ length: count }, () => report)

const start = startBandwidth(1_500_000)
const lossy = of(20)
const clean = of(0)

describe('bandwidth rule', () => {
  it('starts at the cap', () => {
    expect(currentCap(start)).toBe(1_500_000)
  })

  it('is cut by a third of the initial on loss, down to one third and no lower', () => {
    const caps = [1, 2, 3, 4, 5, 6, 7, 8].map((count) => currentCap(after(start, ...times(count, lossy))))
    expect(caps).toEqual([1_500_000, 1_000_000, 1_000_000, 500_000, 500_000, 500_000, 500_000, 500_000])
  })

  it('goes up by the same step after a clean interval, and no higher than the initial', () => {
    const low = after(start, ...times(4, lossy))
    const caps = [4, 5, 9, 10, 15, 40].map((count) => currentCap(after(low, ...times(count, clean))))
    expect(caps).toEqual([500_000, 1_000_000, 1_000_000, 1_500_000, 1_500_000, 1_500_000])
  })

  it('needs consecutive reports either way', () => {
    expect(currentCap(after(start, lossy, clean, lossy, clean, lossy, of(5), lossy))).toBe(1_500_000)
    const low = after(start, lossy, lossy)
    expect(currentCap(after(low, ...times(4, clean), of(5), ...times(4, clean), lossy, ...times(4, clean)))).toBe(1_000_000)
  })

  it('holds between the two thresholds, themselves included', () => {
    const low = after(start, lossy, lossy)
    for (const percent of [2, 5, 10]) expect(currentCap(after(low, ...times(20, of(percent))))).toBe(1_000_000)
  })

  it('learns nothing from a source that hardly sends', () => {
    expect(after(start, ...times(10, { received: 0, lost: 0 }), ...times(10, { received: 1, lost: 18 }))).toEqual(start)
  })

  it('keeps its thirds under another initial cap', () => {
    expect(currentCap(withInitial(after(start, lossy, lossy), 300_000))).toBe(200_000)
  })
})
