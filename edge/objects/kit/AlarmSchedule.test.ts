import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newProbe } from './fixture/new-probe.ts'
import { bench, resetBench } from './fixture/Probe.ts'

/** Far enough for the runtime not to fire by itself in a test. */
const hour = 3_600_000

beforeEach(resetBench)

describe('AlarmSchedule', () => {
  it('runs what is due, earliest first, and equal times in the order in which they were set', async () => {
    const probe = newProbe()
    const now = Date.now()
    await runInDurableObject(probe, ({ alarms }) => {
      alarms.set('ring:third', now + hour + 3)
      alarms.set('ring:first', now + hour + 1)
      alarms.set('ring:second', now + hour + 2)
      alarms.set('ring:second too', now + hour + 2)
      alarms.set('ring:later', now + 2 * hour)
    })
    await evictDurableObject(probe)
    bench.ahead = hour + 1000
    await runDurableObjectAlarm(probe)
    expect(bench.rung).toEqual(['first', 'second', 'second too', 'third'])
    await runInDurableObject(probe, async ({ alarms }, state) => {
      expect(alarms.at('ring:first')).toBeUndefined()
      expect(await state.storage.getAlarm()).toBe(now + 2 * hour)
    })
  })

  it('runs nothing early, nothing cleared, and a moved alarm at its new time only', async () => {
    const probe = newProbe()
    const now = Date.now()
    await runInDurableObject(probe, ({ alarms }) => {
      alarms.set('ring:cleared', now + hour)
      alarms.set('ring:moved', now + hour)
      alarms.clear('ring:cleared')
      alarms.set('ring:moved', now + 2 * hour)
    })
    bench.ahead = hour
    await runDurableObjectAlarm(probe)
    expect(bench.rung).toEqual([])
    bench.ahead = 2 * hour
    await runDurableObjectAlarm(probe)
    expect(bench.rung).toEqual(['moved'])
    expect(await runInDurableObject(probe, (_, state) => state.storage.getAlarm())).toBeNull()
  })

  it('tries a throwing handler again with growing pauses, while the others go on', async () => {
    const probe = newProbe()
    bench.failing.add('bad')
    await runInDurableObject(probe, ({ alarms }) => {
      alarms.set('ring:bad', Date.now() + hour)
      alarms.set('ring:good', Date.now() + hour)
    })
    bench.ahead = hour + 1000
    const pauses: number[] = []
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const before = Date.now() + bench.ahead
      await runDurableObjectAlarm(probe)
      const at = (await runInDurableObject(probe, ({ alarms }) => alarms.at('ring:bad'))) ?? 0
      pauses.push(Math.round((at - before) / 500) * 500)
      await evictDurableObject(probe)
      bench.ahead += at - before + 1000
    }
    expect(bench.rung).toEqual(['good'])
    expect(pauses).toEqual([500, 1000, 2000])
    bench.failing.clear()
    await runDurableObjectAlarm(probe)
    expect(bench.rung).toEqual(['good', 'bad'])
  })

  it('keeps an alarm that its own handler, or another while it runs, sets again', async () => {
    const probe = newProbe()
    const now = Date.now()
    await runInDurableObject(probe, async ({ alarms }) => {
      alarms.on('again', async () => {
        await Promise.resolve()
        alarms.set('again', now + 3 * hour)
      })
      alarms.set('again', now + hour)
      bench.ahead = hour
      await alarms.run()
      expect(alarms.at('again')).toBe(now + 3 * hour)
    })
  })

  it('is undone with the transaction it stands in', async () => {
    await runInDurableObject(newProbe(), async ({ alarms }, state) => {
      const fail = () =>
        state.storage.transactionSync(() => {
          alarms.set('ring:never', Date.now() + hour)
          throw new Error('undone')
        })
      expect(fail).toThrow('undone')
      expect(alarms.at('ring:never')).toBeUndefined()
      expect(await state.storage.getAlarm()).toBeNull()
    })
  })

  it('drops, and logs, an alarm that nobody handles any more', async () => {
    const probe = newProbe()
    await runInDurableObject(probe, ({ alarms }) => alarms.set('abolished:1', Date.now() + hour))
    bench.ahead = hour + 1000
    await runDurableObjectAlarm(probe)
    expect(bench.logs).toMatchObject([{ level: 'error', event: 'alarm.unknown', name: 'abolished:1' }])
    expect(await runInDurableObject(probe, ({ alarms }) => alarms.at('abolished:1'))).toBeUndefined()
  })
})
