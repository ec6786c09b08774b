import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import type {
  Direction,
  IceParameters,
  Layers,
  RtpCapabilities,
  RtpParameters,
  Source,
  Subscription,
  TransportAnswer,
  TransportKind,
} from '#shared/protocol/media.ts'
import type { MediaParameters, RoomSignalBody, RoomSignalName } from '#shared/protocol/wapi/room.ts'
import type { RoomEffect } from '#edge/domain/room/change.ts'
import * as media from '#edge/domain/room/media.ts'
import { beginPublication, publicationCarried, publicationRefused } from '#edge/domain/room/publications.ts'
import { isLivePublication, joinedById, joinedOf, presentById, receivableBy } from '#edge/domain/room/queries.ts'
import type { Joined, Present, Publication } from '#edge/domain/room/state.ts'
import type { HostFleet } from './HostFleet.ts'
import type { HostLinks, OpenedLink } from './HostLinks.ts'
import { PipeMesh } from './PipeMesh.ts'
import type { RoomStore } from './RoomStore.ts'

/**
 * Negotiates media between a room's participants and its hosts. Everything may be repeated: the host
 * gives what exists, and a generation (`mediaEpoch`) that has passed is refused with `mediaMoved`.
 */
export class MediaConductor {
  readonly #store: RoomStore
  readonly #fleet: HostFleet
  readonly #links: HostLinks
  readonly #mesh: PipeMesh
  readonly #logger: Logger
  readonly #signal: <Name extends RoomSignalName>(sessionId: string, name: Name, body: RoomSignalBody<Name>) => void
  readonly #newId: () => string

  constructor(options: {
    store: RoomStore
    fleet: HostFleet
    links: HostLinks
    logger: Logger
    signal: <Name extends RoomSignalName>(sessionId: string, name: Name, body: RoomSignalBody<Name>) => void
    newId: () => string
  }) {
    this.#store = options.store
    this.#fleet = options.fleet
    this.#links = options.links
    this.#logger = options.logger
    this.#signal = options.signal
    this.#newId = options.newId
    this.#mesh = new PipeMesh({ linkTo: (hostId) => this.#fleet.linkTo(hostId), epoch: () => this.#epoch })
  }

  async openMedia(participantId: string, kind: TransportKind): Promise<MediaParameters> {
    const { mediaEpoch } = this.#present(participantId)
    const link = await this.#fleet.linkFor(participantId, kind)
    this.#present(participantId, mediaEpoch)
    const transports = await link.peer.call('openParticipant', { epoch: this.#epoch, participantId, kind })
    this.#present(participantId, mediaEpoch)
    return { mediaEpoch, routerRtpCapabilities: link.routerRtpCapabilities, ...transports }
  }

  /** Subscriptions to all there is; none for a candidate, who gets them when it has accepted. */
  async declareCapabilities(
    participantId: string,
    declared: { mediaEpoch: number; rtpCapabilities: RtpCapabilities },
  ): Promise<Subscription[]> {
    const link = await this.#ownLink(participantId, declared.mediaEpoch)
    const { rtpCapabilities } = declared
    this.#store.apply(media.declareCapabilities(this.#store.open, participantId, rtpCapabilities))
    // One link executes a participant's questions in order, so nothing waits for this answer.
    const set = link.peer.call('setCapabilities', { epoch: this.#epoch, participantId, rtpCapabilities })
    const [subscriptions] = await Promise.all([this.#subscribeToAll(participantId), set])
    return subscriptions
  }

  async connectTransport(
    participantId: string,
    request: { mediaEpoch: number; direction: Direction; answer: TransportAnswer },
  ): Promise<void> {
    const link = await this.#ownLink(participantId, request.mediaEpoch)
    const { direction, answer } = request
    await link.peer.call('connectTransport', { epoch: this.#epoch, participantId, direction, answer })
  }

  async restartIce(
    participantId: string,
    request: { mediaEpoch: number; direction: Direction },
  ): Promise<{ iceParameters: IceParameters }> {
    const link = await this.#ownLink(participantId, request.mediaEpoch)
    return link.peer.call('restartIce', { epoch: this.#epoch, participantId, direction: request.direction })
  }

  /** The client's ICE has failed for good: it starts again, elsewhere if its host is gone. */
  reportFailure(participantId: string, request: { mediaEpoch: number }): void {
    const { mediaEpoch } = this.#present(participantId)
    // A report about an earlier generation has been acted on already.
    if (mediaEpoch !== request.mediaEpoch) return
    this.#store.apply(media.moveParticipants(this.#store.open, [participantId], 'iceFailed'))
  }

  async publish(
    participant: Joined,
    request: { source: Source; mediaEpoch: number; rtpParameters: RtpParameters; paused: boolean },
  ): Promise<{ publicationId: string }> {
    const { participantId } = participant
    const { source, mediaEpoch, rtpParameters, paused } = request
    const link = await this.#ownLink(participantId, mediaEpoch)
    const begun = beginPublication(this.#store.open, { by: participant, publicationId: this.#newId(), source, paused })
    this.#store.apply(begun.change)
    const { publicationId } = begun
    const publication = this.#publication(publicationId)
    try {
      await link.peer.call('publish', {
        epoch: this.#epoch,
        participantId,
        publicationId,
        source,
        kind: publication.kind,
        rtpParameters,
        paused,
      })
    } catch (error) {
      this.#store.apply(publicationRefused(this.#store.state, publicationId))
      throw error
    }
    this.#present(participantId, mediaEpoch)
    this.#store.apply(publicationCarried(this.#store.open, { publicationId, mediaEpoch, paused }))
    return { publicationId }
  }

  async subscribe(participantId: string, request: { mediaEpoch: number; publicationId: string }): Promise<Subscription> {
    await this.#ownLink(participantId, request.mediaEpoch)
    return this.#subscribe(participantId, this.#publication(request.publicationId))
  }

  async updateSubscription(
    participantId: string,
    request: { mediaEpoch: number; publicationId: string; paused?: boolean; preferredLayers?: Layers },
  ): Promise<void> {
    const { mediaEpoch, ...rest } = request
    const link = await this.#ownLink(participantId, mediaEpoch)
    await link.peer.call('updateSubscription', { epoch: this.#epoch, participantId, ...rest })
  }

  async unsubscribe(participantId: string, request: { mediaEpoch: number; publicationId: string }): Promise<void> {
    const link = await this.#ownLink(participantId, request.mediaEpoch)
    await link.peer.call('unsubscribe', { epoch: this.#epoch, participantId, publicationId: request.publicationId })
  }

  /** Carries out what a change asks of the hosts. Nobody waits for it, and a host that cannot be told has lost it anyway. */
  perform(effect: RoomEffect): void {
    switch (effect.type) {
      case 'offerAll':
        this.#inBackground('offer-all', this.#offerAll(effect.participantId))
        return
      case 'offerPublication':
        for (const { participantId } of joinedOf(this.#store.state)) {
          this.#inBackground('offer', this.#offer(participantId, effect.publicationId))
        }
        return
      case 'pausePublication':
        this.#tellHosts((link) =>
          link.peer.call('updatePublication', { epoch: this.#epoch, publicationId: effect.publicationId, paused: effect.paused }),
        )
        return
      case 'dropPublication':
        this.#mesh.forgetPublication(effect.publicationId)
        this.#tellHosts((link) => link.peer.call('unpublish', { epoch: this.#epoch, publicationId: effect.publicationId }))
        return
      case 'dropParticipant':
        this.#tellHost(effect.hostId, (link) =>
          link.peer.call('closeParticipant', { epoch: this.#epoch, participantId: effect.participantId }),
        )
        return
      case 'closePipes':
        this.#mesh.forgetHost(effect.hostId)
        this.#tellHosts((link) => link.peer.call('closePipe', { epoch: this.#epoch, peerHostId: effect.hostId }))
        return
      case 'dropHost':
        this.#inBackground('drop-host', this.#dropHost(effect.hostId))
        return
      default:
        return
    }
  }

  /** A media worker died under the host's pipes to these peers: they are joined again, and everybody there is offered all there is. */
  async rejoin(hostId: string, peerHostIds: readonly string[]): Promise<void> {
    await Promise.all(peerHostIds.map((peer) => this.#mesh.breakUp(hostId, peer)))
    const touched = new Set([hostId, ...peerHostIds])
    const participants = joinedOf(this.#store.open).filter(({ media: where }) => where?.hostId != null && touched.has(where.hostId))
    for (const { participantId } of participants) this.#inBackground('offer-all', this.#offerAll(participantId))
  }

  async #dropHost(hostId: string): Promise<void> {
    if (!this.#links.has(hostId)) return
    try {
      const link = await this.#fleet.linkTo(hostId)
      await link.peer.call('closeRoom', { epoch: this.#epoch })
    } finally {
      this.#links.drop(hostId)
    }
  }

  async #offerAll(participantId: string): Promise<void> {
    const publications = receivableBy(this.#store.state, participantId)
    await Promise.all(publications.map(({ publicationId }) => this.#offer(participantId, publicationId)))
  }

  /** Makes the subscription and pushes it, so that the subscriber need not ask. */
  async #offer(participantId: string, publicationId: string): Promise<void> {
    const participant = joinedById(this.#store.state, participantId)
    const publication = this.#store.state.publications.get(publicationId)
    if (publication === undefined || publication.participantId === participantId) return
    // Whoever has not declared its capabilities gets everything in the answer when it does.
    if (participant?.media?.hostId == null || participant.media.rtpCapabilities === null) return
    const { mediaEpoch, sessionId } = participant
    const subscription = await this.#subscribe(participantId, publication)
    if (joinedById(this.#store.state, participantId)?.mediaEpoch === mediaEpoch)
      this.#signal(sessionId, 'subscriptionOffered', subscription)
  }

  /** All that can be had now; what cannot be received or has just gone is left out. */
  async #subscribeToAll(participantId: string): Promise<Subscription[]> {
    if (joinedById(this.#store.open, participantId) === undefined) return []
    const publications = receivableBy(this.#store.open, participantId)
    const made = await Promise.allSettled(publications.map((publication) => this.#subscribe(participantId, publication)))
    for (const outcome of made) {
      if (outcome.status === 'rejected') this.#logger.info('room.subscription-refused', { participantId, error: outcome.reason })
    }
    return made.filter((outcome) => outcome.status === 'fulfilled').map((outcome) => outcome.value)
  }

  async #subscribe(participantId: string, publication: Publication): Promise<Subscription> {
    const { publicationId } = publication
    const subscriber = joinedById(this.#store.open, participantId)
    const publisher = joinedById(this.#store.open, publication.participantId)
    if (subscriber === undefined) throw new AppError('notParticipant')
    if (publisher?.media?.hostId == null || !isLivePublication(this.#store.open, publication)) throw new AppError('publicationNotFound')
    if (subscriber.media?.hostId == null) throw new AppError('mediaMoved')
    const { hostId } = subscriber.media
    if (publisher.media.hostId !== hostId) await this.#mesh.carry(publication, { from: publisher.media.hostId, to: hostId })
    const link = await this.#fleet.linkTo(hostId)
    const made = await link.peer.call('subscribe', { epoch: this.#epoch, participantId, publicationId })
    return { publicationId, participantId: publication.participantId, source: publication.source, ...made }
  }

  async #ownLink(participantId: string, mediaEpoch: number): Promise<OpenedLink> {
    const hostId = this.#present(participantId, mediaEpoch).media?.hostId
    if (hostId == null) throw new AppError('mediaMoved', { context: { mediaEpoch: this.#present(participantId).mediaEpoch } })
    return this.#fleet.linkTo(hostId)
  }

  /** @throws AppError `notParticipant`; `mediaMoved` where the generation has passed */
  #present(participantId: string, mediaEpoch?: number): Present {
    const present = presentById(this.#store.open, participantId)
    if (present === undefined) throw new AppError('notParticipant')
    if (mediaEpoch !== undefined && present.mediaEpoch !== mediaEpoch) {
      throw new AppError('mediaMoved', { context: { mediaEpoch: present.mediaEpoch } })
    }
    return present
  }

  #publication(publicationId: string): Publication {
    const publication = this.#store.open.publications.get(publicationId)
    if (publication === undefined) throw new AppError('publicationNotFound')
    return publication
  }

  get #epoch(): number {
    return this.#store.state.room.epoch
  }

  #tellHosts(tell: (link: OpenedLink) => Promise<unknown>): void {
    for (const hostId of this.#store.state.hosts.keys()) this.#tellHost(hostId, tell)
  }

  /** A host without a socket is told everything when it opens the room again. */
  #tellHost(hostId: string, tell: (link: OpenedLink) => Promise<unknown>): void {
    if (this.#links.has(hostId)) this.#inBackground('tell-host', this.#fleet.linkTo(hostId).then(tell))
  }

  #inBackground(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#logger.info('room.background-refused', { what, error: AppError.from(error) }))
  }
}
