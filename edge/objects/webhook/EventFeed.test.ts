import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import type { HookTarget } from '#edge/domain/webhooks/routing.ts'
import { bench, feedBench, resetBench } from './fixture/bench.ts'
import type { FeedProbe } from './fixture/FeedProbe.ts'

const { FEED_PROBE } = env as unknown as { FEED_PROBE: DurableObjectNamespace<FeedProbe> }

const target = (endpointId: string): HookTarget => ({ endpointId, domainId: 'd', events: null, includeChildren: false, jurisdiction: null })
const newProbe = () => FEED_PROBE.getByName(newId())
/** What an endpoint was handed, each event once. */
const numbers = (endpointId: string, stream = 'room:1') => [
  ...new Set(feedBench.taken.filter((event) => event.endpointId === endpointId && event.stream === stream).map(({ seq }) => seq)),
]

beforeEach(() => {
  resetBench()
  feedBench.targets.set('d', [target('a'), target('b')])
})

describe('a feed', () => {
  it('hands events to every endpoint, numbered per stream without gaps, also across failed transactions', async () => {
    const probe = newProbe()
    await probe.append(2, { domainId: 'd' })
    await probe.append(3, { domainId: 'd', fails: true })
    await probe.append(1, { domainId: 'd', stream: 'room:2' })
    await probe.append(2, { domainId: 'd' })
    for (const endpoint of ['a', 'b']) {
      expect(numbers(endpoint)).toEqual([1, 2, 3, 4])
      expect(numbers(endpoint, 'room:2')).toEqual([1])
    }
    expect(await probe.isEmpty()).toBe(true)
    bench.ahead = 3_000
    await runDurableObjectAlarm(probe)
    expect(await probe.alarmAt()).toBeNull()
  })

  it('begins anew in a stream that has ended', async () => {
    const probe = newProbe()
    await probe.append(2, { domainId: 'd', last: true })
    await probe.append(1, { domainId: 'd' })
    expect(feedBench.taken.filter(({ endpointId }) => endpointId === 'a').map(({ seq }) => seq)).toEqual([1, 2, 1])
  })

  it('is handed over by the alarm where the object is evicted right after the transaction', async () => {
    const probe = newProbe()
    await probe.append(3, { domainId: 'd', flush: false })
    await evictDurableObject(probe)
    expect(numbers('a')).toEqual([])
    bench.ahead = 3_000
    await runDurableObjectAlarm(probe)
    await expect.poll(() => numbers('b')).toEqual([1, 2, 3])
    expect(await probe.isEmpty()).toBe(true)
  })

  it('keeps what one endpoint cannot commit, in order, and holds the others up in nothing', async () => {
    const probe = newProbe()
    feedBench.broken.add('b')
    await probe.append(60, { domainId: 'd' })
    await probe.append(60, { domainId: 'd' })
    expect(numbers('a')).toHaveLength(120)
    expect(feedBench.taken.filter(({ endpointId }) => endpointId === 'a')).toHaveLength(120)
    expect(await probe.isEmpty()).toBe(false)
    await evictDurableObject(probe)
    feedBench.broken.clear()
    bench.ahead = 120_000
    await runDurableObjectAlarm(probe)
    await expect.poll(() => probe.isEmpty()).toBe(true)
    expect(numbers('b')).toEqual(Array.from({ length: 120 }, (_, n) => n + 1))
    // The others are told again after an eviction, under the same ids.
    const ids = feedBench.taken.filter(({ endpointId, seq }) => endpointId === 'a' && seq === 7).map(({ id }) => id)
    expect(new Set(ids).size).toBe(1)
  })

  it('tells the endpoints of each domain what is theirs', async () => {
    const probe = newProbe()
    feedBench.targets.set('other', [target('c')])
    feedBench.broken.add('a').add('b')
    await probe.append(1, { domainId: 'd' })
    await probe.append(2, { domainId: 'other', stream: 'room:2' })
    expect(feedBench.taken.map(({ endpointId, domainId }) => ({ endpointId, domainId }))).toEqual([
      { endpointId: 'c', domainId: 'other' },
      { endpointId: 'c', domainId: 'other' },
    ])
  })

  it('writes nothing for a domain that is known to have no endpoint, and forgets what turns out to be for nobody', async () => {
    const probe = newProbe()
    feedBench.targets.set('d', [])
    await probe.append(100, { domainId: 'd' })
    expect(await probe.alarmAt()).toBeNull()
    expect(await probe.isEmpty()).toBe(true)
    feedBench.targets.delete('d')
    await probe.append(3, { domainId: 'd' })
    expect(await probe.isEmpty()).toBe(true)
    expect(feedBench.taken).toEqual([])
  })
})
