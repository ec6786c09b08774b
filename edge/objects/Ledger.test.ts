import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import { edge } from './media-host/fixture/TestHost.ts'

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
    await ledger.record(record)
    await Promise.all([ledger.record(record), ledger.record({ ...record, endReason: 'ended' })])
    expect(await ledger.list({ limit: 10 })).toEqual({ records: [record], cursor: null })
  })

  it('lists newest first, page by page, each call once', async () => {
    const ledger = newLedger()
    const records = [5, 3, 9, 9, 9, 1, 7, 3].map((at) => call(at * 1000))
    for (const record of records) await ledger.record(record)
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
    for (const at of [1, 2, 3, 4]) await ledger.record(call(at))
    const { records, cursor } = await ledger.list({ from: 2, to: 4, limit: 2 })
    expect(records.map(({ endedAt }) => endedAt)).toEqual([3, 2])
    expect(cursor).toBeNull()
  })

  it('keeps its records across evictions', async () => {
    const ledger = newLedger()
    const record = call(1000)
    await ledger.record(record)
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
    await ledger.record({ ...record, participants: [...record.participants, Object.assign({ email: 'bob@other.example' }, guest)] })
    expect((await ledger.list({ limit: 1 })).records[0]?.participants[1]).toEqual(guest)
  })
})
