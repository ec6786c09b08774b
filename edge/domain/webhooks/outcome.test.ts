import { expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'

const now = Date.parse('2026-11-20T10:00:00Z')
const pauseOf = (status: number, retryAfter: string | null) => {
  const outcome = outcomeOf({ status, retryAfter }, now)
  return outcome.type === 'failed' && outcome.pauseUntil !== null ? outcome.pauseUntil - now : outcome.type
}

it.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [301, 'failed'],
  [400, 'failed'],
  [404, 'failed'],
  [410, 'gone'],
  [500, 'failed'],
  [503, 'failed'],
])('takes %i for %s', (status, type) => {
  expect(pauseOf(status, null)).toBe(type)
})

it.each([
  [429, '120', 120_000],
  [503, 'Fri, 20 Nov 2026 10:05:00 GMT', 300_000],
  [503, '99999999', 24 * 3_600_000],
  [503, 'Fri, 20 Nov 2026 09:00:00 GMT', 'failed'],
  [503, 'soon', 'failed'],
  [503, '-1', 'failed'],
  [500, '120', 'failed'],
])('%i with Retry-After: %s waits %s', (status, retryAfter, wait) => {
  expect(pauseOf(status, retryAfter)).toBe(wait)
})
