import type {
  Direction,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
  Source,
  Subscription,
  TransportAnswer,
  TransportKind,
  VideoCodec,
} from '#shared/protocol/media.ts'
import type { MediaParameters } from '#shared/protocol/wapi/room.ts'
import type { MicrophoneOptions, VideoOptions } from '../api/call.ts'

/**
 * What the SDK asks of the media stack of its environment. `BrowserMedia` is the one for browsers;
 * outside them an application supplies its own (a bot, a recorder, a load generator). An engine does
 * no signaling: it is told the server's parameters and answers with its own.
 */
export interface MediaEngine {
  /** The kind of transports its sessions speak; sent with `openMedia`. */
  readonly transportKind: TransportKind
  /** Optional: loads in advance what the first session needs. */
  preload?(): void
  /** Optional: whether opening the device is likely to make the user wait before an answer, as for a permission. */
  mayAsk?(source: Source): Promise<boolean>
  /**
   * Opens the device of a source. `screen` may give two, the screen and its audio; all others give one.
   * Rejects with a `RingwayError` (`deviceNotAllowed`, `deviceNotFound`, `deviceInUse`, `mediaNotSupported`).
   */
  capture(request: CaptureRequest): Promise<readonly LocalMedia[]>
  /** One session per mediaEpoch: a send and a recv transport with these parameters. */
  createSession(request: { readonly parameters: MediaParameters; readonly output: MediaSessionOutput }): Promise<MediaSession>
}

export type CaptureRequest =
  | ({ readonly source: 'microphone' } & MicrophoneOptions)
  | ({ readonly source: 'camera' } & VideoOptions)
  | { readonly source: 'screen' }

/** An open device. It outlives sessions: when media moves, the same one is published again. */
export interface LocalMedia {
  readonly source: Source
  readonly track: MediaStreamTrack | null
  readonly deviceId: string | null
  /** Sends silence or black while false, without releasing the device. */
  setEnabled(enabled: boolean): void
  /** Called at most once, when the device stops by itself: unplugged, or sharing ended in the browser's own bar. */
  onEnded(listener: () => void): void
  /** Releases the device. Idempotent. */
  stop(): void
}

/** Media that arrives. */
export interface RemoteMedia {
  readonly track: MediaStreamTrack | null
}

export type TransportState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed'

/** What a session tells while it lives. */
export interface MediaSessionOutput {
  /** Once per direction: the near side's parameters, for `connectTransport`. The session does not wait for the answer. */
  connect(direction: Direction, answer: TransportAnswer): void
  transportState(direction: Direction, state: TransportState): void
}

export interface PublishRequest {
  readonly source: Source
  /** Null only where the session `publishesAhead`. */
  readonly media: LocalMedia | null
  /** Several encodings of a camera. */
  readonly simulcast: boolean
  readonly videoCodec: VideoCodec
}

export interface MediaSession {
  /** What can be received, for `declareCapabilities`. */
  readonly rtpCapabilities: RtpCapabilities
  /** A microphone may be published before its device is open; `replaceMedia` brings it. */
  readonly publishesAhead: boolean
  /** Optional: connects both transports before there is anything to send or receive. */
  warmUp?(): Promise<void>
  /** Starts sending, and answers with what `publish` must tell the server. At most one per source. */
  publish(request: PublishRequest): Promise<RtpParameters>
  /** Sends another device's media under the same publication. */
  replaceMedia(source: Source, media: LocalMedia): Promise<void>
  /** Bits per second for all encodings of the source together. */
  setMaxBitrate(source: Source, maxBitrate: number): Promise<void>
  /** Harmless where the source is not published. */
  unpublish(source: Source): Promise<void>
  /** Starts receiving; a second subscription to the same publication replaces the first. */
  subscribe(subscription: Subscription): Promise<RemoteMedia>
  /** Harmless where there is no such subscription. */
  unsubscribe(publicationId: string): Promise<void>
  restartIce(direction: Direction, iceParameters: IceParameters): Promise<void>
  getStats(): Promise<MediaSessionStats>
  /** Closes both transports. Idempotent; devices stay open. */
  close(): void
}

/** Figures of one stream in one direction; simulcast encodings are added up, the size is that of the largest that flows. */
export interface StreamStats {
  readonly bytes: number
  readonly packets: number
  readonly packetsLost: number
  /** Seconds. */
  readonly jitter: number | null
  /** Seconds. */
  readonly roundTripTime: number | null
  readonly mimeType: string | null
  readonly frames: number | null
  readonly framesPerSecond: number | null
  readonly width: number | null
  readonly height: number | null
  readonly audioEnergy: number | null
  readonly samples: number | null
  readonly concealedSamples: number | null
}

export interface TransportStats {
  readonly direction: Direction
  readonly state: TransportState
  /** Seconds. */
  readonly roundTripTime: number | null
  /** Bits per second. */
  readonly availableOutgoingBitrate: number | null
  readonly path: 'direct' | 'udp' | 'tcp' | 'tls' | null
}

export interface MediaSessionStats {
  readonly publications: ReadonlyMap<Source, StreamStats>
  /** By publicationId. */
  readonly subscriptions: ReadonlyMap<string, StreamStats>
  readonly transports: readonly TransportStats[]
}
