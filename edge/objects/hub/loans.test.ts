import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { insertCredential } from '#edge/db/d1/credentials.ts'
import { database } from '#edge/db/d1/database.ts'
import { takeLoan } from '#edge/db/d1/ims-loans.ts'
import { resetBench } from './fixture/bench.ts'
import { pass } from './fixture/inspect.ts'
import { edge, Person } from './fixture/people.ts'
import { newTenant } from './fixture/tenants.ts'

beforeEach(resetBench)

const db = database(edge.DB)

/** A domain with one account in its pool. */
async function poolOfOne(): Promise<string> {
  const { domainId } = await newTenant()
  const row = {
    userId: null,
    context: {},
    data: {},
    secretHash: '',
    sealedSecret: null,
    lease: 0,
    expiresAt: null,
    revision: 1,
    createdAt: 0,
  }
  await insertCredential(db, { ...row, id: newId(), type: 'ims', domainId })
  return domainId
}
const take = async (domainId: string, loanId: string) => (await takeLoan(db, { loanId, userId: 'anon-x', domainId, now: 1 })) !== undefined
const newVisitor = () => new Person({ role: 'anonymous' })

describe('the account that a visitor borrows', () => {
  it('has one loan for as long as there is a session', async () => {
    const visitor = newVisitor()
    expect(await visitor.hub.beginLoan()).toBeNull()
    const [first, second] = [await visitor.device(), await visitor.device()]
    const loanId = await visitor.hub.beginLoan()
    expect(loanId).toEqual(expect.any(String))
    await evictDurableObject(visitor.hub)
    expect(await visitor.hub.beginLoan()).toBe(loanId)
    await first.ask('DELETE', `/sessions/${first.sessionId}`)
    expect(await visitor.hub.beginLoan()).toBe(loanId)
    await second.ask('DELETE', `/sessions/${second.sessionId}`)
    expect(await visitor.hub.beginLoan()).toBeNull()
    const third = await visitor.device()
    expect(await visitor.hub.beginLoan()).not.toBe(loanId)
    for (const { socket } of [first, second, third]) socket.close()
  })

  it.each([
    ['its device says goodbye', async (visitor: Person, sessionId: string) => void (await visitor.hub.endSession({ sessionId }))],
    ['its login is revoked', (visitor: Person) => visitor.hub.revoke({ loginId: null })],
    ['it gives it back', (visitor: Person) => visitor.hub.endLoan()],
  ])('goes back when %s', async (_, end) => {
    const [domainId, another] = [await poolOfOne(), newId()]
    const visitor = newVisitor()
    const device = await visitor.device()
    expect(await take(domainId, (await visitor.hub.beginLoan()) ?? '')).toBe(true)
    expect(await take(domainId, another)).toBe(false)
    await end(visitor, device.sessionId)
    await expect.poll(() => take(domainId, another)).toBe(true)
    device.socket.close()
  })

  it('goes back before the hub of a lost device is forgotten, though it was evicted meanwhile', async () => {
    const [domainId, another] = [await poolOfOne(), newId()]
    const visitor = newVisitor()
    const device = await visitor.device()
    await take(domainId, (await visitor.hub.beginLoan()) ?? '')
    await device.lose()
    await pass(visitor, 30_000)
    expect(await take(domainId, another)).toBe(false)
    await evictDurableObject(visitor.hub)
    await pass(visitor, 31_000)
    await expect.poll(() => take(domainId, another)).toBe(true)
    await pass(visitor, 6_000)
    const left = await runInDurableObject(visitor.hub, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    )
    expect(left).toEqual([])
  })

  it('is returned late where the database fails first, and not for nothing', async () => {
    const [domainId, another] = [await poolOfOne(), newId()]
    const visitor = newVisitor()
    const device = await visitor.device()
    await take(domainId, (await visitor.hub.beginLoan()) ?? '')
    await edge.DB.exec('alter table ims_loans rename to ims_loans_away')
    await device.ask('DELETE', `/sessions/${device.sessionId}`)
    await pass(visitor, 10_000)
    await edge.DB.exec('alter table ims_loans_away rename to ims_loans')
    expect(await take(domainId, another)).toBe(false)
    await pass(visitor, 120_000)
    await expect.poll(() => take(domainId, another)).toBe(true)
    device.socket.close()
  })
})
