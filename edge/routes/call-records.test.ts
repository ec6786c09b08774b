import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { CallHistoryEntry } from '#shared/protocol/sapi/cdrs.ts'
import { ledgerName, monthOf } from '#edge/domain/object-names.ts'
import { ledger } from '#edge/services/stubs.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'
import { pages } from './testing/pages.ts'

const day = 86_400_000
const now = Date.now()

let a: Made
let alice: Made
let boss: string

beforeEach(async () => {
  await startAnew()
  a = await createDomain('a')
  alice = await createUser('a', 'alice')
  await createUser('a', 'boss', { role: 'admin' })
  boss = await tokenOf('boss@a')
})

const participant = (userId: string, username: string, endedAt: number) => ({
  ...{ participantId: crypto.randomUUID(), userId, domainId: a.id, username },
  ...{ joinedAt: endedAt - 1_000, leftAt: endedAt, reason: 'left' as const },
})

/** A call as its room tells the ledger. */
async function keep(endedAt: number, changes: Partial<CallRecord> = {}): Promise<CallRecord> {
  const record: CallRecord = {
    ...{ callId: newId(), roomId: crypto.randomUUID(), domainId: a.id, kind: 'call', createdAt: endedAt - 1_000, endedAt },
    ...{ endReason: 'ended', participants: [], invites: [], ...changes },
  }
  const { domainId } = record
  await ledger(env, ledgerName(domainId, monthOf(endedAt))).record(record, { domainId })
  return record
}

describe('call records', () => {
  it('are those of one domain and month, newest first, in pages', async () => {
    const b = await createDomain('b')
    const records = []
    for (const date of [1, 2, 3]) records.push(await keep(Date.UTC(2026, 10, date)))
    await keep(Date.UTC(2026, 10, 9), { domainId: b.id })
    expect(await pages<CallRecord>('/sapi/cdrs?month=2026-11&limit=2', boss)).toEqual([[records[2], records[1]], [records[0]]])
    expect((await pages<CallRecord>('/wac/sapi/cdrs?month=2026-11&domain=a', await adminToken())).flat()).toHaveLength(3)
    expect(await expectJson(await call('/sapi/cdrs?month=2026-10', { token: boss }), 200)).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6, 200])('are listed across months in pages of %i', async (limit) => {
    const times = [0, 1, 2, 40, 41, 130].map((days) => Date.UTC(2026, 4, 10) - days * day)
    const records = []
    for (const time of times) records.push(await keep(time))
    const [latest, earliest] = [Math.max(...times), Math.min(...times)]
    await keep(earliest - 1)
    const range = `from=${earliest}&to=${latest + 1}`
    const found = await pages<CallRecord>(`/sapi/cdrs?${range}&limit=${limit}`, boss)
    expect(found.flat()).toEqual(records)
    expect(found).toHaveLength(Math.ceil(records.length / limit))
    expect((await pages<CallRecord>(`/sapi/cdrs?month=2026-05&from=${times[1]}&limit=${limit}`, boss)).flat()).toEqual(records.slice(0, 2))
  })

  it('are those of one user', async () => {
    const mine = await keep(now - day, { participants: [participant(alice.id, 'alice@a', now - day)] })
    await keep(now - 2 * day, { participants: [participant('other', 'other@a', now - 2 * day)] })
    for (const user of [alice.id, `wac-user:${alice.id}`]) {
      expect((await pages<CallRecord>(`/sapi/cdrs?from=${now - 9 * day}&user=${user}`, boss)).flat()).toEqual([mine])
    }
  })

  it('are read one by one', async () => {
    const record = await keep(now - 1_000)
    expect(await expectJson(await call(`/sapi/cdrs/${record.callId}`, { token: boss }), 200)).toEqual(record)
    const old = await keep(Date.UTC(2025, 0, 31), { callId: crypto.randomUUID() })
    await expectProblem(await call(`/sapi/cdrs/${old.callId}`, { token: boss }), 404, 'notFound')
    expect(await expectJson(await call(`/sapi/cdrs/${old.callId}?month=2025-01`, { token: boss }), 200)).toEqual(old)
    for (const id of [newId(), crypto.randomUUID(), 'x'])
      await expectProblem(await call(`/sapi/cdrs/${id}`, { token: boss }), 404, 'notFound')
  })

  it('are a file of all of them for whoever asks for CSV', async () => {
    const ended = Date.UTC(2026, 10, 2)
    for (let at = 0; at < 250; at++) await keep(ended + at, { participants: [participant(alice.id, '=alice@a', ended)] })
    const responses = [
      await call('/sapi/cdrs?month=2026-11&format=csv&limit=2', { token: boss }),
      await call('/sapi/cdrs?month=2026-11', { token: boss, headers: { accept: 'text/html;q=0.5, text/csv' } }),
    ]
    for (const response of responses) {
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain('text/csv')
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="calls.csv"')
      const [header, ...lines] = (await response.text()).trim().split('\r\n')
      expect(header?.startsWith('callId,roomId,')).toBe(true)
      expect(lines).toHaveLength(250)
      expect(lines[0]).toContain(",'=alice@a,")
    }
    const json = await call('/sapi/cdrs?month=2026-11&format=json', { token: boss, headers: { accept: 'text/csv' } })
    expect(await expectJson<unknown[]>(json, 200)).toHaveLength(50)
  })

  it('of another tenant are as if they were not', async () => {
    const b = await createDomain('b')
    const record = await keep(now, { domainId: b.id })
    for (const [theirs, unknown] of [
      [`/sapi/cdrs/${record.callId}`, `/sapi/cdrs/${newId()}`],
      [`/sapi/cdrs/${record.callId}?domain=b`, `/sapi/cdrs/${record.callId}?domain=nowhere`],
      ['/sapi/cdrs?month=2026-11&domain=b', '/sapi/cdrs?month=2026-11&domain=nowhere'],
      ['/sapi/cdrs?month=2026-11&domain=b&format=csv', '/sapi/cdrs?month=2026-11&domain=nowhere&format=csv'],
    ] as const) {
      const answers = await Promise.all(
        [theirs, unknown].map(async (path) => {
          const response = await call(path, { token: boss })
          return `${response.status} ${(await response.text()).replace(/"traceId":"[^"]*"/, '')}`.replace('nowhere', 'b')
        }),
      )
      expect(answers[0]).toBe(answers[1])
      expect(answers[0]).toMatch(/^404 /)
    }
    for (const path of ['/sapi/cdrs?month=2026-11', `/sapi/cdrs/${record.callId}`]) {
      await expectProblem(await call(path, { token: await tokenOf('alice@a') }), 403, 'forbidden')
    }
  })

  it.each([
    '',
    '?month=2026',
    '?month=2026-13',
    '?month=2026-11&limit=0',
    '?month=2026-11&cursor=x',
    "?month=2026-11&cursor=1.'",
    '?to=1',
    '?from=1',
    '?from=yesterday',
    '?month=2026-11&format=xml',
    '?month=2026-11&format=csv&cursor=x',
  ])('are not asked for by "%s"', async (query) => {
    await expectProblem(await call(`/sapi/cdrs${query}`, { token: await adminToken() }), 400, 'invalidRequest')
  })
})

describe('the call history', () => {
  it("is of the user's own calls, newest first, as far back as its domain says, in pages", async () => {
    const bob = await createUser('a', 'bob')
    const both = (at: number) => ({ participants: [participant(alice.id, 'alice@a', at), participant(bob.id, 'bob@a', at)] })
    const times = [1, 8, 15, 29].map((days) => now - days * day)
    const records = []
    for (const time of times) records.push(await keep(time, both(time)))
    await keep(now - 2 * day, { participants: [participant(bob.id, 'bob@a', now)] })
    await keep(now - 32 * day, both(now - 32 * day))
    const token = await tokenOf('alice@a')
    const found = await pages<CallHistoryEntry>('/sapi/callHistory?limit=3', token)
    expect(found.map((page) => page.map(({ callId }) => callId))).toEqual([
      records.slice(0, 3).map(({ callId }) => callId),
      [records[3]?.callId],
    ])
    expect(found[0]?.[0]).toMatchObject({ answered: true, duration: 1_000, parties: [{ username: 'bob@a', joined: true }] })
    expect(JSON.stringify(found)).not.toContain(bob.id)
  })

  it('needs call control and its capability', async () => {
    await createUser('a', 'held', { capabilities: ['-call-history'] })
    const problem = await expectProblem(await call('/sapi/callHistory', { token: await tokenOf('held@a') }), 403, 'forbidden')
    expect(problem['context']).toEqual({ capability: 'call-history' })
    await createDomain('mute', { services: { login: [] } })
    await createUser('mute', 'zoe')
    await expectProblem(await call('/sapi/callHistory', { token: await tokenOf('zoe@mute') }), 403, 'serviceNotEnabled')
    await expectProblem(await call('/sapi/callHistory?cursor=x', { token: boss }), 400, 'invalidRequest')
  })
})
