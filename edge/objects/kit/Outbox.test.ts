import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newProbe } from './fixture/new-probe.ts'
import { bench, type Probe, resetBench } from './fixture/Probe.ts'

beforeEach(resetBench)

const note = (target: string, text: string) => ({ kind: 'note', target, payload: { text } })

const put = (probe: DurableObjectStub<Probe>, ...notes: ReturnType<typeof note>[]) =>
  runInDurableObject(probe, ({ outbox }, state) => {
    state.storage.transactionSync(() => {
      for (const message of notes) outbox.put(message)
    })
  })

const sizeOf = (probe: DurableObjectStub<Probe>) => runInDurableObject(probe, ({ outbox }) => outbox.size)

describe('Outbox', () => {
  it('delivers at a flush, in order per target, and then keeps nothing', async () => {
    const probe = newProbe()
    await put(probe, note('a', '1'), note('b', '1'), note('a', '2'), note('b', '2'))
    await runInDurableObject(probe, ({ outbox }) => outbox.flush())
    expect(bench.delivered.filter((text) => text.startsWith('a'))).toEqual(['a:1', 'a:2'])
    expect(bench.delivered.filter((text) => text.startsWith('b'))).toEqual(['b:1', 'b:2'])
    expect(await runInDurableObject(probe, (_, state) => state.storage.getAlarm())).toBeNull()
  })

  it('delivers by alarm what an evicted object did not flush', async () => {
    const probe = newProbe()
    await put(probe, note('a', '1'))
    await evictDurableObject(probe)
    expect(bench.delivered).toEqual([])
    bench.ahead = 2_500
    await runDurableObjectAlarm(probe)
    expect(bench.delivered).toEqual(['a:1'])
    expect(await sizeOf(probe)).toBe(0)
  })

  it('tries again after a consumer throws, in order, without holding up other targets', async () => {
    const probe = newProbe()
    bench.broken.add('bad')
    await put(probe, note('bad', '1'), note('bad', '2'), note('good', '1'))
    await runInDurableObject(probe, ({ outbox }) => outbox.flush())
    expect(bench.delivered).toEqual(['good:1'])
    expect(await sizeOf(probe)).toBe(2)
    await runInDurableObject(probe, ({ outbox }) => outbox.flush())
    expect(bench.logs.filter((record) => record.event === 'outbox.delayed')).toHaveLength(1)
    await evictDurableObject(probe)
    bench.broken.clear()
    bench.ahead = 1_000
    await runDurableObjectAlarm(probe)
    expect(bench.delivered).toEqual(['good:1', 'bad:1', 'bad:2'])
    expect(await sizeOf(probe)).toBe(0)
  })

  it('pauses up to a minute between tries, for as long as it takes', async () => {
    const probe = newProbe()
    bench.broken.add('bad')
    await put(probe, note('bad', '1'))
    await runInDurableObject(probe, ({ outbox }) => outbox.flush())
    let longest = 0
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const now = Date.now() + bench.ahead
      const at = (await runInDurableObject(probe, ({ alarms }) => alarms.at('outbox'))) ?? Number.POSITIVE_INFINITY
      longest = Math.max(longest, at - now)
      bench.ahead += at - now + 100
      await runDurableObjectAlarm(probe)
    }
    expect(longest).toBeGreaterThan(59_000)
    expect(longest).toBeLessThanOrEqual(60_000)
    expect(bench.logs.filter((record) => record.event === 'outbox.delayed')).toHaveLength(13)
    expect(await sizeOf(probe)).toBe(1)
  })

  it('forgets a message with the transaction it stands in', async () => {
    const probe = newProbe()
    await runInDurableObject(probe, async ({ outbox }, state) => {
      const fail = () =>
        state.storage.transactionSync(() => {
          outbox.put(note('a', 'undone'))
          throw new Error('undone')
        })
      expect(fail).toThrow('undone')
      await outbox.flush()
      expect(outbox.size).toBe(0)
      expect(() => outbox.put({ kind: 'unknown', target: 'a', payload: {} })).toThrow(TypeError)
    })
    expect(bench.delivered).toEqual([])
  })
})
