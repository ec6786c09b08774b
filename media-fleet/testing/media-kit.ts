import { vi } from 'vitest'
import { Logger, type LogRecord } from '#shared/log/logger.ts'
import { newId } from '#shared/ids/ids.ts'
import { kindOfSource, type RtpCapabilities, type RtpParameters, type Source, type VideoCodec } from '#shared/protocol/media.ts'
import type { HostRoom } from '#fleet/sfu/HostRoom.ts'
import type { NotifyRoom } from '#fleet/sfu/room-calls.ts'
import { SfuHost, type SfuHostOptions } from '#fleet/sfu/SfuHost.ts'
import { RtpPeer } from './RtpPeer.ts'
import { audioPayload, rtpPacket, senderReport, vp8Payload } from './rtp-packets.ts'
import { workerBinary } from './worker-binary.ts'

/** A logger that keeps its records. */
export function recordingLogger(): { logger: Logger; records: LogRecord[] } {
  const records: LogRecord[] = []
  return { logger: new Logger({ sink: (record) => records.push(record), level: 'debug' }), records }
}

export async function openSfu(options: Partial<SfuHostOptions> = {}): Promise<SfuHost> {
  return SfuHost.create({
    workers: 1,
    workerBin: await workerBinary(),
    listen: { ip: '127.0.0.1' },
    mediaPorts: { min: 41_200, max: 41_399 },
    logger: recordingLogger().logger,
    ...options,
  })
}

interface Told {
  readonly name: string
  readonly body: unknown
}

export interface OpenedRoom {
  readonly room: HostRoom
  /** Notifications so far, oldest first. */
  readonly told: Told[]
  readonly capabilities: RtpCapabilities
}

const caps = { camera: 1_500_000, screen: 2_400_000 }

export async function openRoom(sfu: SfuHost, options: { videoCodec?: VideoCodec } = {}): Promise<OpenedRoom> {
  const told: Told[] = []
  const notify: NotifyRoom = (name, body) => told.push({ name, body })
  const { videoCodec = 'VP8' } = options
  const room = await sfu.openRoom({ videoCodec, bandwidthCaps: caps, notify, logger: recordingLogger().logger })
  const { routerRtpCapabilities } = await room.reopen({ videoCodec, bandwidthCaps: caps })
  return { room, told, capabilities: routerRtpCapabilities }
}

export const opusParameters = (ssrc: number): RtpParameters => ({
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 }],
  encodings: [{ ssrc }],
  rtcp: { cname: `cname-${ssrc}` },
})

export const vp8Parameters = (...ssrcs: number[]): RtpParameters => ({
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
    },
  ],
  encodings: ssrcs.map((ssrc) => ({ ssrc })),
  rtcp: { cname: `cname-${ssrcs.join('-')}` },
})

let nextSsrc = 10_000

/** A participant that sends and receives SRTP through a room. */
export class SrtpParticipant {
  readonly participantId: string
  readonly sender: RtpPeer
  readonly receiver: RtpPeer
  readonly #room: HostRoom

  static async join(opened: Pick<OpenedRoom, 'room' | 'capabilities'>, participantId: string = newId()): Promise<SrtpParticipant> {
    const { room } = opened
    const [sender, receiver] = await Promise.all([RtpPeer.open(), RtpPeer.open()])
    const { send, recv } = await room.openParticipant({ participantId, kind: 'srtp' })
    sender.meet(send)
    receiver.meet(recv)
    await room.connectTransport({ participantId, direction: 'send', answer: sender.answer })
    await room.connectTransport({ participantId, direction: 'recv', answer: receiver.answer })
    await room.setCapabilities({ participantId, rtpCapabilities: opened.capabilities })
    return new SrtpParticipant(participantId, { sender, receiver, room })
  }

  private constructor(participantId: string, parts: { sender: RtpPeer; receiver: RtpPeer; room: HostRoom }) {
    this.participantId = participantId
    this.sender = parts.sender
    this.receiver = parts.receiver
    this.#room = parts.room
  }

  /** Publishes a source of one encoding, or of several for simulcast. */
  async publish(source: Source, options: { layers?: number; paused?: boolean } = {}): Promise<TestStream> {
    const ssrcs = Array.from({ length: options.layers ?? 1 }, () => (nextSsrc += 10))
    const kind = kindOfSource[source]
    const rtpParameters = kind === 'audio' ? opusParameters(ssrcs[0] ?? 0) : vp8Parameters(...ssrcs)
    const publicationId = newId()
    const { participantId } = this
    await this.#room.publish({ participantId, publicationId, source, kind, rtpParameters, paused: options.paused ?? false })
    return new TestStream({ publicationId, peer: this.sender, kind, ssrcs, rtpParameters })
  }

  /** Subscribes; gives the SSRC that the publication arrives with. */
  async subscribe(publicationId: string): Promise<number> {
    const { rtpParameters } = await this.#room.subscribe({ participantId: this.participantId, publicationId })
    return rtpParameters.encodings?.[0]?.ssrc ?? 0
  }

  /** Payloads received with this SSRC, in order. */
  payloads(ssrc: number): Buffer[] {
    return this.receiver.rtp.filter((packet) => packet.ssrc === ssrc).map(({ payload }) => payload)
  }

  close(): void {
    this.sender.close()
    this.receiver.close()
  }
}

/** What a test participant publishes. */
export class TestStream {
  readonly publicationId: string
  readonly rtpParameters: RtpParameters
  readonly #peer: RtpPeer
  readonly #kind: 'audio' | 'video'
  readonly #ssrcs: readonly number[]
  #sequence = 1

  constructor(parts: {
    publicationId: string
    peer: RtpPeer
    kind: 'audio' | 'video'
    ssrcs: readonly number[]
    rtpParameters: RtpParameters
  }) {
    this.publicationId = parts.publicationId
    this.rtpParameters = parts.rtpParameters
    this.#peer = parts.peer
    this.#kind = parts.kind
    this.#ssrcs = parts.ssrcs
  }

  /** Sends `count` packets on each layer, 5 ms apart; gives the payloads of the first layer. `drop` leaves some out. */
  async send(count: number, options: { key?: boolean; level?: number; drop?: (index: number) => boolean } = {}): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    for (let index = 0; index < count; index += 1) {
      const sequence = this.#sequence++
      const payload = this.#kind === 'audio' ? audioPayload(sequence) : vp8Payload(sequence, { key: options.key ?? true })
      if (options.drop?.(index) !== true) {
        payloads.push(payload)
        await Promise.all(this.#ssrcs.map((ssrc) => this.#peer.sendRtp(this.#packet({ ssrc, sequence, payload, level: options.level }))))
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return payloads
  }

  /** Sends a sender report for each layer: without one the worker cannot line up two layers' clocks. */
  async report(): Promise<void> {
    const now = Date.now()
    const timestamp = this.#sequence * this.#step
    await Promise.all(this.#ssrcs.map((ssrc) => this.#peer.sendRtcp(senderReport({ ssrc, timestamp, now, packets: this.#sequence }))))
  }

  get #step(): number {
    return this.#kind === 'audio' ? 960 : 3000
  }

  #packet(parts: { ssrc: number; sequence: number; payload: Buffer; level: number | undefined }): Buffer {
    const { ssrc, sequence, payload, level } = parts
    const payloadType = this.#kind === 'audio' ? 111 : 96
    const audioLevel = level === undefined ? {} : { audioLevel: { id: 6, level } }
    return rtpPacket({ payloadType, ssrc, sequence, timestamp: sequence * this.#step, payload, ...audioLevel })
  }
}

/** Waits until the condition holds, or fails with what it was. */
export const eventually = (check: () => void | Promise<void>, timeoutMs = 15_000): Promise<void> =>
  vi.waitFor(check, { timeout: timeoutMs, interval: 20 })
