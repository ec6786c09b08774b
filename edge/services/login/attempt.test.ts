import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { Logger } from '#shared/log/logger.ts'
import { removeExpired } from '#edge/db/d1/expiry.ts'
import { database } from '#edge/db/d1/database.ts'
import { parseAddress } from '#edge/domain/entry/addresses.ts'
import { backoffRules, knownFor } from '#edge/domain/identity/login-backoff.ts'
import { env, startAnew } from '#edge/routes/testing/api.ts'
import type { Scope } from '../scope.ts'
import { beginAttempt } from './attempt.ts'

/** Failures of AUTH-4 on the real database, at times that the tests choose. */

let now = 0
const scope: Scope = {
  env,
  db: database(env.DB),
  clock: { now: () => now },
  logger: new Logger({ sink: () => {}, level: 'error' }),
  // What becomes of the failures that were noted has tests of its own.
  defer: (task) => void task.catch(() => {}),
}

beforeEach(async () => {
  await startAnew()
  now = Date.UTC(2026, 10, 20, 12)
})

/** One guess or one right password. False: it was held back unseen. */
async function attempt(by: { account: string; address: string; right: boolean }): Promise<boolean> {
  try {
    const begun = await beginAttempt(scope, { ...by, address: parseAddress(by.address) })
    await (by.right ? begun.succeeded() : begun.failed({ reason: 'wrongPassword' }))
    return true
  } catch (thrown) {
    expect(AppError.from(thrown).code).toBe('rateLimited')
    return false
  }
}

const forget = () => env.DB.batch(['login_failures', 'known_networks'].map((table) => env.DB.prepare(`delete from ${table}`)))

const minute = 60_000
/** Most guesses that a rule lets pass in a time, from a state without failures: the free ones, then one per pause. */
function mostIn(kind: keyof typeof backoffRules, time: number): number {
  const { free, first, longest } = backoffRules[kind]
  let passed: number = free
  for (let [at, pause] = [first as number, first as number]; at <= time; at += pause) {
    passed++
    pause = Math.min(pause * 2, longest)
  }
  return passed
}

const steps = fc.array(
  fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), from: fc.integer({ min: 0, max: 6 }), on: fc.integer({ min: 0, max: 6 }) }),
  {
    minLength: 50,
    maxLength: 70,
  },
)

/** Each step goes to the database: a failure is told as it is, not made smaller. */
const options = { numRuns: 2, endOnFailure: true } as const

describe('guessing', () => {
  it('one account from many networks is bounded in any time', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (guesses) => {
        await forget()
        const start = now
        let passed = 0
        for (const { wait, from } of guesses) {
          now += wait
          if (await attempt({ account: 'a@default', address: `192.0.2.${from}`, right: false })) passed++
        }
        expect(passed).toBeLessThanOrEqual(mostIn('account', now - start))
      }),
      options,
    )
  })

  it('one password on many accounts from one network is bounded in any time', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (guesses) => {
        await forget()
        const start = now
        let passed = 0
        for (const [index, { wait, from }] of guesses.entries()) {
          now += Math.floor(wait / 20)
          if (await attempt({ account: `user${index}@default`, address: `2001:db8::${from}`, right: false })) passed++
        }
        expect(passed).toBeLessThanOrEqual(mostIn('address', now - start))
      }),
      options,
    )
  })

  it('at the same moment passes no more than one after the other', async () => {
    const guesses = Array.from({ length: 40 }, (_, index) => attempt({ account: 'a@default', address: `192.0.2.${index}`, right: false }))
    expect((await Promise.all(guesses)).filter(Boolean)).toHaveLength(backoffRules.account.free)
    now += 16 * minute
    const sprayed = Array.from({ length: 80 }, (_, index) => attempt({ account: `u${index}@default`, address: '192.0.2.99', right: false }))
    expect((await Promise.all(sprayed)).filter(Boolean)).toHaveLength(backoffRules.address.free)
  })
})

describe("an account's owner", () => {
  it('gets in from a network that the account knows, whatever is guessed elsewhere and whoever is annoyed nearby', async () => {
    const owner = { account: 'a@default', address: '203.0.113.5', right: true }
    await fc.assert(
      fc.asyncProperty(steps, async (guesses) => {
        await forget()
        expect(await attempt(owner)).toBe(true)
        for (const { wait, from, on } of guesses) {
          now += Math.floor(wait / 10)
          // Others guess this account, from elsewhere, and other accounts, from the owner's own network.
          await attempt({ account: 'a@default', address: `192.0.2.${from}`, right: false })
          await attempt({ account: `other${on}@default`, address: owner.address, right: false })
        }
        expect(await attempt(owner)).toBe(true)
      }),
      options,
    )
  })

  it('is known for a month, within the same /64', async () => {
    const guessAll = async () => {
      for (let index = 0; index < 40; index++) await attempt({ account: 'a@default', address: `192.0.2.${index}`, right: false })
    }
    expect(await attempt({ account: 'a@default', address: '2001:db8:1:2:3:4:5:6', right: true })).toBe(true)
    await guessAll()
    expect(await attempt({ account: 'a@default', address: '2001:db8:1:3::1', right: true })).toBe(false)
    expect(await attempt({ account: 'a@default', address: '2001:db8:1:2::9', right: true })).toBe(true)
    now += knownFor + minute
    await removeExpired(scope.db, now)
    expect(await env.DB.prepare('select count(*) as n from known_networks').first()).toEqual({ n: 0 })
    await guessAll()
    expect(await attempt({ account: 'a@default', address: '2001:db8:1:2::9', right: true })).toBe(false)
  })

  it('is held back for a while after many wrong passwords of its own, and not for ever', async () => {
    const own = { account: 'a@default', address: '203.0.113.5' }
    expect(await attempt({ ...own, right: true })).toBe(true)
    for (let index = 0; index < 30; index++) await attempt({ ...own, right: false })
    expect(await attempt({ ...own, right: true })).toBe(false)
    now += backoffRules.pair.longest
    expect(await attempt({ ...own, right: true })).toBe(true)
    expect(await attempt({ ...own, right: true })).toBe(true)
  })
})

describe('an attempt that one rule holds back', () => {
  it('counts against no other', async () => {
    const count = async (key: string) =>
      (await env.DB.prepare('select failures from login_failures where key = ?').bind(key).first<{ failures: number }>())?.failures
    for (let index = 0; index < 25; index++) await attempt({ account: 'a@default', address: '192.0.2.1', right: false })
    const { free } = backoffRules.pair
    expect(await count('pair a@default 192.0.2.1')).toBe(free)
    expect(await count('account a@default')).toBe(free)
    expect(await count('address 192.0.2.1')).toBe(free)
  })
})
