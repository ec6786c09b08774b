import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { hostDescriptionSchema, hostLoadSchema } from '#shared/protocol/fleet/host-link.ts'
import { parseConfig } from './config.ts'
import { HostProcess, type HostProcessOptions } from './HostProcess.ts'
import { eventually, opusParameters, recordingLogger } from './testing/media-kit.ts'
import { RtpPeer } from './testing/RtpPeer.ts'
import { audioPayload, rtpPacket } from './testing/rtp-packets.ts'
import { type EdgeSocket, TestEdge } from './testing/TestEdge.ts'
import { transportParametersSchema } from '#shared/protocol/media.ts'
import { workerBinary } from './testing/worker-binary.ts'

let edge: TestEdge
let stateFolder: string
const hosts: HostProcess[] = []
const peers: RtpPeer[] = []

async function start(options: { secret?: string; times?: HostProcessOptions['times'] } = {}): Promise<HostProcess> {
  const config = parseConfig({
    RINGWAY_EDGE_URL: edge.url.href,
    RINGWAY_ENROLMENT_SECRET: options.secret ?? edge.secret,
    RINGWAY_HOST_STATE: stateFolder,
    RINGWAY_MEDIA_PORTS: '41250-41299',
    RINGWAY_MEDIA_WORKERS: '1',
    MEDIASOUP_WORKER_BIN: await workerBinary(),
  })
  const times = { loadIntervalMs: 50, ...options.times }
  const host = await HostProcess.start({ config, version: '1.2.3', logger: recordingLogger().logger, times })
  hosts.push(host)
  return host
}

beforeEach(async () => {
  edge = await TestEdge.listen()
  stateFolder = await mkdtemp(join(tmpdir(), 'ringway-host-'))
})

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close()
  await Promise.all(hosts.splice(0).map((host) => host.close()))
  await edge.close()
  await rm(stateFolder, { recursive: true })
})

/** The newest socket of a list that has at least `count`. */
async function newest(list: readonly EdgeSocket[], count = 1): Promise<EdgeSocket> {
  await eventually(() => expect(list.length).toBeGreaterThanOrEqual(count))
  const socket = list.at(-1)
  if (socket === undefined) throw new TypeError('No socket')
  return socket
}

const openRoom = { epoch: 1, videoCodec: 'VP8', bandwidthCaps: { camera: 1_500_000, screen: 2_500_000 } }
const room = { room: 'r:domain:1', roomId: 'room-1', epoch: 1, ticket: 'ticket-1' }

/** A host that serves one open room. */
async function serving(times?: HostProcessOptions['times']): Promise<{ host: HostProcess; control: EdgeSocket; link: EdgeSocket }> {
  const host = await start(times === undefined ? {} : { times })
  const control = await newest(edge.controls)
  await control.get('serveRoom', room)
  const link = await newest(edge.rooms)
  await link.get('openRoom', openRoom)
  return { host, control, link }
}

async function speaker(link: EdgeSocket) {
  const [participantId, publicationId] = [newId(), newId()]
  const peer = await RtpPeer.open()
  peers.push(peer)
  const opened = await link.get('openParticipant', { epoch: 1, participantId, kind: 'srtp' })
  const { send } = opened as { send: unknown }
  peer.meet(transportParametersSchema.parse(send))
  const rtpParameters = opusParameters(1234)
  // Back to back, as the room passes them on.
  const answers = await Promise.all([
    link.ask('connectTransport', { epoch: 1, participantId, direction: 'send', answer: peer.answer }),
    link.ask('publish', { epoch: 1, participantId, publicationId, source: 'microphone', kind: 'audio', rtpParameters, paused: false }),
  ])
  expect(answers).toEqual([
    { id: expect.any(Number), result: {} },
    { id: expect.any(Number), result: {} },
  ])
  return { participantId, publicationId, peer }
}

describe('enrolment', () => {
  it('happens once: the identity is kept and used by the next process', async () => {
    const first = await start()
    const { hostId } = await first.ready
    expect(edge.enrolments).toEqual([{ authorization: `Bearer ${edge.secret}`, body: { region: 'local', name: expect.any(String) } }])
    expect(JSON.parse(await readFile(join(stateFolder, 'host.json'), 'utf8'))).toEqual({ hostId, hostKey: edge.hosts.get(hostId) })
    await first.close()
    const second = await start()
    expect(await second.ready).toMatchObject({ hostId })
    expect(edge.enrolments).toHaveLength(1)
    expect(second.bootId).not.toBe(first.bootId)
  })

  it.each([
    ['forgot the host', () => edge.hosts.clear()],
    ['changed its key', () => edge.hosts.forEach((_, hostId) => edge.hosts.set(hostId, 'another'))],
  ])('happens again where the edge %s', async (_what, change) => {
    const host = await start()
    const { hostId } = await host.ready
    change()
    const control = await newest(edge.controls)
    control.terminate()
    const again = await newest(edge.controls, 2)
    expect(again.path).not.toContain(hostId)
    expect(edge.enrolments).toHaveLength(2)
  })

  it('happens again where the edge closes the control socket as unauthenticated', async () => {
    await start()
    const control = await newest(edge.controls)
    control.close(4401)
    await newest(edge.controls, 2)
    expect(edge.enrolments).toHaveLength(2)
  })

  it('fails for a wrong secret, in so many words', async () => {
    const host = await start({ secret: 'not-the-right-secret' })
    await expect(host.ready).rejects.toMatchObject({ code: 'enrolmentRefused' })
  })

  it('waits for an edge that is not there yet', async () => {
    const { port } = edge
    await edge.close()
    const host = await start()
    await new Promise((resolve) => setTimeout(resolve, 200))
    edge = await TestEdge.listen(port)
    await host.ready
    expect(edge.enrolments).toHaveLength(1)
  })
})

describe('the control socket', () => {
  it('carries credentials and `hello` first', async () => {
    const host = await start()
    const { hostId } = await host.ready
    const control = await newest(edge.controls)
    expect(control.path).toBe(`/dispatcher/hosts/${hostId}/socket`)
    expect(control.credentials).toEqual({ offered: ['ringway.fleet.v1'], bearer: edge.hosts.get(hostId) })
    await eventually(() => expect(control.notifications[0]?.notify).toBe('hello'))
    expect(hostDescriptionSchema.parse(control.notifications[0]?.params)).toMatchObject({
      bootId: host.bootId,
      region: 'local',
      version: '1.2.3',
      workers: 1,
      capacity: 1000,
      videoCodecs: ['VP8', 'H264'],
      load: { rooms: 0, draining: false },
    })
  })

  it('is dialled again when lost, with the same bootId', async () => {
    const host = await start()
    for (const count of [1, 2, 3]) {
      const control = await newest(edge.controls, count)
      await eventually(() => expect(control.told('hello')).toMatchObject([{ bootId: host.bootId }]))
      control.terminate()
    }
    await newest(edge.controls, 4)
    expect(edge.enrolments).toHaveLength(1)
  })

  it('counts as lost after three unanswered keep-alives', async () => {
    await start({ times: { keepAliveMs: 200 } })
    const control = await newest(edge.controls)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(edge.controls).toHaveLength(1)
    control.answersPings = false
    await newest(edge.controls, 2)
  })

  it('tells the load when it has changed, and not otherwise', async () => {
    const { control, link } = await serving()
    const loads = () => control.told('load').map((load) => hostLoadSchema.parse(load))
    await eventually(() => expect(loads().at(-1)).toMatchObject({ rooms: 1, participants: 0 }))
    await speaker(link)
    await eventually(() => expect(loads().at(-1)).toMatchObject({ rooms: 1, participants: 1, producers: 1, consumers: 0 }))
    const told = loads().length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(loads().length).toBeLessThanOrEqual(told + 1)
  })

  it('answers what it does not understand with typed errors, and goes on', async () => {
    await start()
    const control = await newest(edge.controls)
    expect(await control.ask('selfDestruct', {})).toMatchObject({ error: { code: 'unsupportedMethod' } })
    expect(await control.ask('toString', {})).toMatchObject({ error: { code: 'unsupportedMethod' } })
    expect(await control.ask('serveRoom', { room: 7 })).toMatchObject({ error: { code: 'invalidRequest' } })
    const malformed = control.answerTo(77)
    control.sendRaw('{"id":77,"method":5}')
    expect(await malformed).toMatchObject({ error: { code: 'malformedMessage' } })
    for (const frame of [
      '{',
      '[]',
      'pang',
      '{"notify":"x","params":{}}',
      '{"id":3,"result":{}}',
      Buffer.from([1, 2]),
      'x'.repeat(1024 * 1024 + 1),
    ]) {
      control.sendRaw(frame)
    }
    expect(await control.ask('serveRoom', room)).toMatchObject({ result: {} })
    expect(edge.controls).toHaveLength(1)
  })
})

describe('a served room', () => {
  it('is dialled with the host’s key and the ticket', async () => {
    const host = await start()
    const { hostId } = await host.ready
    const control = await newest(edge.controls)
    expect(await control.get('serveRoom', room)).toEqual({})
    const link = await newest(edge.rooms)
    expect(link.query.get('bootId')).toBe(host.bootId)
    expect(link.credentials).toEqual({ offered: ['ringway.fleet.v1'], bearer: edge.hosts.get(hostId), ticket: 'ticket-1' })
    expect(await control.get('serveRoom', { ...room, ticket: 'ticket-2' })).toEqual({})
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(edge.rooms).toHaveLength(1)
    link.terminate()
    expect((await newest(edge.rooms, 2)).credentials.ticket).toBe('ticket-2')
  })

  it('answers nothing before it is opened, and refuses lower epochs ever after', async () => {
    await start()
    const control = await newest(edge.controls)
    await control.get('serveRoom', { ...room, epoch: 4 })
    const link = await newest(edge.rooms)
    const participant = { participantId: 'p', kind: 'srtp' }
    expect(await link.ask('openParticipant', { ...participant, epoch: 4 })).toMatchObject({ error: { code: 'roomNotFound' } })
    expect(await link.ask('openRoom', { ...openRoom, epoch: 3 })).toMatchObject({ error: { code: 'staleEpoch', context: { highest: 4 } } })
    await link.get('openRoom', { ...openRoom, epoch: 4 })
    await link.get('openParticipant', { ...participant, epoch: 4 })
    expect(await link.get('openRoom', { ...openRoom, epoch: 6 })).toMatchObject({ participants: ['p'] })
    expect(await link.ask('openParticipant', { ...participant, epoch: 5 })).toMatchObject({ error: { code: 'staleEpoch' } })
    expect(await link.ask('closeRoom', { epoch: 5 })).toMatchObject({ error: { code: 'staleEpoch' } })
    expect(await control.ask('serveRoom', { ...room, epoch: 5 })).toMatchObject({ error: { code: 'staleEpoch' } })
    expect(await link.get('openParticipant', { ...participant, epoch: 6 })).toMatchObject({ send: { kind: 'srtp' } })
  })

  it('keeps its media while the edge is away, and tells what it has when it is back', async () => {
    const { link } = await serving()
    const { participantId, publicationId, peer } = await speaker(link)
    const listener = await RtpPeer.open()
    peers.push(listener)
    const hearing = newId()
    const capabilities = (await link.get('openRoom', openRoom)) as { routerRtpCapabilities: unknown }
    const opened = (await link.get('openParticipant', { epoch: 1, participantId: hearing, kind: 'srtp' })) as { recv: unknown }
    listener.meet(transportParametersSchema.parse(opened.recv))
    await Promise.all([
      link.get('connectTransport', { epoch: 1, participantId: hearing, direction: 'recv', answer: listener.answer }),
      link.get('setCapabilities', { epoch: 1, participantId: hearing, rtpCapabilities: capabilities.routerRtpCapabilities }),
      link.get('subscribe', { epoch: 1, participantId: hearing, publicationId }),
    ])
    const { port } = edge
    const { hosts: known } = edge
    await edge.close()
    for (let sequence = 1; sequence <= 20; sequence += 1) {
      await peer.sendRtp(rtpPacket({ payloadType: 111, ssrc: 1234, sequence, timestamp: sequence * 960, payload: audioPayload(sequence) }))
    }
    await eventually(() => expect(listener.rtp).toHaveLength(20))
    edge = await TestEdge.listen(port)
    for (const [hostId, hostKey] of known) edge.hosts.set(hostId, hostKey)
    const back = await newest(edge.rooms)
    expect(await back.get('openRoom', { ...openRoom, epoch: 2 })).toMatchObject({
      participants: [participantId, hearing],
      publications: [publicationId],
    })
    await eventually(() => expect(back.told('transportState')).toHaveLength(2))
    expect(edge.enrolments).toEqual([])
  })

  it('tells nothing on a socket before the room has opened on it', async () => {
    const { link } = await serving()
    const { peer } = await speaker(link)
    link.terminate()
    const back = await newest(edge.rooms, 2)
    await peer.sendRtp(rtpPacket({ payloadType: 111, ssrc: 1234, sequence: 1, timestamp: 960, payload: audioPayload(1) }))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(back.notifications).toEqual([])
    await back.get('openRoom', openRoom)
    await eventually(() => expect(back.told('transportState')).toMatchObject([{ direction: 'send', state: 'connected' }]))
  })

  it('is dropped when nobody has asked for it long enough', async () => {
    const { control, link } = await serving({ orphanedMediaMs: 1500 })
    await speaker(link)
    edge.refusesRooms = true
    link.terminate()
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 1, participants: 1 }))
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 0, participants: 0, producers: 0 }))
    edge.refusesRooms = false
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(edge.rooms).toHaveLength(1)
  })

  it.each([4000, 4403])('is dropped at once when the room closes its socket with %i', async (code) => {
    const { control, link } = await serving()
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 1 }))
    link.close(code)
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 0 }))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(edge.rooms).toHaveLength(1)
    await control.get('serveRoom', { ...room, epoch: 0 })
    await newest(edge.rooms, 2)
  })

  it('ends with `closeRoom`: first the answer, then the socket', async () => {
    const { control, link } = await serving()
    await speaker(link)
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 1 }))
    expect(await link.get('closeRoom', { epoch: 1 })).toEqual({})
    expect(await link.closed).toBe(4000)
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 0, participants: 0 }))
  })

  it('starts anew where the room comes back with another codec', async () => {
    const { control, link } = await serving()
    await speaker(link)
    const answer = await link.get('openRoom', { ...openRoom, epoch: 2, videoCodec: 'H264' })
    expect(answer).toMatchObject({ participants: [], publications: [] })
    expect(JSON.stringify(answer)).toContain('video/H264')
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ rooms: 1, participants: 0 }))
  })

  it('holds up no participant for another', async () => {
    const { link } = await serving()
    const people = Array.from({ length: 20 }, () => newId())
    const opened = await Promise.all(
      people.map((participantId) => link.ask('openParticipant', { epoch: 1, participantId, kind: 'webrtc' })),
    )
    expect(opened.every((answered) => 'result' in answered)).toBe(true)
  })
})

describe('draining', () => {
  it('takes no more rooms, asks those it has to move, and ends with the last of them', async () => {
    const { host, control, link } = await serving()
    const drained = host.drain({ timeoutMs: 10_000 })
    await eventually(() => expect(control.told('load').at(-1)).toMatchObject({ draining: true, rooms: 1 }))
    await eventually(() => expect(link.told('draining')).toEqual([{}]))
    expect(await control.ask('serveRoom', { ...room, room: 'r:domain:2' })).toMatchObject({ error: { code: 'unavailable' } })
    link.terminate()
    const back = await newest(edge.rooms, 2)
    await back.get('openRoom', openRoom)
    await eventually(() => expect(back.told('draining')).toEqual([{}]))
    await back.get('closeRoom', { epoch: 1 })
    await drained
    await host.finished
    expect(await control.closed).toBe(1000)
  })

  it('is also the edge’s to ask for, and has no time limit then', async () => {
    const { host, control, link } = await serving()
    expect(await control.get('drain', {})).toEqual({})
    await eventually(() => expect(link.told('draining')).toEqual([{}]))
    await link.get('closeRoom', { epoch: 1 })
    await host.finished
  })

  it('ends after its time, whoever is left', async () => {
    const { host, link } = await serving()
    await host.drain({ timeoutMs: 50 })
    expect(await link.closed).toBe(1000)
  })
})
