import type { RtpCapabilities, RtpParameters, Source, Subscription } from '#shared/protocol/media.ts'
import { kindOfSource } from '#shared/protocol/media.ts'
import type { MediaParameters } from '#shared/protocol/wapi/room.ts'
import type {
  CaptureRequest,
  LocalMedia,
  MediaEngine,
  MediaSession,
  MediaSessionOutput,
  PublishRequest,
  RemoteMedia,
} from '../media/MediaEngine.ts'

let ssrc = 1000

/** A media engine that negotiates as a real one does and carries nothing. */
export class PaperMedia implements MediaEngine {
  readonly transportKind = 'webrtc'
  readonly sessions: PaperSession[] = []
  readonly captured: PaperDevice[] = []
  /** What `capture` waits for, or fails with. */
  beforeCapture: (request: CaptureRequest) => Promise<void> = () => Promise.resolve()
  /** Transports connect by themselves. */
  connects = true

  async capture(request: CaptureRequest): Promise<readonly LocalMedia[]> {
    await this.beforeCapture(request)
    const device = new PaperDevice(request.source)
    this.captured.push(device)
    return [device]
  }

  async createSession(request: { parameters: MediaParameters; output: MediaSessionOutput }): Promise<MediaSession> {
    const session = new PaperSession(request.parameters, request.output, { connects: this.connects })
    this.sessions.push(session)
    return session
  }
}

export class PaperDevice implements LocalMedia {
  readonly source: Source
  readonly track = null
  readonly deviceId = null
  enabled = true
  stopped = false
  #ended: () => void = () => undefined

  constructor(source: Source) {
    this.source = source
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled
  }

  onEnded(listener: () => void): void {
    this.#ended = listener
  }

  stop(): void {
    this.stopped = true
  }

  unplug(): void {
    this.#ended()
  }
}

export class PaperSession implements MediaSession {
  readonly publishesAhead = true
  readonly mediaEpoch: number
  readonly rtpCapabilities: RtpCapabilities
  readonly output: MediaSessionOutput
  readonly sending = new Map<Source, LocalMedia | null>()
  readonly receiving = new Map<string, Subscription>()
  readonly bitrates = new Map<Source, number>()
  readonly restarts: string[] = []
  closed = false

  constructor(parameters: MediaParameters, output: MediaSessionOutput, options: { connects: boolean }) {
    this.mediaEpoch = parameters.mediaEpoch
    this.rtpCapabilities = parameters.routerRtpCapabilities
    this.output = output
    if (options.connects) for (const direction of ['send', 'recv'] as const) setTimeout(() => this.connect(direction))
  }

  connect(direction: 'send' | 'recv'): void {
    if (this.closed) return
    this.output.connect(direction, { kind: 'webrtc', dtlsParameters: { role: 'client', fingerprints: [fingerprint] } })
    this.output.transportState(direction, 'connecting')
    this.output.transportState(direction, 'connected')
  }

  async publish({ source, media }: PublishRequest): Promise<RtpParameters> {
    this.sending.set(source, media)
    const kind = kindOfSource[source]
    const codec = this.rtpCapabilities.codecs?.find((candidate) => candidate.kind === kind)
    if (codec === undefined) throw new TypeError(`The router has no codec for ${kind}`)
    const { mimeType, clockRate, channels, preferredPayloadType = 96 } = codec
    return {
      mid: String(this.sending.size),
      codecs: [
        {
          mimeType,
          payloadType: preferredPayloadType,
          clockRate,
          ...(channels === undefined ? {} : { channels }),
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc: ssrc++ }],
      rtcp: { cname: 'paper' },
    }
  }

  async replaceMedia(source: Source, media: LocalMedia): Promise<void> {
    this.sending.set(source, media)
  }

  async setMaxBitrate(source: Source, maxBitrate: number): Promise<void> {
    this.bitrates.set(source, maxBitrate)
  }

  async unpublish(source: Source): Promise<void> {
    this.sending.delete(source)
  }

  async subscribe(subscription: Subscription): Promise<RemoteMedia> {
    this.receiving.set(subscription.publicationId, subscription)
    return { track: null }
  }

  async unsubscribe(publicationId: string): Promise<void> {
    this.receiving.delete(publicationId)
  }

  async restartIce(direction: 'send' | 'recv'): Promise<void> {
    this.restarts.push(direction)
  }

  async getStats() {
    return { publications: new Map(), subscriptions: new Map(), transports: [] }
  }

  close(): void {
    this.closed = true
  }
}

const fingerprint = {
  algorithm: 'sha-256',
  value: Array.from({ length: 32 }, () => 'AB').join(':'),
} as const
