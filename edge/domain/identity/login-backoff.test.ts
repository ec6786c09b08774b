import { describe, expect, it } from 'vitest'
import { backoffKeys, backoffRules, nextAttemptAt } from './login-backoff.ts'

const { free, longest } = backoffRules.pair
const attempt = { account: 'a@b', address: '192.0.2.1', known: false }
const kinds = (keys: readonly { kind: string }[]) => keys.map(({ kind }) => kind)

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
  it('counts by account and network, each alone and together', () => {
    const keys = backoffKeys(attempt)
    expect(kinds(keys)).toEqual(['pair', 'account', 'address'])
    expect(new Set(keys.map(({ key }) => key)).size).toBe(3)
  })

  it('takes a /64 for one network', () => {
    const keys = (address: string) => backoffKeys({ ...attempt, address })
    expect(keys('2001:db8:1:2:3:4:5:6')).toEqual(keys('2001:db8:1:2:9:9:9:9'))
    expect(keys('2001:db8:1:2:3:4:5:6')).not.toEqual(keys('2001:db8:1:3:3:4:5:6'))
  })

  it('counts an account from a network that it knows by that alone', () => {
    expect(kinds(backoffKeys({ ...attempt, known: true }))).toEqual(['pair'])
  })

  it('counts by account where addresses tell nothing', () => {
    expect(kinds(backoffKeys({ ...attempt, address: undefined }))).toEqual(['pair', 'account'])
    expect(kinds(backoffKeys({ ...attempt, address: '127.0.0.1' }))).toEqual(['pair', 'account'])
  })
})
