import { expect, test } from 'vitest'
import { defaultTiming, reconnectDelay } from './timing.ts'

test('the first reconnection comes within 50 to 100 ms, and later ones are spread over half their range', () => {
  const range = (attempt: number) => [reconnectDelay(attempt, defaultTiming, () => 0), reconnectDelay(attempt, defaultTiming, () => 1)]
  expect(range(0)).toEqual([50, 100])
  expect(range(1)).toEqual([100, 200])
  expect(range(4)).toEqual([800, 1600])
  expect(range(30)).toEqual([2500, 5000])
  expect(range(5000)).toEqual([2500, 5000])
})
