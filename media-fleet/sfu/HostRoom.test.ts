import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import type { TransportAnswer } from '#shared/protocol/media.ts'
import { eventually, openRoom, type OpenedRoom, openSfu, opusParameters, SrtpParticipant, vp8Parameters } from '../testing/media-kit.ts'
import { hasPictureLossIndication } from '../testing/rtp-packets.ts'
import type { SfuHost } from './SfuHost.ts'

let sfu: SfuHost
let opened: OpenedRoom
const joined: SrtpParticipant[] = []

async function join(room: OpenedRoom = opened, participantId?: string): Promise<SrtpParticipant> {
  const participant = await SrtpParticipant.join(room, participantId)
  joined.push(participant)
  return participant
}

beforeAll(async () => {
  sfu = await openSfu()
})

afterEach(() => {
  for (const participant of joined.splice(0)) participant.close()
  opened.room.close()
})

afterAll(() => sfu.close())

const dtlsAnswer: TransportAnswer = { kind: 'webrtc', dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] } }

const refusal = (code: string) => expect.objectContaining({ code })

describe('media', () => {
  it('flows from SRTP to SRTP, unchanged and in order', async () => {
    opened = await openRoom(sfu)
    const [alice, bob] = [await join(), await join()]
    const voice = await alice.publish('microphone')
    const ssrc = await bob.subscribe(voice.publicationId)
    const sent = await voice.send(50)
    await eventually(() => expect(bob.payloads(ssrc)).toEqual(sent))
  })

  it('flows to who connects only after subscribing', async () => {
    opened = await openRoom(sfu)
    const alice = await join()
    const voice = await alice.publish('microphone')
    const bob = await join()
    const late = newId()
    const { room } = opened
    const { recv } = await room.openParticipant({ participantId: late, kind: 'srtp' })
    await room.setCapabilities({ participantId: late, rtpCapabilities: opened.capabilities })
    const { rtpParameters } = await room.subscribe({ participantId: late, publicationId: voice.publicationId })
    bob.receiver.meet(recv)
    await room.connectTransport({ participantId: late, direction: 'recv', answer: bob.receiver.answer })
    const sent = await voice.send(10)
    await eventually(() => expect(bob.payloads(rtpParameters.encodings?.[0]?.ssrc ?? 0)).toEqual(sent))
  })

  it('stops and goes on with the publisher and with the subscriber', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const [alice, bob] = [await join(), await join()]
    const { participantId } = bob
    const voice = await alice.publish('microphone', { paused: true })
    const { publicationId } = voice
    const ssrc = await bob.subscribe(publicationId)
    const expectHeard = async (heard: boolean) => {
      const before = bob.payloads(ssrc).length
      const sent = await voice.send(10)
      if (heard) await eventually(() => expect(bob.payloads(ssrc).slice(before)).toEqual(sent))
      else expect(bob.payloads(ssrc)).toHaveLength(before)
    }
    expect(await room.subscribe({ participantId, publicationId })).toMatchObject({ publicationPaused: true })
    await expectHeard(false)
    await room.updatePublication({ publicationId, paused: false })
    await expectHeard(true)
    await room.updateSubscription({ participantId, publicationId, paused: true })
    await expectHeard(false)
    await room.updateSubscription({ participantId, publicationId, paused: false })
    await expectHeard(true)
    await room.unsubscribe({ participantId, publicationId })
    await expectHeard(false)
  })

  it('asks the publisher for a key frame for each new picture', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const [alice, bob] = [await join(), await join()]
    const camera = await alice.publish('camera')
    const { publicationId } = camera
    await camera.send(1)
    await eventually(() => expect(opened.told).toContainEqual(expect.objectContaining({ name: 'transportState' })))
    const ssrc = await bob.subscribe(publicationId)
    await camera.send(5, { key: false })
    await eventually(() => expect(alice.sender.rtcp.some(hasPictureLossIndication)).toBe(true))
    expect(bob.payloads(ssrc)).toEqual([])
    const picture = await camera.send(3)
    await eventually(() => expect(bob.payloads(ssrc)).toEqual(picture))
    alice.sender.rtcp.length = 0
    await room.updateSubscription({ participantId: bob.participantId, publicationId, paused: true })
    await room.updateSubscription({ participantId: bob.participantId, publicationId, paused: false })
    await camera.send(5, { key: false })
    await eventually(() => expect(alice.sender.rtcp.some(hasPictureLossIndication)).toBe(true))
  })

  it('tells the layers of a simulcast publication that flow, as preferred', async () => {
    opened = await openRoom(sfu)
    const { room, told } = opened
    const [alice, bob] = [await join(), await join()]
    const { participantId } = bob
    const camera = await alice.publish('camera', { layers: 2 })
    const { publicationId } = camera
    expect(await room.subscribe({ participantId, publicationId })).toMatchObject({ type: 'simulcast' })
    const layersTold = () => told.filter(({ name }) => name === 'layers').map(({ body }) => body)
    const until = (spatialLayer: number) =>
      eventually(async () => {
        await camera.report()
        await camera.send(1)
        expect(layersTold().at(-1)).toMatchObject({ participantId, publicationId, layers: { spatialLayer } })
      })
    await until(1)
    await room.updateSubscription({ participantId, publicationId, preferredLayers: { spatialLayer: 0 } })
    await until(0)
  })

  it('carries H.264 and G.711 where the room says so', async () => {
    opened = await openRoom(sfu, { videoCodec: 'H264' })
    const mimeTypes = opened.capabilities.codecs?.map(({ mimeType }) => mimeType)
    expect(mimeTypes).toEqual(['audio/opus', 'audio/PCMU', 'audio/PCMA', 'video/H264', 'video/rtx'])
    const alice = await join()
    const codec = { mimeType: 'audio/PCMA', payloadType: 8, clockRate: 8000, channels: 1 }
    const publicationId = newId()
    const { participantId } = alice
    const rtpParameters = { codecs: [codec], encodings: [{ ssrc: 77 }] }
    await opened.room.publish({ participantId, publicationId, source: 'microphone', kind: 'audio', rtpParameters, paused: false })
    const bob = await join()
    const answer = await opened.room.subscribe({ participantId: bob.participantId, publicationId })
    expect(answer.rtpParameters.codecs).toMatchObject([{ mimeType: 'audio/PCMA', payloadType: 8 }])
  })
})

describe('procedures', () => {
  it('give a WebRTC participant ICE candidates on the worker’s port, UDP before TCP', async () => {
    opened = await openRoom(sfu)
    const request = { participantId: newId(), kind: 'webrtc' } as const
    const { send, recv } = await opened.room.openParticipant(request)
    if (send.kind !== 'webrtc' || recv.kind !== 'webrtc') throw new TypeError('Not WebRTC')
    expect(send.iceCandidates).toMatchObject([
      { protocol: 'udp', ip: '127.0.0.1', port: expect.any(Number), type: 'host' },
      { protocol: 'tcp', ip: '127.0.0.1', port: send.iceCandidates[0]?.port, tcpType: 'passive' },
    ])
    expect(send.iceCandidates[0]?.priority).toBeGreaterThan(send.iceCandidates[1]?.priority ?? 0)
    expect(send.iceParameters).toMatchObject({ iceLite: true, usernameFragment: expect.any(String) })
    expect(send.dtlsParameters.fingerprints.map(({ algorithm }) => algorithm)).toContain('sha-256')
    expect(recv.iceParameters.usernameFragment).not.toBe(send.iceParameters.usernameFragment)
    const { iceParameters } = await opened.room.restartIce({ participantId: request.participantId, direction: 'send' })
    expect(iceParameters.usernameFragment).not.toBe(send.iceParameters.usernameFragment)
    const again = await opened.room.openParticipant(request)
    expect(again).toEqual({ send: { ...send, iceParameters }, recv })
  })

  it('have the same effect when asked again', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const [alice, bob] = [await join(), await join()]
    const { participantId } = alice
    const parameters = await room.openParticipant({ participantId, kind: 'srtp' })
    expect(await room.openParticipant({ participantId, kind: 'srtp' })).toEqual(parameters)
    for (const direction of ['send', 'recv'] as const) {
      const { answer } = direction === 'send' ? alice.sender : alice.receiver
      expect(await room.connectTransport({ participantId, direction, answer })).toEqual({})
    }
    const { publicationId, rtpParameters } = await alice.publish('microphone')
    const publish = { participantId, publicationId, source: 'microphone', kind: 'audio', rtpParameters } as const
    expect(await room.publish({ ...publish, paused: true })).toEqual({})
    const subscribe = { participantId: bob.participantId, publicationId }
    const subscription = await room.subscribe(subscribe)
    expect(subscription.publicationPaused).toBe(true)
    expect(await room.subscribe(subscribe)).toEqual(subscription)
    expect(sfu.totals()).toMatchObject({ rooms: 1, participants: 2, producers: 1, consumers: 1 })
    for (let times = 0; times < 2; times += 1) {
      expect(await room.unsubscribe(subscribe)).toEqual({})
      expect(await room.unpublish({ publicationId })).toEqual({})
      expect(await room.closeParticipant({ participantId })).toEqual({})
      expect(await room.closePipe({ peerHostId: 'nobody' })).toEqual({})
    }
    const { participants, publications } = await room.reopen({ videoCodec: 'VP8', bandwidthCaps: { camera: 1, screen: 1 } })
    expect({ participants, publications }).toEqual({ participants: [bob.participantId], publications: [] })
  })

  it('say what the room still has', async () => {
    opened = await openRoom(sfu)
    const alice = await join()
    const camera = await alice.publish('camera')
    const answer = await opened.room.reopen({ videoCodec: 'VP8', bandwidthCaps: { camera: 300_000, screen: 300_000 } })
    expect(answer).toMatchObject({ participants: [alice.participantId], publications: [camera.publicationId] })
    expect(answer.routerRtpCapabilities).toEqual(opened.capabilities)
  })

  it('refuse what they do not know, each by its code', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const { participantId } = await join()
    const nobody = newId()
    const publicationId = newId()
    const publish = { publicationId, source: 'microphone', kind: 'audio', rtpParameters: opusParameters(1), paused: false } as const
    const peer = { ip: '127.0.0.1', port: 41_399, srtpParameters: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: 'AA' } } as const
    await expect(room.connectTransport({ participantId: nobody, direction: 'send', answer: dtlsAnswer })).rejects.toEqual(
      refusal('participantNotFound'),
    )
    await expect(room.restartIce({ participantId: nobody, direction: 'send' })).rejects.toEqual(refusal('participantNotFound'))
    await expect(room.setCapabilities({ participantId: nobody, rtpCapabilities: {} })).rejects.toEqual(refusal('participantNotFound'))
    await expect(room.publish({ ...publish, participantId: nobody })).rejects.toEqual(refusal('participantNotFound'))
    await expect(room.subscribe({ participantId: nobody, publicationId })).rejects.toEqual(refusal('participantNotFound'))
    await expect(room.subscribe({ participantId, publicationId })).rejects.toEqual(refusal('publicationNotFound'))
    await expect(room.updatePublication({ publicationId, paused: true })).rejects.toEqual(refusal('publicationNotFound'))
    await expect(room.updateSubscription({ participantId, publicationId, paused: true })).rejects.toEqual(refusal('publicationNotFound'))
    await expect(room.connectPipe({ peerHostId: 'nobody', peer })).rejects.toEqual(refusal('notFound'))
    await expect(room.sendToPipe({ peerHostId: 'nobody', publicationId })).rejects.toEqual(refusal('notFound'))
    await expect(room.reopen({ videoCodec: 'H264', bandwidthCaps: { camera: 1, screen: 1 } })).rejects.toEqual(refusal('conflict'))
    await expect(room.openParticipant({ participantId, kind: 'webrtc' })).rejects.toEqual(refusal('conflict'))
  })

  it('refuse bad parameters without naming anything of the host', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const alice = await join()
    const { participantId } = alice
    const bad = (rtpParameters: ReturnType<typeof opusParameters>, source: 'microphone' | 'camera' = 'microphone') =>
      room.publish({
        participantId,
        publicationId: newId(),
        source,
        kind: source === 'camera' ? 'video' : 'audio',
        rtpParameters,
        paused: false,
      })
    const opus = opusParameters(4711)
    const [codec] = opus.codecs
    if (codec === undefined) throw new TypeError('No codec')
    await expect(bad({ ...opus, codecs: [{ ...codec, mimeType: 'audio/speex' }] })).rejects.toEqual(refusal('mediaRejected'))
    await expect(bad({ ...opus, codecs: [{ ...codec, clockRate: 44_100 }] })).rejects.toEqual(refusal('mediaRejected'))
    await expect(bad({ ...opus, encodings: [{}] })).rejects.toEqual(refusal('mediaRejected'))
    await expect(bad({ ...opus, encodings: [{ ssrc: 1, rtx: 'no' }] })).rejects.toEqual(refusal('mediaRejected'))
    await expect(bad(vp8Parameters(9))).rejects.toMatchObject({ code: 'mediaRejected', context: { reason: 'codecOfOtherKind' } })
    const mismatched = {
      participantId,
      publicationId: newId(),
      source: 'camera',
      kind: 'audio',
      rtpParameters: opus,
      paused: false,
    } as const
    await expect(room.publish(mismatched)).rejects.toEqual(refusal('invalidRequest'))
    const error: unknown = await bad({ ...opus, codecs: [{ ...codec, mimeType: 'audio/speex' }] }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: 'The media host refused the parameters.', context: { operation: 'publish' } })
    await alice.publish('microphone')
    expect(sfu.totals().producers).toBe(1)
  })

  it('refuse an answer that does not fit its transport, and a second one', async () => {
    opened = await openRoom(sfu)
    const { room } = opened
    const alice = await join()
    const { participantId } = alice
    const other = await join()
    const second = room.connectTransport({ participantId, direction: 'recv', answer: other.receiver.answer })
    await expect(second).rejects.toMatchObject({ code: 'mediaRejected', context: { reason: 'alreadyConnected' } })
    const fresh = newId()
    await room.openParticipant({ participantId: fresh, kind: 'srtp' })
    const connect = (answer: TransportAnswer) => room.connectTransport({ participantId: fresh, direction: 'recv', answer })
    const { answer } = alice.receiver
    if (answer.kind !== 'srtp') throw new TypeError('Not SRTP')
    const { srtpParameters } = answer
    await expect(connect({ kind: 'srtp', srtpParameters })).rejects.toMatchObject({ context: { reason: 'addressMissing' } })
    await expect(connect({ ...answer, srtpParameters: { ...srtpParameters, cryptoSuite: 'AEAD_AES_128_GCM' } })).rejects.toMatchObject({
      context: { reason: 'cryptoSuite' },
    })
    await expect(connect(dtlsAnswer)).rejects.toMatchObject({ code: 'mediaRejected', context: { reason: 'wrongKind' } })
    await expect(room.restartIce({ participantId: fresh, direction: 'recv' })).rejects.toEqual(refusal('invalidRequest'))
    expect(await connect(answer)).toEqual({})
  })

  it('refuse a subscription that the capabilities cannot take', async () => {
    opened = await openRoom(sfu)
    const { room, capabilities } = opened
    const [alice, bob] = [await join(), await join()]
    const { participantId } = bob
    const camera = await alice.publish('camera')
    const { publicationId } = camera
    const audioOnly = { ...capabilities, codecs: capabilities.codecs?.filter(({ kind }) => kind === 'audio') }
    await room.setCapabilities({ participantId, rtpCapabilities: audioOnly })
    await expect(room.subscribe({ participantId, publicationId })).rejects.toEqual(refusal('codecNotSupported'))
    const silent = newId()
    await room.openParticipant({ participantId: silent, kind: 'srtp' })
    await expect(room.subscribe({ participantId: silent, publicationId })).rejects.toEqual(refusal('codecNotSupported'))
    await room.setCapabilities({ participantId, rtpCapabilities: capabilities })
    expect(await room.subscribe({ participantId, publicationId })).toMatchObject({ kind: 'video', type: 'simple' })
  })

  it('do nothing more in a room that has closed', async () => {
    opened = await openRoom(sfu)
    opened.room.close()
    await expect(opened.room.openParticipant({ participantId: newId(), kind: 'srtp' })).rejects.toThrow()
    await expect(opened.room.reopen({ videoCodec: 'VP8', bandwidthCaps: { camera: 1, screen: 1 } })).rejects.toEqual(refusal('roomEnded'))
    await eventually(() => expect(sfu.totals()).toMatchObject({ rooms: 0, participants: 0, producers: 0, consumers: 0 }))
  })
})

describe('speakers', () => {
  it('are told with their levels, and when they fall silent', async () => {
    opened = await openRoom(sfu)
    const [alice, bob] = [await join(), await join()]
    const loud = await alice.publish('microphone')
    const reports = () => opened.told.filter(({ name }) => name === 'speakers').map(({ body }) => body)
    await loud.send(120, { level: 10 })
    const levels = [{ participantId: alice.participantId, volume: -12 }]
    await eventually(() => expect(reports()).toContainEqual({ active: alice.participantId, levels }))
    const soft = await bob.publish('microphone')
    await Promise.all([loud.send(80, { level: 10 }), soft.send(80, { level: 48 })])
    const both = [...levels, { participantId: bob.participantId, volume: -48 }]
    await eventually(() => expect(reports()).toContainEqual(expect.objectContaining({ levels: both })))
    await eventually(() => expect(reports().at(-1)).toMatchObject({ levels: [] }))
    await opened.room.unpublish({ publicationId: loud.publicationId })
    await eventually(() => expect(reports().at(-1)).not.toMatchObject({ active: alice.participantId }))
  })

  it('do not include the sound of a shared screen', async () => {
    opened = await openRoom(sfu)
    const alice = await join()
    const sound = await alice.publish('screen-audio')
    await sound.send(120, { level: 5 })
    expect(opened.told.filter(({ name }) => name === 'speakers')).toEqual([])
  })
})

describe('closing', () => {
  it('leaves nothing on the worker', async () => {
    opened = await openRoom(sfu)
    const [worker] = sfu.pool.workers
    if (worker === undefined) throw new TypeError('No worker')
    const idle = await worker.dump()
    expect(idle.routerIds).toHaveLength(1)
    const [alice, bob] = [await join(), await join()]
    const camera = await alice.publish('camera')
    await bob.subscribe(camera.publicationId)
    await opened.room.openParticipant({ participantId: newId(), kind: 'webrtc' })
    await opened.room.openPipe({ peerHostId: 'other' })
    expect((await worker.dump()).channelMessageHandlers.channelRequestHandlers.length).toBeGreaterThan(8)
    opened.room.close()
    opened.room.close()
    const after = await worker.dump()
    expect(after.routerIds).toEqual([])
    expect(after.channelMessageHandlers.channelRequestHandlers).toEqual(after.webRtcServerIds)
    expect(worker.transports.size).toBe(0)
    expect(worker.load).toBe(0)
  })
})
