import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { keptEvents } from '#shared/protocol/limits.ts'
import { EventLog } from './EventLog.ts'
import { SocketClient } from './fixture/client.ts'
import { newProbe } from './fixture/new-probe.ts'
import { resetBench } from './fixture/Probe.ts'

beforeEach(resetBench)

const told = (text: string) => ({ event: 'told', resource: '/probe', body: { text } })

describe('EventLog', () => {
  it('numbers events from 1 and gives those after a number, also after eviction', async () => {
    const probe = newProbe()
    await runInDurableObject(probe, ({ events }) => {
      expect(events.seq).toBe(0)
      expect(events.since(0)).toEqual([])
      for (const text of ['a', 'b', 'c']) events.append(told(text))
      events.append({ event: 'bare', resource: '/probe' })
    })
    await evictDurableObject(probe)
    await runInDurableObject(probe, ({ events }) => {
      expect(events.seq).toBe(4)
      expect(events.since(1)).toEqual([
        { seq: 2, ...told('b') },
        { seq: 3, ...told('c') },
        { seq: 4, event: 'bare', resource: '/probe', body: undefined },
      ])
      expect(events.since(4)).toEqual([])
    })
  })

  it('keeps the last 512: an older number, or one never given, needs a snapshot', async () => {
    await runInDurableObject(newProbe(), ({ events }) => {
      for (let index = 0; index < keptEvents + 10; index += 1) events.append(told(`${index}`))
      expect(events.since(10)).toHaveLength(keptEvents)
      expect(events.since(9)).toBeUndefined()
      expect(events.since(keptEvents + 10)).toEqual([])
      expect(events.since(keptEvents + 11)).toBeUndefined()
    })
  })

  it('is one transaction with the change it tells of', async () => {
    await runInDurableObject(newProbe(), ({ events }, state) => {
      events.append(told('kept'))
      const fail = () =>
        state.storage.transactionSync(() => {
          events.append(told('undone'))
          throw new Error('undone')
        })
      expect(fail).toThrow('undone')
      expect(events.seq).toBe(1)
      expect(events.append(told('next')).seq).toBe(2)
    })
  })

  it('keeps streams apart', async () => {
    await runInDurableObject(newProbe(), (_, state) => {
      const one = new EventLog(state, { stream: 'one' })
      const two = new EventLog(state, { stream: 'two' })
      one.append(told('1'))
      one.append(told('2'))
      expect(two.append(told('1')).seq).toBe(1)
      one.clear()
      expect([one.seq, two.seq]).toEqual([0, 1])
    })
  })

  it('lets a client resume across a gap without losing or doubling an event', async () => {
    const probe = newProbe()
    const before = await SocketClient.open(probe)
    await before.request({ id: '1', method: 'POST', resource: '/sessions', body: { sessionId: 's1' } })
    await probe.tell('seen')
    expect(await before.next()).toMatchObject({ seq: 1 })
    before.close(4000)
    await before.closed
    await probe.tell('missed')
    await evictDurableObject(probe)
    await probe.tell('missed too')
    const after = await SocketClient.open(probe)
    expect(await after.request({ id: '2', method: 'POST', resource: '/sessions', body: { sessionId: 's1', lastSeq: 1 } })).toMatchObject({
      body: { resumed: true },
    })
    await probe.tell('live')
    expect([await after.next(), await after.next(), await after.next()]).toMatchObject([
      { seq: 2, body: { text: 'missed' } },
      { seq: 3, body: { text: 'missed too' } },
      { seq: 4, body: { text: 'live' } },
    ])
    expect(after.untaken).toEqual([])
    after.close()
  })
})
