import type { StreamShape } from '../load/shapes.ts'
import type { LoadGenerator } from '../load/LoadGenerator.ts'
import type { RoomLink } from '../edge-stand-in/EdgeStandIn.ts'
import {
  levelExtensionId,
  loadCapabilities,
  newSrtpKey,
  newSsrc,
  opusParameters,
  opusPayloadType,
  srtpSuite,
  vp8Parameters,
  vp8PayloadType,
} from '../load/rtp-parameters.ts'

const epoch = 1

/** Something published: who sends it, and the generator's stream. */
export interface LoadPublication {
  readonly publicationId: string
  readonly streamId: number
}

/** A participant of a media host's room whose media the load generator is. */
export class SrtpParticipant {
  readonly participantId: string
  readonly #link: RoomLink
  readonly #generator: LoadGenerator
  readonly #sendKey: string
  readonly #sendTo: { readonly ip: string; readonly port: number }
  readonly #recvKey: string

  private constructor(options: {
    participantId: string
    link: RoomLink
    generator: LoadGenerator
    sendKey: string
    sendTo: { ip: string; port: number }
    recvKey: string
  }) {
    this.participantId = options.participantId
    this.#link = options.link
    this.#generator = options.generator
    this.#sendKey = options.sendKey
    this.#sendTo = options.sendTo
    this.#recvKey = options.recvKey
  }

  static async open(link: RoomLink, options: { participantId: string; generator: LoadGenerator }): Promise<SrtpParticipant> {
    const { participantId, generator } = options
    const { send, recv } = await link.ask('openParticipant', { epoch, participantId, kind: 'srtp' })
    if (send.kind !== 'srtp' || recv.kind !== 'srtp') throw new TypeError('Not SRTP transports')
    const sendKey = newSrtpKey()
    const ownKey = (keyBase64: string) => ({ kind: 'srtp', srtpParameters: { cryptoSuite: srtpSuite, keyBase64 } }) as const
    await Promise.all([
      link.ask('connectTransport', { epoch, participantId, direction: 'send', answer: ownKey(sendKey) }),
      link.ask('connectTransport', {
        epoch,
        participantId,
        direction: 'recv',
        answer: { ...ownKey(newSrtpKey()), ip: '127.0.0.1', port: generator.port },
      }),
      link.ask('setCapabilities', { epoch, participantId, rtpCapabilities: loadCapabilities }),
    ])
    const { keyBase64: recvKey } = recv.srtpParameters
    return new SrtpParticipant({ participantId, link, generator, sendKey, sendTo: send, recvKey })
  }

  /** Publishes, then sends. The payload need not be what the codec's name says. */
  async publish(shape: StreamShape): Promise<LoadPublication> {
    const ssrc = newSsrc()
    const isAudio = shape.kind === 'audio'
    const publicationId = `${this.participantId}-${shape.kind}`
    await this.#link.ask('publish', {
      epoch,
      participantId: this.participantId,
      publicationId,
      source: isAudio ? 'microphone' : 'camera',
      kind: shape.kind,
      rtpParameters: isAudio ? opusParameters(ssrc) : vp8Parameters(ssrc),
      paused: false,
    })
    const streamId = this.#generator.send({
      ...this.#sendTo,
      ssrc,
      payloadType: isAudio ? opusPayloadType : vp8PayloadType,
      shape,
      key: this.#sendKey,
      ...(isAudio ? { levelExtension: levelExtensionId } : {}),
    })
    return { publicationId, streamId }
  }

  async subscribe({ publicationId, streamId }: LoadPublication): Promise<void> {
    const { rtpParameters } = await this.#link.ask('subscribe', { epoch, participantId: this.participantId, publicationId })
    const ssrc = rtpParameters.encodings?.[0]?.ssrc
    if (ssrc === undefined) throw new TypeError('A subscription without an SSRC')
    this.#generator.expect(streamId, { ssrc, key: this.#recvKey })
  }
}
