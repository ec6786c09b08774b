import { evictDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { dispatcherOf, dispatchersIn, regionDirectoryName, shardCount } from '#edge/domain/placement/shards.ts'
import { hostReport } from '#edge/domain/placement/testing/reports.ts'
import type { PlacementRequest } from '#edge/domain/ports.ts'
import { bench, resetBench } from './media-host/fixture/bench.ts'
import { edge, TestHost } from './media-host/fixture/TestHost.ts'

beforeEach(resetBench)

const newRegion = (prefix = 'r') => `${prefix}-${crypto.randomUUID().slice(0, 8)}`
const dispatchers = (region: string) => dispatchersIn(region).map((name) => edge.DISPATCHER.getByName(name))

function place(region: string, changes: Partial<PlacementRequest> = {}): Promise<{ hostId: string } | null> {
  const request: PlacementRequest = { room: `r:d:${crypto.randomUUID()}`, region, videoCodec: 'VP8', exclude: [], size: 2, ...changes }
  return edge.DISPATCHER.getByName(dispatcherOf(request)).place(request)
}

/** Makes a host known to all dispatchers of its region, as its MediaHost object does. */
async function addHost(region: string, changes: Partial<Parameters<typeof hostReport>[0]> = {}): Promise<string> {
  const hostId = changes.hostId ?? crypto.randomUUID()
  const report = hostReport({ ...changes, hostId, region })
  await Promise.all(dispatchers(region).map((dispatcher) => dispatcher.report(report)))
  return hostId
}

describe('the dispatchers of a region', () => {
  it('place a room on a host that has connected, and on none once it is gone', async () => {
    const host = await TestHost.enrol()
    expect(await place(host.region)).toBeNull()
    await host.connect()
    await host.until(async () => (await place(host.region)) !== null)
    expect(await place(host.region)).toEqual({ hostId: host.hostId })
    host.hangUp()
    await host.until(async () => (await place(host.region)) === null)
  })

  it('go by what hosts report', async () => {
    const region = newRegion()
    const busy = await addHost(region, { load: { consumers: 500 } })
    const idle = await addHost(region)
    expect(await place(region)).toEqual({ hostId: idle })
    expect(await place(region, { exclude: [idle] })).toEqual({ hostId: busy })
    await addHost(region, { hostId: idle, load: { draining: true } })
    expect(await place(region)).toEqual({ hostId: busy })
    await addHost(region, { hostId: busy, videoCodecs: ['H264'] })
    expect(await place(region)).toBeNull()
    expect(await place(region, { videoCodec: 'H264' })).toEqual({ hostId: busy })
  })

  it('spread a burst over hosts though no load shows it yet', async () => {
    const region = newRegion()
    const hosts = await Promise.all(Array.from({ length: 4 }, () => addHost(region)))
    const placed = await Promise.all(Array.from({ length: 200 }, () => place(region)))
    for (const hostId of hosts) expect(Math.abs(placed.filter((host) => host?.hostId === hostId).length - 50)).toBeLessThan(12)
  })

  it('count one another’s promises', async () => {
    const region = newRegion()
    const hostId = await addHost(region, { capacity: 40 })
    await addHost(region, { capacity: 40, load: { draining: true } })
    const rooms = Array.from({ length: 200 }, (_, index) => `r:d:${index}`)
    const ofShard = (name: string | undefined) => rooms.filter((room) => dispatcherOf({ region, room }) === name)
    const [one, two] = dispatchersIn(region)
    for (const room of ofShard(one).slice(0, 10)) expect(await place(region, { room })).toEqual({ hostId })
    await new Promise((resolve) => setTimeout(resolve, 400))
    const request = { room: ofShard(two)[0] ?? '', region, videoCodec: 'VP8' as const, exclude: [], size: 2 }
    expect(await edge.DISPATCHER.getByName(two ?? '').placeHere(request)).toBeNull()
  })

  it('know their hosts after an eviction', async () => {
    const region = newRegion()
    const hostId = await addHost(region, { load: { consumers: 7 } })
    for (const dispatcher of dispatchers(region)) await evictDurableObject(dispatcher)
    for (const dispatcher of dispatchers(region)) expect(await dispatcher.hosts()).toMatchObject([{ hostId, load: { consumers: 7 } }])
    expect(await place(region)).toEqual({ hostId })
  })

  it('forget hosts that nobody speaks of any more, for good', async () => {
    const region = newRegion()
    await addHost(region)
    bench.ahead += 90_001
    for (const dispatcher of dispatchers(region)) expect(await dispatcher.hosts()).toEqual([])
    bench.ahead = 0
    for (const dispatcher of dispatchers(region)) {
      await evictDurableObject(dispatcher)
      expect(await dispatcher.hosts()).toEqual([])
    }
  })

  it('forget a process, but not the next one of the same host', async () => {
    const region = newRegion()
    const hostId = await addHost(region, { bootId: crypto.randomUUID() })
    for (const dispatcher of dispatchers(region)) await dispatcher.forget({ hostId, bootId: crypto.randomUUID() })
    expect(await place(region)).toEqual({ hostId })
  })
})

describe('a full region', () => {
  it('spills over to the nearest one that has hosts', async () => {
    const continent = newRegion('c')
    const [here, near, far] = [`${continent}-one`, `${continent}-two`, newRegion('far')]
    const farHost = await addHost(far)
    const nearHost = await addHost(near)
    expect(await place(here)).toEqual({ hostId: nearHost })
    const own = await addHost(here)
    expect(await place(here)).toEqual({ hostId: own })
    expect(await place(here, { exclude: [own] })).toEqual({ hostId: nearHost })
    expect(farHost).not.toBe(nearHost)
  })

  it('leaves out regions that have had no hosts for a day', async () => {
    const directory = edge.DISPATCHER.getByName(regionDirectoryName)
    const region = newRegion()
    await directory.noteRegion(region)
    expect(await directory.regions()).toContain(region)
    bench.ahead += 24 * 3_600_000 + 1
    expect(await directory.regions()).not.toContain(region)
  })
})

it('has as many dispatchers as the shards say', () => {
  expect(new Set(dispatchersIn('lab')).size).toBe(shardCount)
})
