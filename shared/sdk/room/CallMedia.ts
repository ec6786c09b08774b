import type { Logger } from '#shared/log/logger.ts'
import type { Layers, Source, Subscription, VideoCodec } from '#shared/protocol/media.ts'
import type { JoinResult, RoomSignalBody } from '#shared/protocol/wapi/room.ts'
import { Emitter } from '../kit/Emitter.ts'
import type { CaptureRequest, LocalMedia, MediaEngine, MediaSessionStats } from '../media/MediaEngine.ts'
import { RingwayError } from '../RingwayError.ts'
import { LocalPublication, SourceQueues } from './LocalPublications.ts'
import { MediaLinks } from './MediaLinks.ts'
import { isStale, type MediaLink } from './MediaLink.ts'
import type { RoomRequest } from './RoomConnection.ts'
import { SubscriptionWishes } from './SubscriptionWishes.ts'

export interface CallMediaEvents {
  /** Media of a publication arrives, for the first time or on another way. */
  remote: { readonly publicationId: string; readonly track: MediaStreamTrack | null }
  /** A device of ours is open, or another one took its place. */
  local: LocalPublication
  /** We publish this no more. */
  localEnded: Source
  localMuted: { readonly source: Source; readonly muted: boolean }
  /** What this device wants to publish has changed. */
  intents: undefined
  /** Our media runs on new transports. */
  moved: undefined
  error: RingwayError
}

/** This device's media in one call: its devices, what it publishes and receives, whatever transports carry it. */
export class CallMedia {
  readonly #engine: MediaEngine
  readonly #request: RoomRequest
  readonly #logger: Logger
  readonly #emitter: Emitter<CallMediaEvents>
  readonly #links: MediaLinks
  readonly #local = new Map<Source, LocalPublication>()
  readonly #queues = new SourceQueues()
  readonly #wishes = new SubscriptionWishes()
  #videoCodec: VideoCodec = 'VP8'
  /** False while we only prepare: nothing may be published. */
  #admitted = false
  #ended = false

  constructor(options: { engine: MediaEngine; request: RoomRequest; logger: Logger }) {
    this.#engine = options.engine
    this.#request = options.request
    this.#logger = options.logger
    this.#emitter = new Emitter(options.logger)
    this.#links = new MediaLinks({
      newLink: { engine: options.engine, request: options.request, logger: options.logger },
      sources: () => [...this.#local.values()].filter((publication) => publication.media !== null).map(({ source }) => source),
      carry: (link) => this.#carry(link),
    })
    this.#links.on('media', ({ link, publicationId, media }) => {
      this.#emitter.emit('remote', { publicationId, track: media.track })
      this.#inBackground(this.#wishes.repeat(publicationId, link))
    })
    this.#links.on('moved', () => this.#emitter.emit('moved', undefined))
    this.#links.on('error', (error) => this.#emitter.emit('error', error))
  }

  get on(): Emitter<CallMediaEvents>['on'] {
    return this.#emitter.on
  }

  get publications(): ReadonlyMap<Source, LocalPublication> {
    return this.#local
  }

  /** Negotiates transports; call it right after the request that enters the room. `lostEpoch`: of transports that a reload destroyed. */
  start(options: { lostEpoch?: number } = {}): void {
    if (this.#links.started || this.#ended) return
    if (options.lostEpoch !== undefined) {
      // The server gives this participant new transports, and its next answers are about those.
      this.#inBackground(this.#request('reportFailure', {}, { mediaEpoch: options.lostEpoch, direction: 'send' }))
    }
    this.#links.launch()
  }

  /** We are in, or are about to be: what is open may be published. */
  admit(): void {
    if (this.#admitted) return
    this.#admitted = true
    for (const link of this.#links.all()) this.#inBackground(this.#carry(link))
  }

  /** We are back in the room after its connection was lost, or for the first time. */
  handleJoined(result: JoinResult, how: { snapshot: boolean; again: boolean; newParticipant: boolean }): void {
    if (how.snapshot) this.#videoCodec = result.snapshot.videoCodec
    if (how.newParticipant) this.#links.restart()
    else this.#links.handleEpoch(result.mediaEpoch, { dead: false })
    if (how.again) this.#links.refresh()
  }

  /** A rung device was given another participant id: the transports of the former one are gone. */
  handleNewCandidate(): void {
    this.#links.restart()
  }

  /** Whether our media has to move for it. */
  handleMoved(mediaEpoch: number, options: { dead: boolean }): boolean {
    return this.#links.handleEpoch(mediaEpoch, options)
  }

  handleOffered(subscription: Subscription): void {
    void this.#links.newest()?.handleOffered(subscription)
  }

  handleClosed(publicationId: string): void {
    void this.#links.newest()?.handleClosed(publicationId)
  }

  handleBandwidth({ source, maxBitrate }: RoomSignalBody<'bandwidth'>): void {
    const publication = this.#local.get(source)
    if (publication === undefined) return
    publication.maxBitrate = maxBitrate
    for (const link of this.#links.all()) this.#inBackground(this.#limit(link, publication))
  }

  /** The room's owner has muted us; only we can unmute ourselves. */
  handlePaused(source: Source, paused: boolean): void {
    const publication = this.#local.get(source)
    if (publication === undefined || !paused || publication.paused) return
    this.#setPausedHere(publication, true)
  }

  /** Opens a device and publishes it; an open one of the same source is replaced. */
  open(request: CaptureRequest, options: { simulcast: boolean; paused?: boolean }): Promise<void> {
    return this.#queues.run(request.source, () => this.#open(request, options))
  }

  /** Stops publishing and releases the device. */
  close(source: Source): Promise<void> {
    return this.#queues.run(source, () => this.#drop(source))
  }

  /** Stops or resumes sending without releasing the device. */
  setPaused(source: Source, paused: boolean): Promise<void> {
    const publication = this.#local.get(source)
    if (publication === undefined || publication.paused === paused) return Promise.resolve()
    this.#setPausedHere(publication, paused)
    return this.#queues.run(source, async () => {
      await publication.publishing
      if (!this.#admitted || this.#local.get(source) !== publication) return
      await this.#ignoring(['publicationNotFound'], this.#request('updatePublication', { source }, { paused: publication.paused }))
    })
  }

  /** The room may still have a publication of ours that this page does not carry. */
  withdraw(source: Source): void {
    if (this.#admitted) this.#inBackground(this.#ignoring(['publicationNotFound'], this.#request('unpublish', { source }, undefined)))
  }

  async setEnabled(publicationId: string, enabled: boolean): Promise<void> {
    await this.#wishes.add(publicationId, { paused: !enabled }, this.#links.newest())
  }

  async setPreferredLayers(publicationId: string, preferredLayers: Layers): Promise<void> {
    await this.#wishes.add(publicationId, { preferredLayers }, this.#links.newest())
  }

  /** The publication is no more. */
  handleRemoved(publicationId: string): void {
    this.#wishes.forget(publicationId)
    for (const link of this.#links.all()) void link.handleClosed(publicationId)
  }

  async getStats(): Promise<MediaSessionStats | null> {
    return (await this.#links.current?.getStats()) ?? null
  }

  /** Releases every device and transport. Idempotent. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#links.close()
    for (const { media } of this.#local.values()) media?.stop()
    this.#local.clear()
    this.#emitter.clear()
  }

  async #open(request: CaptureRequest, options: { simulcast: boolean; paused?: boolean }): Promise<void> {
    const { source } = request
    const known = this.#local.get(source)
    // The microphone is announced while its device is still being opened: others get ready meanwhile.
    const ahead = known === undefined && source === 'microphone' ? this.#add(source, request, options) : undefined
    try {
      const captured = await this.#engine.capture(request)
      if (this.#ended) {
        for (const media of captured) media.stop()
        throw RingwayError.ofDevice('callEnded')
      }
      await Promise.all(captured.map((media) => this.#attach(media, request, options)))
      await ahead?.publishing
    } catch (error) {
      if (known === undefined) {
        await this.#drop(source)
        // One that an earlier page published may still be announced.
        if (source === 'camera') this.withdraw(source)
      }
      throw error
    }
  }

  async #attach(media: LocalMedia, request: CaptureRequest, options: { simulcast: boolean; paused?: boolean }): Promise<void> {
    const publication = this.#local.get(media.source) ?? this.#make(media.source, request, options)
    const before = publication.media
    publication.media = media
    publication.request = request
    media.setEnabled(!publication.paused)
    media.onEnded(() => this.#deviceEnded(publication, media))
    this.#local.set(media.source, publication)
    const replaced = this.#links.all().map((link) => link.setMedia(media.source, media))
    this.#publish(publication)
    this.#emitter.emit('local', publication)
    this.#emitter.emit('intents', undefined)
    await Promise.all([...replaced, publication.publishing])
    before?.stop()
  }

  #make(source: Source, request: CaptureRequest, options: { simulcast: boolean; paused?: boolean }): LocalPublication {
    const simulcast = options.simulcast && source === 'camera'
    return new LocalPublication({ source, request, simulcast, paused: options.paused === true, videoCodec: () => this.#videoCodec })
  }

  #add(source: Source, request: CaptureRequest, options: { simulcast: boolean; paused?: boolean }): LocalPublication {
    const publication = this.#make(source, request, options)
    this.#local.set(source, publication)
    this.#publish(publication)
    return publication
  }

  /** Publishes on every link there is; `publishing` rejects where the server will not have it. */
  #publish(publication: LocalPublication): void {
    if (!this.#admitted) return
    const carried = this.#links.all().map((link) => this.#publishOn(link, publication))
    publication.publishing = Promise.all(carried).then(() => undefined)
    publication.publishing.catch(() => undefined)
  }

  /** Publishes on a link all that we want to, the microphone first. */
  async #carry(link: MediaLink): Promise<void> {
    if (!this.#admitted) return
    const publications = [...this.#local.values()].toSorted((a, b) => Number(b.source === 'microphone') - Number(a.source === 'microphone'))
    await Promise.all(
      publications.map((publication) => {
        const carried = this.#publishOn(link, publication)
        publication.publishing = carried.catch(() => undefined)
        return carried
      }),
    )
  }

  async #publishOn(link: MediaLink, publication: LocalPublication): Promise<void> {
    try {
      if (!(await link.publish(publication))) return
      await this.#limit(link, publication)
    } catch (error) {
      // A link that is gone or past is replaced by one that publishes again.
      if (link.closed || isStale(error) || this.#ended) return
      throw error
    }
  }

  async #drop(source: Source): Promise<void> {
    const dropped = source === 'screen' ? (['screen', 'screen-audio'] as const) : [source]
    await Promise.all(dropped.map((each) => this.#dropOne(each)))
  }

  async #dropOne(source: Source): Promise<void> {
    const publication = this.#local.get(source)
    if (publication === undefined) return
    this.#local.delete(source)
    publication.media?.stop()
    this.#emitter.emit('localEnded', source)
    this.#emitter.emit('intents', undefined)
    await publication.publishing.catch(() => undefined)
    await Promise.all(this.#links.all().map((link) => link.unpublish(source)))
    if (this.#admitted && !this.#ended) await this.#ignoring(['publicationNotFound'], this.#request('unpublish', { source }, undefined))
  }

  #deviceEnded(publication: LocalPublication, media: LocalMedia): void {
    if (publication.media !== media || this.#local.get(publication.source) !== publication) return
    // Ending a screen share in the browser's own bar is what the user wanted; a lost device is not.
    if (publication.request.source !== 'screen') this.#emitter.emit('error', RingwayError.ofDevice('deviceEnded'))
    this.#inBackground(this.close(publication.source))
  }

  #setPausedHere(publication: LocalPublication, paused: boolean): void {
    publication.paused = paused
    publication.media?.setEnabled(!paused)
    this.#emitter.emit('localMuted', { source: publication.source, muted: paused })
    this.#emitter.emit('intents', undefined)
  }

  async #limit(link: MediaLink, publication: LocalPublication): Promise<void> {
    if (publication.maxBitrate !== null && link.isSending(publication.source))
      await link.setMaxBitrate(publication.source, publication.maxBitrate)
  }

  async #ignoring(codes: readonly string[], work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!(error instanceof RingwayError && codes.includes(error.code)) && !isStale(error)) throw error
    }
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#ended && !isStale(error)) this.#logger.warn('media.failed', { error })
    })
  }
}
