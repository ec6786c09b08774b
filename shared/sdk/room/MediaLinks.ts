import type { Logger } from '#shared/log/logger.ts'
import type { Source } from '#shared/protocol/media.ts'
import { Emitter } from '../kit/Emitter.ts'
import type { MediaEngine, RemoteMedia } from '../media/MediaEngine.ts'
import { RingwayError } from '../RingwayError.ts'
import { isStale, MediaLink } from './MediaLink.ts'
import type { RoomRequest } from './RoomConnection.ts'

export interface MediaLinksEvents {
  media: { readonly link: MediaLink; readonly publicationId: string; readonly media: RemoteMedia }
  /** A replacement has taken over. */
  moved: undefined
  error: RingwayError
}

/** A replacement that is not complete by then takes over as it is. */
const patience = 10_000
const retryFirst = 250
const retryLongest = 5_000
/** Attempts in a row that may fail before the application is told. */
const quietFailures = 2

/**
 * The link that carries this device's media and, while media moves, the one that will:
 *
 *   (none) ──launch──► current ──mediaEpoch rises──► current + next ──next carries all──► current
 *
 * Make before break: what arrives on `next` replaces what arrived on `current` once it flows, and only
 * then is the old link closed. Where the old one is known to be dead, nothing waits for anything.
 */
export class MediaLinks {
  readonly #newLink: { readonly engine: MediaEngine; readonly request: RoomRequest; readonly logger: Logger }
  readonly #sources: () => readonly Source[]
  readonly #carry: (link: MediaLink) => Promise<void>
  readonly #emitter: Emitter<MediaLinksEvents>
  /** What arrived on `next` and is not shown yet. */
  readonly #held = new Map<string, RemoteMedia>()
  #current: MediaLink | null = null
  #next: MediaLink | null = null
  #nextCarries = false
  #currentDead = false
  /** The highest generation heard of. */
  #wanted = -1
  #started = false
  #closed = false
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined

  /** `carry` publishes on a link all that there is to publish. */
  constructor(options: {
    newLink: { engine: MediaEngine; request: RoomRequest; logger: Logger }
    sources: () => readonly Source[]
    carry: (link: MediaLink) => Promise<void>
  }) {
    this.#newLink = options.newLink
    this.#sources = options.sources
    this.#carry = options.carry
    this.#emitter = new Emitter(options.newLink.logger)
  }

  get on(): Emitter<MediaLinksEvents>['on'] {
    return this.#emitter.on
  }

  get started(): boolean {
    return this.#started
  }

  get current(): MediaLink | null {
    return this.#current
  }

  /** Where the server's offers belong. */
  newest(): MediaLink | null {
    return this.#next ?? this.#current
  }

  all(): MediaLink[] {
    return [this.#current, this.#next].filter((link) => link !== null)
  }

  /** A new link: the first, or one to take over. */
  launch(): void {
    if (this.#closed) return
    this.#started = true
    clearTimeout(this.#retry)
    const link = new MediaLink(this.#newLink)
    if (this.#current === null) this.#current = link
    else this.#becomeNext(link)
    link.on('media', ({ publicationId, media }) => this.#handleMedia(link, publicationId, media))
    link.on('transport', () => this.#handleProgress(link))
    link.on('declared', () => this.#handleProgress(link))
    link.on('stale', () => this.#handleStale(link))
    link.on('error', (error) => this.#emitter.emit('error', error))
    link.open({ warm: true }).then(
      () => this.#handleOpened(link),
      (error: unknown) => this.#handleOpenFailed(link, error),
    )
  }

  /**
   * The generation that the server speaks of. `dead`: the one before carries nothing any more.
   * True where a replacement is launched for it, which `moved` follows.
   */
  handleEpoch(mediaEpoch: number, options: { dead: boolean }): boolean {
    if (!this.#started || mediaEpoch <= this.#wanted) return false
    this.#wanted = mediaEpoch
    const newest = this.newest()
    // A link that is being opened looks at `wanted` when it knows its own generation.
    if (newest === null || newest.epoch === null || newest.epoch >= mediaEpoch) return false
    if (options.dead) this.#currentDead = true
    this.launch()
    return true
  }

  /** Another participant, another start: nothing of before is worth keeping. */
  restart(): void {
    if (!this.#started) return
    this.#drop()
    this.launch()
  }

  /** The room's connection was lost: asks for what was offered meanwhile. */
  refresh(): void {
    for (const link of this.all()) {
      link.handleResumed()
      if (link.epoch !== null) link.declare().catch((error: unknown) => this.#newLink.logger.info('media.refreshFailed', { error }))
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#drop()
    this.#emitter.clear()
  }

  #becomeNext(link: MediaLink): void {
    this.#next?.close()
    this.#held.clear()
    this.#next = link
    this.#nextCarries = false
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => this.#takeOver(link), patience)
  }

  #handleOpened(link: MediaLink): void {
    if (link.closed) return
    this.#failures = 0
    if ((link.epoch ?? 0) < this.#wanted) return this.#handleStale(link)
    this.#wanted = Math.max(this.#wanted, link.epoch ?? 0)
    if (this.#currentDead && link === this.#next) this.#takeOver(link)
    this.#carry(link).then(
      () => {
        if (link === this.#next) this.#nextCarries = true
        this.#handleProgress(link)
      },
      (error: unknown) => {
        // The publication's own caller has been told; another one moved and cannot be published any more.
        this.#newLink.logger.warn('media.carryFailed', { error })
        if (link === this.#next) this.#nextCarries = true
        this.#handleProgress(link)
      },
    )
  }

  #handleOpenFailed(link: MediaLink, error: unknown): void {
    if (link.closed || this.#closed) return
    this.#forget(link)
    const failure = error instanceof RingwayError ? error : RingwayError.ofDevice('mediaNotSupported', { cause: error })
    const again = failure.retryable || isStale(failure)
    this.#newLink.logger.warn('media.openFailed', { code: failure.code, again, error })
    // While a host is being replaced there may be none for a moment, and that is nobody's business.
    if (!again || (!isStale(failure) && this.#failures === quietFailures)) this.#emitter.emit('error', failure)
    if (!again) return
    const delay = Math.min(retryLongest, retryFirst * 2 ** this.#failures)
    this.#failures += 1
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.launch(), isStale(failure) ? Math.min(delay, retryFirst) : delay)
  }

  #handleStale(link: MediaLink): void {
    if (link.closed || link !== this.newest()) return
    // Its transports are past; a link that never opened is only in the way.
    if (link === this.#next || link.epoch === null) this.#forget(link)
    this.launch()
  }

  #handleMedia(link: MediaLink, publicationId: string, media: RemoteMedia): void {
    if (link === this.#next && !this.#currentDead && link.stateOf('recv') !== 'connected') {
      this.#held.set(publicationId, media)
      return
    }
    this.#emitter.emit('media', { link, publicationId, media })
    this.#handleProgress(link)
  }

  #handleProgress(link: MediaLink): void {
    if (link !== this.#next) return
    if (link.stateOf('recv') === 'connected') this.#show(link)
    const sends = this.#sources().length === 0 || link.stateOf('send') === 'connected'
    const receives = link.subscriptions.size === 0 || link.stateOf('recv') === 'connected'
    if (link.declared && this.#nextCarries && sends && receives) this.#takeOver(link)
  }

  #show(link: MediaLink): void {
    const held = [...this.#held]
    this.#held.clear()
    for (const [publicationId, media] of held) this.#emitter.emit('media', { link, publicationId, media })
  }

  #takeOver(link: MediaLink): void {
    if (link !== this.#next) return
    clearTimeout(this.#deadline)
    const old = this.#current
    this.#current = link
    this.#next = null
    this.#currentDead = false
    this.#show(link)
    old?.close()
    this.#emitter.emit('moved', undefined)
  }

  #forget(link: MediaLink): void {
    link.close()
    if (link === this.#next) {
      this.#next = null
      clearTimeout(this.#deadline)
    }
    if (link === this.#current) this.#current = null
  }

  #drop(): void {
    clearTimeout(this.#retry)
    clearTimeout(this.#deadline)
    this.#current?.close()
    this.#next?.close()
    this.#current = null
    this.#next = null
    this.#held.clear()
    this.#currentDead = false
    this.#wanted = -1
  }
}
