import { expect, it } from 'vitest'
import { day, nextPurge } from './retention.ts'

it.each([
  ['without records', undefined, undefined],
  ['what is due in three days', -7 * day, 3 * day],
  ['what is due at once, but not at once again', -20 * day, 3_600_000],
  ['what is due in a month, but in a week', 20 * day, 7 * day],
])('%s', (_, oldest, expected) => {
  const now = 1_795_000_000_000
  const next = nextPurge({ oldest: oldest === undefined ? undefined : now + oldest, keep: 10 * day, now })
  expect(next).toBe(expected === undefined ? undefined : now + expected)
})
