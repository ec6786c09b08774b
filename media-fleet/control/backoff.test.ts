import { describe, expect, it } from 'vitest'
import { backoffMs, linkBackoff } from './backoff.ts'

const at = (attempt: number, random: number) => backoffMs(attempt, { bounds: linkBackoff, random: () => random })

describe('backoffMs', () => {
  it('doubles from the first wait to the last', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((attempt) => at(attempt, 1))).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000])
  })

  it('draws the upper half at random', () => {
    expect([at(0, 0), at(0, 0.5), at(9, 0), at(9, 0.5)]).toEqual([25, 37.5, 1000, 1500])
  })

  it('stays at the bound however long the edge is away', () => {
    expect(at(100_000, 1)).toBe(2000)
  })
})
