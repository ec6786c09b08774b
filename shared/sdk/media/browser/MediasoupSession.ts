import type { types } from 'mediasoup-client'
import type {
  Direction,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
  Source,
  Subscription,
  TransportParameters,
  VideoCodec,
} from '#shared/protocol/media.ts'
import type { MediaParameters } from '#shared/protocol/wapi/room.ts'
import { RingwayError } from '../../RingwayError.ts'
import type { LocalMedia, MediaSession, MediaSessionOutput, MediaSessionStats, PublishRequest, RemoteMedia } from '../MediaEngine.ts'
import { codecOptionsOf, encodingsOf, shares } from './encodings.ts'
import { parametersForLibrary } from './for-library.ts'
import { deviceFor, preloadCapabilities } from './mediasoup-device.ts'
import { silentTrack } from './silence.ts'
import { pathStats, receiverStats, senderStats } from './stream-stats.ts'
import { warmUpParameters } from './warm-up.ts'

export const preload = (): void => {
  preloadCapabilities().catch(() => undefined)
}

/** Two transports of mediasoup-client. The library's questions to its server are answered here at once, and told on. */
export class MediasoupSession implements MediaSession {
  readonly publishesAhead = true
  readonly #device: types.Device
  readonly #send: types.Transport
  readonly #recv: types.Transport
  readonly #producers = new Map<Source, types.Producer>()
  readonly #consumers = new Map<string, types.Consumer>()
  /** A microphone's producer that waits for its microphone. */
  #warm: Promise<types.Producer> | null = null
  #closed = false

  static async create(options: { parameters: MediaParameters; output: MediaSessionOutput }): Promise<MediasoupSession> {
    const { parameters, output } = options
    const device = await deviceFor(parameters.routerRtpCapabilities)
    return new MediasoupSession(device, parameters, output)
  }

  private constructor(device: types.Device, parameters: MediaParameters, output: MediaSessionOutput) {
    this.#device = device
    this.#send = device.createSendTransport(transportOptions('send', parameters.send))
    this.#recv = device.createRecvTransport(transportOptions('recv', parameters.recv))
    for (const [direction, transport] of [
      ['send', this.#send],
      ['recv', this.#recv],
    ] as const) {
      transport.on('connect', ({ dtlsParameters }, done) => {
        output.connect(direction, { kind: 'webrtc', dtlsParameters })
        // The server's answer brings nothing: ICE and DTLS show whether it worked.
        done()
      })
      transport.on('connectionstatechange', (state) => output.transportState(direction, state))
    }
    // The room makes the ids; the library needs one for itself only.
    this.#send.on('produce', ({ appData }, done) => done({ id: String(appData['source']) }))
  }

  get rtpCapabilities(): RtpCapabilities {
    return this.#device.recvRtpCapabilities
  }

  async warmUp(): Promise<void> {
    this.#warm = this.#produce('microphone', silentTrack(), { simulcast: false, videoCodec: 'VP8' })
    // One after the other: an accept that comes right now waits for the first only.
    await this.#warm
    await this.#recv.consume({ id: 'warm-up', producerId: 'warm-up', kind: 'audio', rtpParameters: warmUpParameters(this.#device) })
  }

  async publish(request: PublishRequest): Promise<RtpParameters> {
    const { source, media } = request
    const producer = await this.#producerFor(request)
    this.#producers.set(source, producer)
    const track = media?.track ?? null
    if (track !== null && producer.track !== track) await producer.replaceTrack({ track })
    return structuredClone(producer.rtpParameters)
  }

  async replaceMedia(source: Source, media: LocalMedia): Promise<void> {
    await this.#producers.get(source)?.replaceTrack({ track: media.track })
  }

  async setMaxBitrate(source: Source, maxBitrate: number): Promise<void> {
    const sender = this.#producers.get(source)?.rtpSender
    if (sender === undefined) return
    const parameters = sender.getParameters()
    const bitrates = shares(maxBitrate, parameters.encodings.length)
    for (const [index, encoding] of parameters.encodings.entries()) {
      const bitrate = bitrates[index]
      if (bitrate !== undefined) encoding.maxBitrate = bitrate
    }
    await sender.setParameters(parameters)
  }

  async unpublish(source: Source): Promise<void> {
    this.#producers.get(source)?.close()
    this.#producers.delete(source)
  }

  async subscribe(subscription: Subscription): Promise<RemoteMedia> {
    const { publicationId, consumerId, kind, rtpParameters } = subscription
    const before = this.#consumers.get(publicationId)
    const consumer = await this.#recv.consume({
      id: consumerId,
      producerId: publicationId,
      kind,
      rtpParameters: parametersForLibrary(rtpParameters),
      streamId: streamOf(subscription),
    })
    this.#consumers.set(publicationId, consumer)
    before?.close()
    return { track: consumer.track }
  }

  async unsubscribe(publicationId: string): Promise<void> {
    this.#consumers.get(publicationId)?.close()
    this.#consumers.delete(publicationId)
  }

  async restartIce(direction: Direction, iceParameters: IceParameters): Promise<void> {
    await (direction === 'send' ? this.#send : this.#recv).restartIce({ iceParameters })
  }

  async getStats(): Promise<MediaSessionStats> {
    const [publications, subscriptions, transports] = await Promise.all([
      figures(this.#producers, async (producer) => senderStats(await producer.getStats())),
      figures(this.#consumers, async (consumer) => receiverStats(await consumer.getStats())),
      Promise.all([this.#send, this.#recv].filter(({ closed }) => !closed).map(transportStats)),
    ])
    return { publications, subscriptions, transports }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#send.close()
    this.#recv.close()
  }

  async #producerFor(request: PublishRequest): Promise<types.Producer> {
    const { source, media } = request
    const warm = source === 'microphone' ? this.#warm : null
    if (warm !== null) {
      this.#warm = null
      // A warm-up that failed costs time, not the microphone.
      const producer = await warm.catch(() => null)
      if (producer !== null && !producer.closed) return producer
    }
    const track = media?.track ?? (source === 'microphone' ? silentTrack() : null)
    if (track === null) throw RingwayError.ofDevice('mediaNotSupported')
    return this.#produce(source, track, request)
  }

  #produce(source: Source, track: MediaStreamTrack, options: { simulcast: boolean; videoCodec: VideoCodec }): Promise<types.Producer> {
    const encodings = encodingsOf(source, options)
    const codec = track.kind === 'video' ? this.#videoCodec(options.videoCodec) : undefined
    return this.#send.produce({
      track,
      codecOptions: codecOptionsOf(source),
      ...(encodings === undefined ? {} : { encodings }),
      ...(codec === undefined ? {} : { codec }),
      // Devices belong to the call: they outlive this session, and muting is the call's business.
      stopTracks: false,
      disableTrackOnPause: false,
      appData: { source },
    })
  }

  /** The router has one video codec, the room's; another one would be refused. */
  #videoCodec(name: VideoCodec): types.RtpCodecCapability | undefined {
    const codecs = this.#device.sendRtpCapabilities.codecs ?? []
    return codecs.find(({ mimeType }) => mimeType.toLowerCase() === `video/${name.toLowerCase()}`)
  }
}

function transportOptions(direction: Direction, parameters: TransportParameters): types.TransportOptions {
  if (parameters.kind !== 'webrtc') throw RingwayError.ofDevice('mediaNotSupported')
  const { iceParameters, iceCandidates, dtlsParameters, iceServers } = parameters
  const candidates = iceCandidates.map((candidate) => ({ ...candidate, address: candidate.address ?? candidate.ip }))
  return { id: direction, iceParameters, iceCandidates: candidates, dtlsParameters, ...(iceServers === undefined ? {} : { iceServers }) }
}

/** Streams of one name are kept in step: a voice with its face, a screen with its sound. */
function streamOf({ participantId, source }: Subscription): string {
  return `${participantId}/${source === 'screen' || source === 'screen-audio' ? 'screen' : 'person'}`
}

async function figures<Key, Stream extends { readonly closed: boolean }, Figures>(
  streams: ReadonlyMap<Key, Stream>,
  read: (stream: Stream) => Promise<Figures>,
): Promise<ReadonlyMap<Key, Figures>> {
  const open = [...streams].filter(([, stream]) => !stream.closed)
  return new Map(await Promise.all(open.map(async ([key, stream]) => [key, await read(stream)] as const)))
}

async function transportStats(transport: types.Transport) {
  return { direction: transport.direction, state: transport.connectionState, ...pathStats(await transport.getStats()) }
}
