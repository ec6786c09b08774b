import { describe, expect, it } from 'vitest'
import { backoffKeys, backoffRules, nextAttemptAt } from './login-backoff.ts'

const { free, longest } = backoffRules.pair

describe('nextAttemptAt', () => {
  it('lets the first failures pass without a pause', () => {
    expect(nextAttemptAt('pair', { failures: free - 1, lastFailureAt: 1000 })).toBe(0)
  })

  it('doubles the pause up to the longest', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 50].map((more) => nextAttemptAt('pair', { failures: free + more, lastFailureAt: 0 }))
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, longest, longest])
  })
})

describe('backoffKeys', () => {
  it('counts by account and address, each alone and together', () => {
    const keys = backoffKeys({ account: 'a@b', address: '192.0.2.1' })
    expect(keys.map(({ kind }) => kind)).toEqual(['pair', 'account', 'address'])
    expect(new Set(keys.map(({ key }) => key)).size).toBe(3)
  })

  it('counts by account where the address is not known', () => {
    expect(backoffKeys({ account: 'a@b', address: undefined })).toEqual([{ kind: 'pair', key: 'pair a@b' }])
  })
})
