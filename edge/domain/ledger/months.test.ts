import { expect, it } from 'vitest'
import { monthsOf, rangeOf } from './months.ts'

const at = (text: string) => Date.parse(text)

it.each([
  ['2026-11-20T00:00Z', '2026-11-21T00:00Z', ['2026-11']],
  ['2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00.001Z', ['2026-12', '2026-11']],
  ['2026-11-01T00:00Z', '2026-12-01T00:00Z', ['2026-11']],
  ['2025-12-31T00:00Z', '2026-03-01T00:00:01Z', ['2026-03', '2026-02', '2026-01', '2025-12']],
  ['2026-11-20T00:00Z', '2026-11-20T00:00Z', []],
  ['2026-11-20T00:00Z', '2026-11-19T00:00Z', []],
])('from %s to %s', (from, to, months) => {
  expect(monthsOf({ from: at(from), to: at(to) })).toEqual(months)
})

it.each(['2026-01', '2026-02', '2028-02', '2026-12'])('%s is one month', (month) => {
  expect(monthsOf(rangeOf(month))).toEqual([month])
  const { from, to } = rangeOf(month)
  expect(monthsOf({ from: from - 1, to: to + 1 })).toHaveLength(3)
})
