import type { RtpCapabilities, RtpParameters, Source, Subscription } from '#shared/protocol/media.ts'
import type { MediaParameters } from '#shared/protocol/wapi/room.ts'
import type {
  CaptureRequest,
  LocalMedia,
  MediaEngine,
  MediaSession,
  MediaSessionOutput,
  MediaSessionStats,
  PublishRequest,
  RemoteMedia,
} from '#shared/sdk/index.ts'
import type { LoadGenerator } from './LoadGenerator.ts'
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
} from './rtp-parameters.ts'
import { opusShape, vp8Shape } from './shapes.ts'

/**
 * The SDK's media for a client whose media is the load generator's. `peer` is the engine of the one
 * other client in its calls: what is received comes from there, and is counted against what was sent.
 */
export class SrtpMediaEngine implements MediaEngine {
  readonly transportKind = 'srtp'
  readonly #generator: LoadGenerator
  readonly #streams = new Map<Source, number>()
  #peer: SrtpMediaEngine | undefined
  #received = Promise.withResolvers<void>()
  #subscriptions = 0
  #expected = 1

  constructor(generator: LoadGenerator) {
    this.#generator = generator
  }

  /** Makes two engines each other's far side, with this many streams in each direction. */
  static pair(a: SrtpMediaEngine, b: SrtpMediaEngine, options: { streams: number }): void {
    for (const [engine, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      engine.#peer = peer
      engine.#expected = options.streams
      engine.#subscriptions = 0
      engine.#received = Promise.withResolvers()
    }
  }

  /** Resolves once all streams of the other side are subscribed to. */
  get receiving(): Promise<void> {
    return this.#received.promise
  }

  get generator(): LoadGenerator {
    return this.#generator
  }

  async capture(request: CaptureRequest): Promise<readonly LocalMedia[]> {
    return [deviceOf(request.source)]
  }

  async createSession(request: { parameters: MediaParameters; output: MediaSessionOutput }): Promise<MediaSession> {
    return SrtpSession.open(this, request)
  }

  /** Sends from now on. */
  startSending(source: Source, to: { ip: string; port: number; key: string }): RtpParameters {
    const ssrc = newSsrc()
    const isAudio = source === 'microphone'
    const streamId = this.#generator.send({
      ip: to.ip,
      port: to.port,
      key: to.key,
      ssrc,
      payloadType: isAudio ? opusPayloadType : vp8PayloadType,
      shape: isAudio ? opusShape : vp8Shape,
      ...(isAudio ? { levelExtension: levelExtensionId } : {}),
    })
    this.#streams.set(source, streamId)
    return isAudio ? opusParameters(ssrc) : vp8Parameters(ssrc)
  }

  stopSending(source: Source): void {
    const streamId = this.#streams.get(source)
    if (streamId !== undefined) this.#generator.stopSending(streamId)
    this.#streams.delete(source)
  }

  /** Expects the peer's stream of this source under the subscription's SSRC. */
  expect({ source, rtpParameters }: Subscription, key: string): void {
    const streamId = this.#peer?.streamOf(source)
    const ssrc = rtpParameters.encodings?.[0]?.ssrc
    if (streamId === undefined || ssrc === undefined) throw new TypeError(`The far side sends no ${source}`)
    this.#generator.expect(streamId, { ssrc, key })
    this.#subscriptions += 1
    if (this.#subscriptions >= this.#expected) this.#received.resolve()
  }

  streamOf(source: Source): number | undefined {
    return this.#streams.get(source)
  }
}

class SrtpSession implements MediaSession {
  readonly rtpCapabilities: RtpCapabilities = loadCapabilities
  readonly publishesAhead = true
  readonly #engine: SrtpMediaEngine
  readonly #sendTo: { readonly ip: string; readonly port: number; readonly key: string }
  readonly #recvKey: string
  readonly #sources = new Set<Source>()

  static open(engine: SrtpMediaEngine, request: { parameters: MediaParameters; output: MediaSessionOutput }): SrtpSession {
    const { send, recv } = request.parameters
    if (send.kind !== 'srtp' || recv.kind !== 'srtp') throw new TypeError('Not SRTP transports')
    const key = newSrtpKey()
    const { output } = request
    output.connect('send', { kind: 'srtp', srtpParameters: { cryptoSuite: srtpSuite, keyBase64: key } })
    output.connect('recv', {
      kind: 'srtp',
      srtpParameters: { cryptoSuite: srtpSuite, keyBase64: newSrtpKey() },
      ip: '127.0.0.1',
      port: engine.generator.port,
    })
    for (const direction of ['send', 'recv'] as const) output.transportState(direction, 'connected')
    return new SrtpSession(engine, { sendTo: { ip: send.ip, port: send.port, key }, recvKey: recv.srtpParameters.keyBase64 })
  }

  private constructor(engine: SrtpMediaEngine, options: { sendTo: { ip: string; port: number; key: string }; recvKey: string }) {
    this.#engine = engine
    this.#sendTo = options.sendTo
    this.#recvKey = options.recvKey
  }

  async publish({ source }: PublishRequest): Promise<RtpParameters> {
    this.#sources.add(source)
    return this.#engine.startSending(source, this.#sendTo)
  }

  async subscribe(subscription: Subscription): Promise<RemoteMedia> {
    this.#engine.expect(subscription, this.#recvKey)
    return { track: null }
  }

  async unpublish(source: Source): Promise<void> {
    this.#sources.delete(source)
    this.#engine.stopSending(source)
  }

  async getStats(): Promise<MediaSessionStats> {
    return { publications: new Map(), subscriptions: new Map(), transports: [] }
  }

  async replaceMedia(): Promise<void> {}
  async setMaxBitrate(): Promise<void> {}
  async unsubscribe(): Promise<void> {}
  async restartIce(): Promise<void> {}

  close(): void {
    for (const source of this.#sources) this.#engine.stopSending(source)
    this.#sources.clear()
  }
}

const deviceOf = (source: Source): LocalMedia => ({
  source,
  track: null,
  deviceId: null,
  setEnabled: () => undefined,
  onEnded: () => undefined,
  stop: () => undefined,
})
