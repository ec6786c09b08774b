import type { Logger } from '#shared/log/logger.ts'
import type { Direction, Layers, Source, Subscription, TransportAnswer } from '#shared/protocol/media.ts'
import { Emitter } from '../kit/Emitter.ts'
import type { LocalMedia, MediaEngine, MediaSession, MediaSessionStats, RemoteMedia, TransportState } from '../media/MediaEngine.ts'
import { RingwayError } from '../RingwayError.ts'
import { IceWatch } from './IceWatch.ts'
import { MediaSenders, type OutgoingPublication } from './MediaSenders.ts'
import type { RoomRequest } from './RoomConnection.ts'

export interface MediaLinkEvents {
  /** Media of a publication arrives. */
  media: { readonly publicationId: string; readonly media: RemoteMedia }
  transport: { readonly direction: Direction; readonly state: TransportState }
  /** All that can be received is, or is on its way. */
  declared: undefined
  /** The server has moved this participant's media on: only a new link helps. */
  stale: undefined
  /** A subscription could not be set up. */
  error: RingwayError
}

/** Codes that say that the mediaEpoch has passed, or that its transports are gone. */
const staleCodes: readonly string[] = ['mediaMoved', 'staleEpoch']
export const isStale = (error: unknown): boolean => error instanceof RingwayError && staleCodes.includes(error.code)

interface Received {
  readonly consumerId: string
  readonly done: Promise<void>
}

/**
 * One generation of this participant's media: negotiates the transports of one mediaEpoch, publishes and
 * subscribes on them. When media moves, a new link is made beside it.
 */
export class MediaLink {
  readonly #engine: MediaEngine
  readonly #request: RoomRequest
  readonly #logger: Logger
  readonly #emitter: Emitter<MediaLinkEvents>
  readonly #ice: IceWatch
  readonly #senders: MediaSenders
  readonly #received = new Map<string, Received>()
  readonly #states = new Map<Direction, TransportState>()
  readonly #opened: Promise<MediaSession>
  #session: MediaSession | null = null
  #epoch: number | null = null
  #declared = false
  #closed = false
  #resolveOpened: (session: MediaSession) => void = () => undefined
  #rejectOpened: (error: unknown) => void = () => undefined

  constructor(options: { engine: MediaEngine; request: RoomRequest; logger: Logger }) {
    this.#engine = options.engine
    this.#request = options.request
    this.#logger = options.logger
    this.#emitter = new Emitter(options.logger)
    this.#opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve
      this.#rejectOpened = reject
    })
    // Whoever waits for it is told; nobody may be waiting.
    this.#opened.catch(() => undefined)
    this.#senders = new MediaSenders({
      session: this.#opened,
      tell: (source, body) => this.#watched(this.#request('publish', { source }, { mediaEpoch: this.#mediaEpoch, ...body })),
      note: (event, error) => this.#note(event, error),
    })
    this.#ice = new IceWatch({
      restart: (direction) => this.#restartIce(direction),
      report: (direction) =>
        void this.#request('reportFailure', {}, { mediaEpoch: this.#mediaEpoch, direction }).catch((error: unknown) =>
          this.#note('media.reportFailed', error),
        ),
    })
  }

  get on(): Emitter<MediaLinkEvents>['on'] {
    return this.#emitter.on
  }

  /** Null until the server has answered. */
  get epoch(): number | null {
    return this.#epoch
  }

  get closed(): boolean {
    return this.#closed
  }

  get declared(): boolean {
    return this.#declared
  }

  stateOf(direction: Direction): TransportState {
    return this.#states.get(direction) ?? 'new'
  }

  /** Publications that are being received. */
  get subscriptions(): ReadonlySet<string> {
    return new Set(this.#received.keys())
  }

  /**
   * Opens the transports, tells what can be received, and receives all there is. Resolves once publishing
   * is possible; subscriptions follow by themselves. `warm`: connect before there is anything to carry.
   */
  async open(options: { warm: boolean }): Promise<void> {
    try {
      const parameters = await this.#request('openMedia', {}, { kind: this.#engine.transportKind })
      if (this.#closed) throw RingwayError.ofDevice('callEnded')
      this.#epoch = parameters.mediaEpoch
      const session = await this.#engine.createSession({
        parameters,
        output: {
          connect: (direction, answer) => this.#connect(direction, answer),
          transportState: (direction, state) => this.#handleTransportState(direction, state),
        },
      })
      if (this.#closed) {
        session.close()
        throw RingwayError.ofDevice('callEnded')
      }
      this.#session = session
      void this.declare().catch((error: unknown) => this.#note('media.declareFailed', error))
      if (options.warm) void session.warmUp?.().catch((error: unknown) => this.#note('media.warmUpFailed', error))
      this.#resolveOpened(session)
    } catch (error) {
      this.#rejectOpened(error)
      throw error
    }
  }

  /** Tells again what can be received; the answer settles what was offered or closed while nobody listened. */
  async declare(): Promise<void> {
    const session = await this.#opened
    const before = new Map(this.#received)
    const { subscriptions } = await this.#watched(
      this.#request('declareCapabilities', {}, { mediaEpoch: this.#mediaEpoch, rtpCapabilities: session.rtpCapabilities }),
    )
    for (const [publicationId, received] of before) {
      const isGone = !subscriptions.some((subscription) => subscription.publicationId === publicationId)
      // What was offered while the answer was on its way may be missing from it.
      if (isGone && this.#received.get(publicationId) === received) await this.handleClosed(publicationId)
    }
    await Promise.all(subscriptions.map((subscription) => this.handleOffered(subscription)))
    this.#declared = true
    this.#emitter.emit('declared', undefined)
  }

  /** Receives a publication, unless it is being received by that very consumer. Never rejects. */
  handleOffered(subscription: Subscription): Promise<void> {
    const known = this.#received.get(subscription.publicationId)
    if (known?.consumerId === subscription.consumerId) return known.done
    const done = this.#receive(subscription)
    this.#received.set(subscription.publicationId, { consumerId: subscription.consumerId, done })
    return done
  }

  async handleClosed(publicationId: string): Promise<void> {
    if (!this.#received.delete(publicationId)) return
    await this.#session?.unsubscribe(publicationId).catch((error: unknown) => this.#note('media.unsubscribeFailed', error))
  }

  /** Sends a source and tells the server of it, once; waits for the transports. False where there is nothing to send yet. */
  publish(publication: OutgoingPublication): Promise<boolean> {
    return this.#senders.publish(publication)
  }

  /** The source's media is now this; harmless where the source is not published here. */
  setMedia(source: Source, media: LocalMedia): Promise<void> {
    return this.#senders.setMedia(source, media)
  }

  async setMaxBitrate(source: Source, maxBitrate: number): Promise<void> {
    await (await this.#opened).setMaxBitrate(source, maxBitrate)
  }

  /** This side only; never rejects. */
  unpublish(source: Source): Promise<void> {
    return this.#senders.unpublish(source)
  }

  isSending(source: Source): boolean {
    return this.#senders.isSending(source)
  }

  /** The server's part of a subscription's wishes; the media flows or stops with it. */
  async updateSubscription(publicationId: string, wishes: { paused?: boolean; preferredLayers?: Layers }): Promise<void> {
    await this.#watched(this.#request('updateSubscription', { publicationId }, { mediaEpoch: this.#mediaEpoch, ...wishes }))
  }

  /** Signaling is back: a transport that was in trouble is looked after at once. */
  handleResumed(): void {
    this.#ice.hurry()
  }

  async getStats(): Promise<MediaSessionStats | null> {
    return (await this.#session?.getStats()) ?? null
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ice.close()
    this.#emitter.clear()
    this.#rejectOpened(RingwayError.ofDevice('callEnded'))
    this.#session?.close()
  }

  async #receive(subscription: Subscription): Promise<void> {
    const { publicationId } = subscription
    try {
      const media = await (await this.#opened).subscribe(subscription)
      if (!this.#closed && this.#received.get(publicationId)?.consumerId === subscription.consumerId) {
        this.#emitter.emit('media', { publicationId, media })
      }
    } catch (error) {
      if (this.#closed) return
      this.#note('media.subscribeFailed', error)
      this.#emitter.emit('error', error instanceof RingwayError ? error : RingwayError.ofDevice('mediaNotSupported', { cause: error }))
    }
  }

  #connect(direction: Direction, answer: TransportAnswer): void {
    const connected = this.#watched(this.#request('connectTransport', { direction }, { mediaEpoch: this.#mediaEpoch, answer }))
    connected.catch((error: unknown) => {
      this.#note('media.connectFailed', error)
      if (!isStale(error)) this.#ice.handleRefused(direction)
    })
  }

  #handleTransportState(direction: Direction, state: TransportState): void {
    if (this.#closed) return
    this.#logger.info('media.transport', { direction, state, mediaEpoch: this.#epoch })
    this.#states.set(direction, state)
    this.#ice.handleState(direction, state)
    this.#emitter.emit('transport', { direction, state })
  }

  async #restartIce(direction: Direction): Promise<void> {
    const { iceParameters } = await this.#watched(this.#request('restartIce', { direction }, { mediaEpoch: this.#mediaEpoch }))
    await this.#session?.restartIce(direction, iceParameters)
  }

  /** The answer to a request that carries this link's mediaEpoch; notices when that has passed. */
  async #watched<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer
    } catch (error) {
      if (isStale(error)) this.#emitter.emit('stale', undefined)
      throw error
    }
  }

  get #mediaEpoch(): number {
    if (this.#epoch === null) throw new TypeError('The link is not open')
    return this.#epoch
  }

  #note(event: string, error: unknown): void {
    if (!this.#closed) this.#logger.warn(event, { error, mediaEpoch: this.#epoch })
  }
}
