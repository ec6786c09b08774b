import { expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { timeOf } from './call-time.ts'

it('tells when an id was made, of ids that do', () => {
  const before = Date.now()
  expect(timeOf(newId())).toBeGreaterThanOrEqual(before)
  expect(timeOf('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.parse('2022-02-22T19:22:22Z'))
  expect(timeOf(crypto.randomUUID())).toBeUndefined()
  expect(timeOf('x')).toBeUndefined()
})
