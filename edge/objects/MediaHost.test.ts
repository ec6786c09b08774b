import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { maxFleetMessageBytes } from '#shared/protocol/limits.ts'
import { closedGraceMs, restartGraceMs, silenceMs } from '#edge/domain/fleet/host-connection.ts'
import { hostKeyHeader } from '#edge/domain/forwarding.ts'
import { dispatchersIn } from '#edge/domain/placement/shards.ts'
import { bench, resetBench } from './media-host/fixture/bench.ts'
import { edge, TestHost } from './media-host/fixture/TestHost.ts'

beforeEach(resetBench)

const newRoom = () => `r:${crypto.randomUUID()}:${crypto.randomUUID()}`
const request = (room: string) => ({ room, roomId: 'the-room', epoch: 3, ticket: 'a.b.c' })

/** What each dispatcher of the host's region knows of it. */
const dispatched = (host: TestHost) =>
  Promise.all(dispatchersIn(host.region).map(async (name) => (await edge.DISPATCHER.getByName(name).hosts()).map(({ hostId }) => hostId)))

/** What rooms were told of this host; those of other tests lose theirs in their own time. */
const lostBy = (host: TestHost) => bench.lost.filter(({ hostId }) => hostId === host.hostId)

/** Moves the objects' clock and rings the host's alarm. */
async function pass(host: TestHost, ms: number): Promise<void> {
  bench.ahead += ms
  await runDurableObjectAlarm(host.stub)
}

describe('enrolment', () => {
  it('keeps the first key and survives eviction', async () => {
    const host = await TestHost.enrol()
    expect(await host.stub.enrol({ hostId: host.hostId, region: host.region, name: 'other', keyHash: 'other' })).toBe(false)
    await evictDurableObject(host.stub)
    expect(await host.stub.hasKey('other')).toBe(false)
    await host.connect()
  })

  it('lets nobody in without the key', async () => {
    const host = await TestHost.enrol()
    const response = await host.dial({ [hostKeyHeader]: 'wrong' })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
    const stranger = new TestHost({ hostId: crypto.randomUUID(), region: 'nowhere' })
    expect((await stranger.dial()).status).toBe(401)
    expect(await stranger.stub.drain()).toBe(false)
  })

  it('speaks only versions that it knows', async () => {
    const host = await TestHost.enrol()
    const response = await host.dial({ 'sec-websocket-protocol': 'ringway.fleet.v9' })
    expect(response.status).toBe(426)
    expect(await response.json()).toMatchObject({ code: 'unsupportedVersion' })
  })
})

describe('serving rooms', () => {
  it('tells the host to dial and says which process will', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    const room = newRoom()
    expect(await host.stub.serve({ ...request(room), jurisdiction: 'eu' })).toEqual({ bootId: host.bootId })
    expect(host.asked).toMatchObject([{ method: 'serveRoom', params: { ...request(room), jurisdiction: 'eu' } }])
  })

  it.each([
    ['refuses', () => ({ error: { code: 'staleEpoch', message: 'old' } })],
    ['does not answer', () => undefined],
  ])('gives no process where the host %s, and owes the room nothing', async (_how, answer) => {
    const host = await TestHost.enrol()
    await host.connect()
    host.answer = answer
    expect(await host.stub.serve(request(newRoom()))).toBeNull()
    host.hangUp()
    await host.until(async () => (await host.stub.status()).bootId === null)
    await pass(host, closedGraceMs + 1)
    expect(lostBy(host)).toEqual([])
  })

  it('gives no process where the host is not connected or goes away while it is asked', async () => {
    const host = await TestHost.enrol()
    expect(await host.stub.serve(request(newRoom()))).toBeNull()
    await host.connect()
    host.answer = () => {
      host.hangUp()
      return undefined
    }
    expect(await host.stub.serve(request(newRoom()))).toBeNull()
  })

  it('works across evictions', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    await evictDurableObject(host.stub)
    expect(await host.stub.status()).toEqual({ bootId: host.bootId, draining: false })
    expect(await host.stub.serve(request(newRoom()))).toEqual({ bootId: host.bootId })
  })
})

describe('a lost host', () => {
  async function serving(rooms: number): Promise<{ host: TestHost; rooms: string[] }> {
    const host = await TestHost.enrol()
    await host.connect()
    const names = Array.from({ length: rooms }, newRoom)
    for (const room of names) expect(await host.stub.serve(request(room))).not.toBeNull()
    return { host, rooms: names }
  }

  it('cannot be asked from the moment its socket closes; its rooms hear of it when the grace is over', async () => {
    const { host, rooms } = await serving(2)
    host.hangUp()
    await host.until(async () => (await host.stub.status()).bootId === null)
    await host.until(async () => (await dispatched(host)).flat().length === 0)
    expect(lostBy(host)).toEqual([])
    await pass(host, closedGraceMs + 1)
    await host.until(() => lostBy(host).length === 2)
    expect(
      lostBy(host)
        .map(({ room }) => room)
        .toSorted(),
    ).toEqual(rooms.toSorted())
    expect(lostBy(host)[0]).toMatchObject({ hostId: host.hostId, bootId: host.bootId })
    await pass(host, 60_000)
    expect(lostBy(host)).toHaveLength(2)
  })

  it('is none if the same process dials again in time, and its rooms stay', async () => {
    const { host, rooms } = await serving(1)
    host.hangUp()
    await host.until(async () => (await host.stub.status()).bootId === null)
    await host.connect()
    await pass(host, closedGraceMs + 1)
    expect(lostBy(host)).toEqual([])
    expect((await dispatched(host)).every((hosts) => hosts.includes(host.hostId))).toBe(true)
    host.hangUp()
    await host.until(async () => (await host.stub.status()).bootId === null)
    await pass(host, closedGraceMs + 1)
    await host.until(() => lostBy(host).length === 1)
    expect(lostBy(host)[0]?.room).toBe(rooms[0])
  })

  it('is one if another process greets in its name', async () => {
    const { host } = await serving(1)
    const before = host.bootId
    host.bootId = crypto.randomUUID()
    await host.connect()
    await host.until(() => lostBy(host).length === 1)
    expect(lostBy(host)[0]).toMatchObject({ hostId: host.hostId, bootId: before })
    expect(await host.stub.status()).toEqual({ bootId: host.bootId, draining: false })
  })

  it('is one after three missed heartbeats; keep-alives count though they do not wake the object', async () => {
    const host = await TestHost.enrol()
    // The runtime notes keep-alives by its own clock, so it is the hello that lies in the past.
    bench.ahead = 2000 - silenceMs
    await host.connect()
    await host.stub.serve(request(newRoom()))
    const { closed } = host
    await host.keepAlive()
    bench.ahead = 2500
    await runDurableObjectAlarm(host.stub)
    expect((await host.stub.status()).bootId).toBe(host.bootId)
    await pass(host, silenceMs)
    expect((await host.stub.status()).bootId).toBeNull()
    await host.until(() => lostBy(host).length === 1)
    expect((await closed).code).toBe(closeCodes.misbehaved)
    await host.until(async () => (await dispatched(host)).flat().length === 0)
  })

  it('does not concern rooms that were released', async () => {
    const { host, rooms } = await serving(2)
    await host.stub.release({ room: rooms[0] ?? '' })
    host.bootId = crypto.randomUUID()
    await host.connect()
    await host.until(() => lostBy(host).length === 1)
    expect(lostBy(host)[0]?.room).toBe(rooms[1])
  })

  it('is told until every room has heard, also after an eviction', async () => {
    const { host, rooms } = await serving(3)
    bench.broken.add(rooms[1] ?? '')
    const before = host.bootId
    host.bootId = crypto.randomUUID()
    await host.connect()
    await host.until(() => bench.logs.some(({ event }) => event === 'outbox.delayed'))
    await evictDurableObject(host.stub)
    bench.broken.clear()
    for (let tries = 0; tries < 5 && !lostBy(host).some(({ room }) => room === rooms[1]); tries++) await pass(host, 2000)
    expect(lostBy(host)).toContainEqual({ room: rooms[1], hostId: host.hostId, bootId: before })
  })

  it('with hundreds of rooms tells them all', async () => {
    const { host, rooms } = await serving(170)
    host.bootId = crypto.randomUUID()
    await host.connect()
    await host.until(() => lostBy(host).length === 170)
    expect(new Set(lostBy(host).map(({ room }) => room))).toEqual(new Set(rooms))
  })
})

describe('a restart of the edge', () => {
  it('gives the host time to dial again', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    const room = newRoom()
    await host.stub.serve(request(room))
    await evictDurableObject(host.stub, { webSockets: 'close' })
    expect((await host.stub.status()).bootId).toBeNull()
    // Longer than after a mere close.
    await pass(host, closedGraceMs + 500)
    expect(lostBy(host)).toEqual([])
    await host.connect()
    await pass(host, 2000)
    expect(lostBy(host)).toEqual([])
    expect(await host.stub.status()).toEqual({ bootId: host.bootId, draining: false })
  })

  it('loses a host that does not come back', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    const room = newRoom()
    await host.stub.serve(request(room))
    await evictDurableObject(host.stub, { webSockets: 'close' })
    // Nothing but the alarm wakes the object.
    await pass(host, silenceMs + 1)
    expect(lostBy(host)).toEqual([])
    await pass(host, restartGraceMs + 1)
    await host.until(() => lostBy(host).length === 1)
    expect(lostBy(host)[0]?.room).toBe(room)
  })
})

describe('draining', () => {
  it('is asked of the host, told to dispatchers and kept across a reconnect, but not by another process', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    expect(await host.stub.drain()).toBe(true)
    await host.until(() => host.asked.some(({ method }) => method === 'drain'))
    expect(await host.stub.status()).toEqual({ bootId: host.bootId, draining: true })
    expect(await host.stub.serve(request(newRoom()))).toBeNull()
    await host.until(async () => (await edge.DISPATCHER.getByName(dispatchersIn(host.region)[0] ?? '').hosts())[0]?.load.draining === true)

    host.hangUp()
    await host.until(async () => (await host.stub.status()).bootId === null)
    await host.connect()
    expect((await host.stub.status()).draining).toBe(true)
    await host.until(() => host.asked.some(({ method }) => method === 'drain'))

    host.bootId = crypto.randomUUID()
    await host.connect()
    expect((await host.stub.status()).draining).toBe(false)
  })

  it('can be the host’s own wish', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    host.load({ draining: true })
    await host.until(async () => (await host.stub.status()).draining)
    expect(await host.stub.serve(request(newRoom()))).toBeNull()
  })
})

describe('what a host may send', () => {
  it.each([
    ['no JSON', '{'],
    ['a hello of the wrong shape', JSON.stringify({ notify: 'hello', params: { bootId: 'x' } })],
    ['too much', JSON.stringify({ notify: 'hello', params: { x: 'a'.repeat(maxFleetMessageBytes) } })],
    ['binary', new ArrayBuffer(8)],
  ])('sends it away if it greets with %s', async (_what, frame) => {
    const host = await TestHost.enrol()
    const { webSocket } = await host.dial()
    if (webSocket === null) throw new Error('Not upgraded')
    host.take(webSocket)
    host.send(frame)
    expect((await host.closed).code).toBe(closeCodes.misbehaved)
    expect((await host.stub.status()).bootId).toBeNull()
  })

  it('does not harm a link that stands', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    for (const frame of [
      '{',
      JSON.stringify({ notify: 'load', params: {} }),
      JSON.stringify({ notify: 'newer', params: {} }),
      new ArrayBuffer(8),
    ])
      host.send(frame)
    host.load({ rooms: 4 })
    await host.until(async () => (await edge.DISPATCHER.getByName(dispatchersIn(host.region)[0] ?? '').hosts())[0]?.load.rooms === 4)
    expect(await host.stub.serve(request(newRoom()))).toEqual({ bootId: host.bootId })
  })

  it('closes a socket that never greets, and only that', async () => {
    const host = await TestHost.enrol()
    await host.connect()
    const silent = new TestHost({ hostId: host.hostId, region: host.region })
    const { webSocket } = await silent.dial()
    if (webSocket === null) throw new Error('Not upgraded')
    silent.take(webSocket)
    bench.ahead += 10_001
    host.load({})
    await new Promise((resolve) => setTimeout(resolve, 50))
    await runDurableObjectAlarm(host.stub)
    expect((await silent.closed).code).toBe(closeCodes.misbehaved)
    expect((await host.stub.status()).bootId).toBe(host.bootId)
  })
})
