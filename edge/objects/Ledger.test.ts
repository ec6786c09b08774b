import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { CallTable } from '#edge/db/objects/CallTable.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import { edge } from './media-host/fixture/TestHost.ts'

/** A domain that there is not, and so keeps no records for long. */
const whose = { domainId: crypto.randomUUID() }
const newLedger = () => edge.LEDGER.getByName(ledgerName(crypto.randomUUID(), '2026-11'))

function call(endedAt: number, changes: Partial<CallRecord> = {}): CallRecord {
  const domainId = crypto.randomUUID()
  return {
    callId: crypto.randomUUID(),
    roomId: 'room',
    domainId,
    kind: 'call',
    createdAt: endedAt - 60_000,
    endedAt,
    endReason: 'empty',
    participants: [
      { participantId: 'p', userId: 'u', domainId, username: 'alice@example', joinedAt: endedAt - 60_000, leftAt: endedAt, reason: 'left' },
    ],
    invites: [],
    ...changes,
  }
}

describe('the ledger', () => {
  it('keeps a record once, however often it is told', async () => {
    const ledger = newLedger()
    const record = call(1000)
    await ledger.record(record, whose)
    await Promise.all([ledger.record(record, whose), ledger.record({ ...record, endReason: 'ended' }, whose)])
    expect(await ledger.list({ limit: 10 })).toEqual({ records: [record], cursor: null })
  })

  it('lists newest first, page by page, each call once', async () => {
    const ledger = newLedger()
    const records = [5, 3, 9, 9, 9, 1, 7, 3].map((at) => call(at * 1000))
    for (const record of records) await ledger.record(record, whose)
    const seen: CallRecord[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: { readonly records: readonly CallRecord[]; readonly cursor: string | null } = await ledger.list({
        limit: 3,
        ...(cursor === null ? {} : { cursor }),
      })
      seen.push(...page.records)
      cursor = page.cursor
      pages++
    } while (cursor !== null)
    expect(pages).toBe(3)
    expect(seen.map(({ endedAt }) => endedAt / 1000)).toEqual([9, 9, 9, 7, 5, 3, 3, 1])
    expect(new Set(seen.map(({ callId }) => callId)).size).toBe(8)
  })

  it('lists what ended in a range, its end excluded', async () => {
    const ledger = newLedger()
    for (const at of [1, 2, 3, 4]) await ledger.record(call(at), whose)
    const { records, cursor } = await ledger.list({ from: 2, to: 4, limit: 2 })
    expect(records.map(({ endedAt }) => endedAt)).toEqual([3, 2])
    expect(cursor).toBeNull()
  })

  it('keeps its records across evictions', async () => {
    const ledger = newLedger()
    const record = call(1000)
    await ledger.record(record, whose)
    await evictDurableObject(ledger)
    expect((await ledger.list({ limit: 1 })).records).toEqual([record])
  })

  it('knows of a participant of another domain what the record says', async () => {
    const ledger = newLedger()
    const record = call(1000)
    const guest = {
      participantId: 'g',
      userId: 'u2',
      domainId: crypto.randomUUID(),
      username: 'bob@other',
      joinedAt: 1,
      leftAt: 2,
      reason: 'left' as const,
    }
    await ledger.record({ ...record, participants: [...record.participants, Object.assign({ email: 'bob@other.example' }, guest)] }, whose)
    expect((await ledger.list({ limit: 1 })).records[0]?.participants[1]).toEqual(guest)
  })

  const of = (endedAt: number, ...userIds: string[]): CallRecord => {
    const record = call(endedAt)
    const [participant] = record.participants
    if (participant === undefined) throw new TypeError('Somebody was there')
    return { ...record, participants: userIds.map((userId) => ({ ...participant, participantId: crypto.randomUUID(), userId })) }
  }

  it('lists the calls of one user, page by page, those that only rang it too', async () => {
    const ledger = newLedger()
    const rung = {
      ...{ inviteId: 'i', from: 'p', createdAt: 1, endedAt: 2, outcome: 'timeout' as const },
      to: { userId: 'bob', domainId: 'd', username: 'bob@d' },
    }
    const records = [of(1, 'alice', 'bob'), of(2, 'alice'), of(3, 'alice', 'alice', 'carol'), { ...of(4, 'carol'), invites: [rung, rung] }]
    for (const record of records) await ledger.record(record, whose)
    const times = async (userId: string, options = {}) =>
      (await ledger.list({ userId, limit: 10, ...options })).records.map(({ endedAt }) => endedAt)
    expect(await times('alice')).toEqual([3, 2, 1])
    expect(await times('bob')).toEqual([4, 1])
    expect(await times('dora')).toEqual([])
    expect(await times('alice', { from: 2, to: 3 })).toEqual([2])
    const { cursor } = await ledger.list({ userId: 'alice', limit: 2 })
    expect(await times('alice', { cursor })).toEqual([1])
    expect(await ledger.find(records[1]?.callId ?? '')).toEqual(records[1])
    expect(await ledger.find(crypto.randomUUID())).toBeNull()
  })

  it('knows the users of what was recorded before it told them apart', async () => {
    const ledger = newLedger()
    const record = of(1, 'alice')
    await ledger.record(record, whose)
    await runInDurableObject(ledger, (_, { storage }) => {
      storage.sql.exec("DROP TABLE call_users; UPDATE store_versions SET version = 1 WHERE store = 'calls'")
      expect(new CallTable(storage).newestFirst({ from: 0, to: 9, userId: 'alice', limit: 9 })).toEqual([record])
    })
  })

  it('forgets all calls once their domain is gone', async () => {
    const ledger = newLedger()
    await ledger.record(of(1, 'alice'), whose)
    await runInDurableObject(ledger, (_, { storage }) => storage.sql.exec('UPDATE alarms SET at = 0').toArray())
    await runDurableObjectAlarm(ledger)
    expect((await ledger.list({ limit: 1 })).records).toEqual([])
    expect((await ledger.list({ limit: 1, userId: 'alice' })).records).toEqual([])
  })
})
