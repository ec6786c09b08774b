import { afterEach, describe, expect, it } from 'vitest'
import type { PipeEnd } from '#shared/protocol/fleet/room-link.ts'
import type { Source } from '#shared/protocol/media.ts'
import { eventually, openRoom, type OpenedRoom, openSfu, SrtpParticipant, type TestStream } from '../testing/media-kit.ts'
import type { SfuHost, SfuHostOptions } from './SfuHost.ts'

const hosts: SfuHost[] = []
const joined: SrtpParticipant[] = []

async function host(options: Partial<SfuHostOptions>): Promise<SfuHost> {
  const sfu = await openSfu(options)
  hosts.push(sfu)
  return sfu
}

async function join(room: OpenedRoom, participantId?: string): Promise<SrtpParticipant> {
  const participant = await SrtpParticipant.join(room, participantId)
  joined.push(participant)
  return participant
}

afterEach(async () => {
  for (const participant of joined.splice(0)) participant.close()
  await Promise.all(hosts.splice(0).map((sfu) => sfu.close()))
})

const streamsOf = (sfu: SfuHost) => sfu.pool.workers.map(({ streams }) => streams)

describe('a room on several workers', () => {
  // With no patience for a busier worker, participants alternate between the two.
  const spanning = { workers: 2, spillLoad: -1 }

  it('carries each stream once to another worker, however many receive it there, and stops after the last', async () => {
    const sfu = await host(spanning)
    const opened = await openRoom(sfu)
    const { room } = opened
    const alice = await join(opened)
    const voice = await alice.publish('microphone')
    const { publicationId } = voice
    const [bob, carol] = [await join(opened), await join(opened)]
    expect(sfu.pool.workers.every(({ transports }) => transports.size > 0)).toBe(true)
    const remote = [bob, carol].filter(({ participantId }) => participantId !== alice.participantId)
    const ssrcs = await Promise.all(remote.map((listener) => listener.subscribe(publicationId)))
    const sent = await voice.send(20)
    for (const [index, listener] of remote.entries()) await eventually(() => expect(listener.payloads(ssrcs[index] ?? 0)).toEqual(sent))
    const pipes = () => sfu.pool.workers.flatMap(({ transports }) => [...transports]).filter(({ type }) => type === 'pipe').length
    expect(pipes()).toBe(2)
    // One copy of the stream: its producer, the pipe's consumer and producer, and one consumer for each listener.
    expect(sfu.totals()).toMatchObject({ participants: 3, producers: 2, consumers: 3 })
    for (const { participantId } of remote) await room.unsubscribe({ participantId, publicationId })
    await eventually(() => expect([pipes(), sfu.totals().producers, sfu.totals().consumers]).toEqual([0, 1, 0]))
    const again = await bob.subscribe(publicationId)
    const more = await voice.send(5)
    await eventually(() => expect(bob.payloads(again)).toEqual(more))
  })

  it('pauses and ends a stream on the other worker as well', async () => {
    const sfu = await host(spanning)
    const opened = await openRoom(sfu)
    const [alice, bob] = [await join(opened), await join(opened)]
    const voice = await alice.publish('microphone', { paused: true })
    const { publicationId } = voice
    const ssrc = await bob.subscribe(publicationId)
    await voice.send(5)
    expect(bob.payloads(ssrc)).toEqual([])
    await opened.room.updatePublication({ publicationId, paused: false })
    await eventually(async () => {
      await voice.send(1)
      expect(bob.payloads(ssrc).length).toBeGreaterThan(0)
    })
    await opened.room.unpublish({ publicationId })
    await eventually(() => expect(sfu.totals()).toMatchObject({ producers: 0, consumers: 0 }))
  })

  it('shares the pipe between directions and streams, also when all are asked for at once', async () => {
    const sfu = await host(spanning)
    const opened = await openRoom(sfu)
    const people = [await join(opened), await join(opened), await join(opened), await join(opened)]
    const sources: Source[] = ['microphone', 'screen-audio']
    const streams = await Promise.all(
      people.flatMap((person) => sources.map(async (source) => ({ person, stream: await person.publish(source) }))),
    )
    const wanted = people.flatMap((listener) =>
      streams.filter(({ person }) => person !== listener).map(({ stream }) => ({ listener, stream })),
    )
    const heard = await Promise.all(
      wanted.map(async ({ listener, stream }) => ({ listener, stream, ssrc: await listener.subscribe(stream.publicationId) })),
    )
    const pipes = sfu.pool.workers.flatMap(({ transports }) => [...transports]).filter(({ type }) => type === 'pipe')
    expect(pipes).toHaveLength(2)
    expect(sfu.totals()).toMatchObject({ producers: 16, consumers: 24 + 8 })
    const sent = new Map(await Promise.all(streams.map(async ({ stream }) => [stream, await stream.send(3)] as const)))
    for (const { listener, stream, ssrc } of heard) await eventually(() => expect(listener.payloads(ssrc)).toEqual(sent.get(stream)))
  })

  it('keeps a small room on one worker', async () => {
    const sfu = await host({ workers: 2 })
    const opened = await openRoom(sfu)
    for (let count = 0; count < 3; count += 1) await (await join(opened)).publish('microphone')
    expect(streamsOf(sfu)).toEqual(expect.arrayContaining([0, 3]))
    await openRoom(sfu)
    expect(sfu.pool.workers.map(({ load }) => load)).toEqual(expect.arrayContaining([1, 4]))
  })
})

describe('a worker that dies', () => {
  it('is replaced, and the room told whom it lost; the others hear each other on', async () => {
    const sfu = await host({ workers: 2, spillLoad: -1 })
    const opened = await openRoom(sfu)
    const { room, told } = opened
    const alice = await join(opened)
    const doomed = sfu.pool.workers.find(({ transports }) => transports.size > 0)
    const bob = await join(opened)
    const voice = await alice.publish('microphone')
    await bob.subscribe(voice.publicationId)
    if (doomed === undefined) throw new TypeError('Alice’s worker is not there')
    process.kill(doomed.pid, 'SIGKILL')
    await eventually(() => expect(told).toContainEqual({ name: 'participantsLost', body: { participants: [alice.participantId] } }))
    expect(told.filter(({ name }) => name === 'pipesLost')).toEqual([])
    await eventually(() => expect(sfu.pool.workers).toHaveLength(2))
    expect(sfu.pool.workers.map(({ pid }) => pid)).not.toContain(doomed.pid)
    expect(sfu.pool.deaths).toBe(1)
    const answer = await room.reopen({ videoCodec: 'VP8', bandwidthCaps: { camera: 1, screen: 1 } })
    expect(answer).toMatchObject({ participants: [bob.participantId], publications: [] })
    expect(sfu.totals()).toMatchObject({ participants: 1, producers: 0, consumers: 0 })
    const back = await join(opened, alice.participantId)
    const again = await back.publish('microphone')
    const ssrc = await bob.subscribe(again.publicationId)
    const sent = await again.send(5)
    await eventually(() => expect(bob.payloads(ssrc)).toEqual(sent))
  })

  it('takes its pipes to other hosts along, which the room is told', async () => {
    const sfu = await host({ workers: 1 })
    const opened = await openRoom(sfu)
    await opened.room.openPipe({ peerHostId: 'peer' })
    const [worker] = sfu.pool.workers
    if (worker === undefined) throw new TypeError('No worker')
    process.kill(worker.pid, 'SIGKILL')
    await eventually(() => expect(opened.told).toEqual([{ name: 'pipesLost', body: { peerHostIds: ['peer'] } }]))
    await eventually(() => expect(sfu.pool.workers).toHaveLength(1))
    expect(await opened.room.openPipe({ peerHostId: 'peer' })).toMatchObject({ ip: '127.0.0.1' })
  })

  it('leaves `mediaUnavailable` to who asks before it is replaced', async () => {
    const sfu = await host({ workers: 1 })
    const opened = await openRoom(sfu)
    const [worker] = sfu.pool.workers
    if (worker === undefined) throw new TypeError('No worker')
    const died = new Promise<void>((resolve) => sfu.pool.onWorkerDied(() => resolve()))
    process.kill(worker.pid, 'SIGKILL')
    await died
    await expect(opened.room.openParticipant({ participantId: 'alice', kind: 'srtp' })).rejects.toMatchObject({ code: 'mediaUnavailable' })
  })
})

describe('a room on two hosts', () => {
  async function twoHosts(options: Partial<SfuHostOptions> = {}) {
    const here = await host({ ...options, mediaPorts: { min: 41_200, max: 41_299 } })
    const there = await host({ ...options, mediaPorts: { min: 41_300, max: 41_399 } })
    const [near, far] = [await openRoom(here), await openRoom(there)]
    const ends = [await near.room.openPipe({ peerHostId: 'there' }), await far.room.openPipe({ peerHostId: 'here' })] as const
    await near.room.connectPipe({ peerHostId: 'there', peer: ends[1] })
    await far.room.connectPipe({ peerHostId: 'here', peer: ends[0] })
    return { here, there, near, far, ends }
  }

  /** Does what the room object does at the first subscription on the other host. */
  async function carry(options: { near: OpenedRoom; far: OpenedRoom; stream: TestStream; publisher: SrtpParticipant; source: Source }) {
    const { publicationId } = options.stream
    const sent = await options.near.room.sendToPipe({ peerHostId: 'there', publicationId })
    const { participantId } = options.publisher
    const received = { peerHostId: 'here', publicationId, participantId, source: options.source, ...sent }
    await options.far.room.receiveFromPipe(received)
    return received
  }

  it('carries audio and video through an encrypted pipe, each stream once for all receivers', async () => {
    const { here, there, near, far } = await twoHosts()
    const alice = await join(near)
    const [bob, carol] = [await join(far), await join(far)]
    const [voice, camera] = [await alice.publish('microphone'), await alice.publish('camera')]
    await carry({ near, far, stream: voice, publisher: alice, source: 'microphone' })
    await carry({ near, far, stream: camera, publisher: alice, source: 'camera' })
    for (const listener of [bob, carol]) {
      const [voiceSsrc, cameraSsrc] = [await listener.subscribe(voice.publicationId), await listener.subscribe(camera.publicationId)]
      const [spoken, shown] = await Promise.all([voice.send(10), camera.send(10)])
      await eventually(() => expect(listener.payloads(voiceSsrc)).toEqual(spoken))
      await eventually(() => expect(listener.payloads(cameraSsrc).slice(-shown.length)).toEqual(shown))
    }
    expect(here.totals()).toMatchObject({ participants: 1, producers: 2, consumers: 2 })
    expect(there.totals()).toMatchObject({ participants: 2, producers: 2, consumers: 4 })
  })

  it('keeps the layers of a simulcast publication', async () => {
    const { near, far } = await twoHosts()
    const [alice, bob] = [await join(near), await join(far)]
    const camera = await alice.publish('camera', { layers: 3 })
    const { rtpParameters } = await carry({ near, far, stream: camera, publisher: alice, source: 'camera' })
    expect(rtpParameters.encodings).toHaveLength(3)
    const subscription = await far.room.subscribe({ participantId: bob.participantId, publicationId: camera.publicationId })
    expect(subscription).toMatchObject({ type: 'simulcast', kind: 'video' })
  })

  it('takes a stream over from another of its workers, still crossing once', async () => {
    const { here, there, near, far } = await twoHosts({ workers: 2, spillLoad: -1 })
    const publishers = [await join(near), await join(near)]
    const [bob, carol] = [await join(far), await join(far)]
    for (const publisher of publishers) {
      const stream = await publisher.publish('microphone')
      await carry({ near, far, stream, publisher, source: 'microphone' })
      for (const listener of [bob, carol]) {
        const ssrc = await listener.subscribe(stream.publicationId)
        const sent = await stream.send(5)
        await eventually(() => expect(listener.payloads(ssrc)).toEqual(sent))
      }
    }
    // Beside two streams into the pipe and out of it, each copy between workers is one producer and one consumer.
    const [sending, receiving] = [here.totals(), there.totals()]
    expect(sending.consumers - 2).toBe(sending.producers - 2)
    expect(receiving.consumers - 4).toBe(receiving.producers - 2)
    const copies = [sending.producers - 2, receiving.producers - 2]
    expect(copies.every((count) => count <= 2)).toBe(true)
    expect(copies.some((count) => count > 0)).toBe(true)
  })

  it('answers the same when asked again', async () => {
    const { near, far, ends, there } = await twoHosts()
    const alice = await join(near)
    const voice = await alice.publish('microphone')
    expect(await near.room.openPipe({ peerHostId: 'there' })).toEqual(ends[0])
    expect(await near.room.connectPipe({ peerHostId: 'there', peer: ends[1] })).toEqual({})
    const received = await carry({ near, far, stream: voice, publisher: alice, source: 'microphone' })
    const bob = await join(far)
    const ssrc = await bob.subscribe(voice.publicationId)
    expect(await carry({ near, far, stream: voice, publisher: alice, source: 'microphone' })).toEqual(received)
    expect(await bob.subscribe(voice.publicationId)).toBe(ssrc)
    expect(there.totals()).toMatchObject({ producers: 1, consumers: 1 })
    const other: PipeEnd = { ...ends[1], port: ends[1].port + 1 }
    await expect(near.room.connectPipe({ peerHostId: 'there', peer: other })).rejects.toMatchObject({ code: 'mediaRejected' })
  })

  it('follows a publication that moves between hosts', async () => {
    const { near, far, there } = await twoHosts()
    const [alice, bob] = [await join(near), await join(far)]
    const voice = await alice.publish('microphone')
    const { publicationId } = voice
    await carry({ near, far, stream: voice, publisher: alice, source: 'microphone' })
    await bob.subscribe(publicationId)
    const moved = await join(far, alice.participantId)
    const { participantId } = moved
    const parameters = { participantId, publicationId, source: 'microphone', kind: 'audio', paused: false } as const
    await far.room.publish({ ...parameters, rtpParameters: voice.rtpParameters })
    await eventually(() => expect(there.totals()).toMatchObject({ producers: 1, consumers: 0 }))
    const back = { ...parameters, peerHostId: 'here', rtpParameters: voice.rtpParameters }
    await expect(far.room.receiveFromPipe(back)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('drops with the pipe what came through it', async () => {
    const { here, there, near, far } = await twoHosts()
    const [alice, bob] = [await join(near), await join(far)]
    const voice = await alice.publish('microphone')
    await carry({ near, far, stream: voice, publisher: alice, source: 'microphone' })
    await bob.subscribe(voice.publicationId)
    await Promise.all([near.room.closePipe({ peerHostId: 'there' }), far.room.closePipe({ peerHostId: 'here' })])
    await eventually(() => expect(there.totals()).toMatchObject({ participants: 1, producers: 0, consumers: 0 }))
    await eventually(() => expect(here.totals()).toMatchObject({ participants: 1, producers: 1, consumers: 0 }))
    const { publications } = await far.room.reopen({ videoCodec: 'VP8', bandwidthCaps: { camera: 1, screen: 1 } })
    expect(publications).toEqual([])
  })
})

describe('bandwidth', () => {
  it('is cut for a source that loses packets, and the room told', async () => {
    const sfu = await host({ workers: 1, inspectMs: 1200 })
    const opened = await openRoom(sfu)
    const { told } = opened
    const alice = await join(opened)
    const camera = await alice.publish('camera')
    const { publicationId } = camera
    const capsTold = () => told.filter(({ name }) => name === 'bandwidth').map(({ body }) => body)
    await eventually(async () => {
      await camera.send(50, { drop: (index) => index % 4 === 3 })
      expect(capsTold()).toEqual([
        { publicationId, maxBitrate: 1_500_000 },
        { publicationId, maxBitrate: 1_000_000 },
      ])
    })
    const [worker] = sfu.pool.workers
    const limits = await Promise.all([...(worker?.transports ?? [])].map((transport) => transport.getStats()))
    expect(limits.flat()).toContainEqual(expect.objectContaining({ maxIncomingBitrate: 1_256_000 }))
    expect(sfu.videoPackets.lost).toBeGreaterThan(20)
    opened.room.tellAgain()
    await eventually(() => expect(capsTold()).toHaveLength(3))
  })
})
