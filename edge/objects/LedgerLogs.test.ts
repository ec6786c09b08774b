import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import type { AuditEntry } from '#shared/protocol/sapi/audit.ts'
import type { FailedLogin, LogPage, LogQuery } from '#edge/domain/ledger/login-failures.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import { edge } from './media-host/fixture/TestHost.ts'

const newLedger = () => edge.LEDGER.getByName(ledgerName(crypto.randomUUID(), '2026-11'))
const rule = { failures: 3, seconds: 10 }
const start = Date.UTC(2026, 10, 20, 12)

const failure = (at: number, changes: Partial<FailedLogin> = {}): FailedLogin => ({
  id: newId(),
  at: start + at,
  domainId: null,
  reason: 'wrongPassword',
  account: 'alice@a',
  userId: 'u',
  address: '192.0.2.1',
  ...changes,
})

/** All pages, of two each. */
async function all<Entry>(read: (query: LogQuery) => Promise<LogPage<Entry>>): Promise<Entry[]> {
  const entries: Entry[] = []
  let after: string | undefined
  do {
    const page = await read({ limit: 2, after })
    entries.push(...page.entries)
    after = page.cursor ?? undefined
  } while (after !== undefined)
  return entries
}

describe('failed logins', () => {
  it('are counted by hour and reason and kept one by one, each once, however often it is told', async () => {
    const ledger = newLedger()
    const options = { rule: { failures: 100, seconds: 1 }, before: [] }
    const told = [failure(0), failure(1000, { reason: 'unknownUser', userId: null }), failure(2000), failure(3_600_000)]
    for (const one of [...told, ...told]) expect(await ledger.loginFailed(one, options)).toBeNull()
    await evictDurableObject(ledger)
    const stats = await all((query) => ledger.loginStats(query))
    expect(stats.map(({ from, reason, count }) => [from - start, reason, count])).toEqual([
      [3_600_000, 'wrongPassword', 1],
      [0, 'unknownUser', 1],
      [0, 'wrongPassword', 2],
    ])
    expect(stats[0]).toMatchObject({ stat: 'Failed login', service: 'Login' })
    const kept = await all((query) => ledger.loginFailures(query))
    expect(kept.map(({ id }) => id)).toEqual(told.map(({ id }) => id).toReversed())
    expect(kept[0]).toEqual({
      id: told[3]?.id,
      at: start + 3_600_000,
      service: 'Login',
      reason: 'wrongPassword',
      account: 'alice@a',
      userId: 'u',
      address: '192.0.2.1',
    })
  })

  it('raise an alarm per account, once per window, with the same answer when told again', async () => {
    const ledger = newLedger()
    const options = { rule, before: [] }
    const told = [0, 1000, 2000, 3000].map((at) => failure(at))
    const answers = []
    for (const one of told) answers.push(await ledger.loginFailed(one, options))
    expect(answers.map((alarm) => alarm?.at)).toEqual([undefined, undefined, start + 2000, undefined])
    expect(answers[2]).toMatchObject({ id: told[2]?.id, account: 'alice@a', address: '192.0.2.1', failures: 3, seconds: 10 })
    for (const [index, one] of told.entries()) expect(await ledger.loginFailed(one, options)).toEqual(answers[index])
    for (const at of [1, 2]) expect(await ledger.loginFailed(failure(at, { account: 'bob@a' }), options)).toBeNull()
    expect(await all((query) => ledger.loginAlarms(query))).toEqual([answers[2]])
  })

  it('count with those of the month before', async () => {
    const ledger = newLedger()
    expect(await ledger.loginFailed(failure(0), { rule, before: [start - 9000, start - 5000] })).toMatchObject({ at: start })
    const previous = newLedger()
    for (const at of [0, 5000, 9000]) await previous.loginFailed(failure(at), { rule: { failures: 9, seconds: 1 }, before: [] })
    expect((await previous.failuresSince('alice@a', start + 5000)).toSorted()).toEqual([start + 5000, start + 9000])
    expect(await previous.failuresSince('bob@a', start)).toEqual([])
  })
})

describe('the audit log', () => {
  const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
    id: newId(),
    at: start,
    userId: 'u',
    username: 'admin@a',
    role: 'admin',
    loginId: 'l',
    address: null,
    traceId: 't',
    operation: 'createUser',
    target: '/sapi/users',
    status: null,
    finished: null,
    created: null,
    ...changes,
  })

  it('keeps what was begun, and its first outcome', async () => {
    const ledger = newLedger()
    const [lost, done] = [entry(), entry()]
    for (const one of [lost, done, done]) await ledger.beginAudit(one)
    await ledger.finishAudit({ id: done.id, status: 201, finished: start + 5, created: '/sapi/users/1' })
    await ledger.finishAudit({ id: done.id, status: 500, finished: start + 9, created: null })
    await evictDurableObject(ledger)
    expect(await all((query) => ledger.listAudit(query))).toEqual([
      { ...done, status: 201, finished: start + 5, created: '/sapi/users/1' },
      lost,
    ])
  })
})
