import { ortc } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { BandwidthCaps } from '#shared/protocol/fleet/room-link.ts'
import type { VideoCodec } from '#shared/protocol/media.ts'
import { orRefuse } from './media-errors.ts'
import type { MediaWorker } from './MediaWorker.ts'
import { Participant } from './Participant.ts'
import type { IceServers } from './ParticipantTransports.ts'
import type { Publication } from './Publication.ts'
import { RoomPipes } from './RoomPipes.ts'
import type { Answer, NotifyRoom, Params } from './room-calls.ts'
import { RoomRouters } from './RoomRouters.ts'
import { routerCodecs } from './router-codecs.ts'
import type { PacketCount } from './SenderBandwidth.ts'
import { Speakers } from './Speakers.ts'
import type { WorkerPool } from './WorkerPool.ts'

export interface HostRoomOptions {
  readonly videoCodec: VideoCodec
  readonly bandwidthCaps: BandwidthCaps
  readonly pool: WorkerPool
  /** How much busier than the idlest worker, in streams, the room's own may be before the room spans another. */
  readonly spillLoad: number
  readonly iceServers: IceServers
  readonly notify: NotifyRoom
  readonly logger: Logger
}

/**
 * A room's media on this host. Each method executes the procedure of its name and may be called
 * again with the same effect; the order of calls and their epoch are the caller's concern.
 */
export class HostRoom {
  readonly videoCodec: VideoCodec
  readonly #options: HostRoomOptions
  readonly #speakers: Speakers
  readonly #routers: RoomRouters
  readonly #pipes: RoomPipes
  readonly #participants = new Map<string, Participant>()
  readonly #publications = new Map<string, Publication>()
  readonly #stopListening: () => void
  readonly #closeListeners: (() => void)[] = []
  #caps: BandwidthCaps
  #closed = false

  /** Has a router ready, so that the first participant need not wait for one. */
  static async create(options: HostRoomOptions): Promise<HostRoom> {
    const room = new HostRoom(options)
    try {
      await orRefuse('mediaUnavailable', 'openRoom', () => room.#routers.place())
      return room
    } catch (error) {
      room.close()
      throw error
    }
  }

  private constructor(options: HostRoomOptions) {
    this.#options = options
    this.videoCodec = options.videoCodec
    this.#caps = options.bandwidthCaps
    this.#speakers = new Speakers({ notify: options.notify })
    this.#routers = new RoomRouters({
      pool: options.pool,
      codecs: routerCodecs(options.videoCodec),
      speakers: this.#speakers,
      spillLoad: options.spillLoad,
    })
    this.#pipes = new RoomPipes({ routers: this.#routers })
    this.#stopListening = options.pool.onWorkerDied((worker) => this.#lose(worker))
  }

  get closed(): boolean {
    return this.#closed
  }

  get participants(): number {
    return this.#participants.size
  }

  /** Calls back once when the room has closed. */
  onClosed(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** What the room object is told on each opening; other caps take effect, another codec is a conflict. */
  async reopen({ videoCodec, bandwidthCaps }: Params<'openRoom'>): Promise<Answer<'openRoom'>> {
    this.#assertOpen()
    if (videoCodec !== this.videoCodec) throw new AppError('conflict', { context: { videoCodec: this.videoCodec } })
    this.#caps = bandwidthCaps
    await Promise.all([...this.#participants.values()].map(({ bandwidth }) => bandwidth.setCaps(bandwidthCaps)))
    return {
      routerRtpCapabilities: ortc.generateRouterRtpCapabilities(routerCodecs(this.videoCodec)),
      participants: [...this.#participants.keys()],
      publications: [...this.#publications.keys()],
    }
  }

  /** Says again what a room that was away may have missed. */
  tellAgain(): void {
    for (const participant of this.#participants.values()) {
      participant.tellStates()
      participant.bandwidth.tellAgain()
    }
  }

  async openParticipant({ participantId, kind }: Params<'openParticipant'>): Promise<Answer<'openParticipant'>> {
    const current = this.#participants.get(participantId)
    if (current !== undefined) {
      if (current.kind !== kind) throw new AppError('conflict', { context: { kind: current.kind } })
      return current.parameters()
    }
    const home = await orRefuse('mediaUnavailable', 'openParticipant', () => this.#routers.place())
    const participant = await Participant.create({
      participantId,
      kind,
      home,
      routers: this.#routers,
      iceServers: this.#options.iceServers(participantId),
      caps: this.#caps,
      notify: this.#options.notify,
    })
    if (this.#closed) participant.close()
    this.#assertOpen()
    this.#participants.set(participantId, participant)
    return participant.parameters()
  }

  async connectTransport(params: Params<'connectTransport'>): Promise<Answer<'connectTransport'>> {
    await this.#participant(params.participantId).connect(params)
    return {}
  }

  async restartIce({ participantId, direction }: Params<'restartIce'>): Promise<Answer<'restartIce'>> {
    return this.#participant(participantId).restartIce(direction)
  }

  async setCapabilities({ participantId, rtpCapabilities }: Params<'setCapabilities'>): Promise<Answer<'setCapabilities'>> {
    this.#participant(participantId).setCapabilities(rtpCapabilities)
    return {}
  }

  async closeParticipant({ participantId }: Params<'closeParticipant'>): Promise<Answer<'closeParticipant'>> {
    this.#participants.get(participantId)?.close()
    this.#participants.delete(participantId)
    return {}
  }

  async publish(params: Params<'publish'>): Promise<Answer<'publish'>> {
    const participant = this.#participant(params.participantId)
    const current = this.#publications.get(params.publicationId)
    if (current !== undefined && current.via === undefined) {
      if (current.participantId !== params.participantId)
        throw new AppError('conflict', { context: { publicationId: params.publicationId } })
      await this.#pause(current, params.paused)
      return {}
    }
    // Its participant was on another host and is here now.
    current?.close()
    this.#keep(await participant.publish(params))
    return {}
  }

  async updatePublication({ publicationId, paused }: Params<'updatePublication'>): Promise<Answer<'updatePublication'>> {
    await this.#pause(this.#publication(publicationId), paused)
    return {}
  }

  async unpublish({ publicationId }: Params<'unpublish'>): Promise<Answer<'unpublish'>> {
    this.#publications.get(publicationId)?.close()
    return {}
  }

  async subscribe({ participantId, publicationId }: Params<'subscribe'>): Promise<Answer<'subscribe'>> {
    const subscription = await this.#participant(participantId).subscribe(this.#publication(publicationId))
    return subscription.answer()
  }

  async updateSubscription({
    participantId,
    publicationId,
    ...change
  }: Params<'updateSubscription'>): Promise<Answer<'updateSubscription'>> {
    const subscription = this.#participant(participantId).subscriptionTo(publicationId)
    if (subscription === undefined) throw new AppError('publicationNotFound', { context: { publicationId } })
    await orRefuse('mediaRejected', 'updateSubscription', () => subscription.update(change))
    return {}
  }

  async unsubscribe({ participantId, publicationId }: Params<'unsubscribe'>): Promise<Answer<'unsubscribe'>> {
    this.#participants.get(participantId)?.subscriptionTo(publicationId)?.close()
    return {}
  }

  async openPipe({ peerHostId }: Params<'openPipe'>): Promise<Answer<'openPipe'>> {
    const { end } = await this.#pipes.open(peerHostId)
    this.#assertOpen()
    return end
  }

  async connectPipe({ peerHostId, peer }: Params<'connectPipe'>): Promise<Answer<'connectPipe'>> {
    await this.#pipes.get(peerHostId).connect(peer)
    return {}
  }

  async closePipe({ peerHostId }: Params<'closePipe'>): Promise<Answer<'closePipe'>> {
    this.#pipes.closeOne(peerHostId)
    return {}
  }

  async sendToPipe({ peerHostId, publicationId }: Params<'sendToPipe'>): Promise<Answer<'sendToPipe'>> {
    return this.#pipes.get(peerHostId).send(this.#publication(publicationId))
  }

  /** Another source of the same publication replaces it, as the room knows where it is published now. */
  async receiveFromPipe(params: Params<'receiveFromPipe'>): Promise<Answer<'receiveFromPipe'>> {
    const pipe = this.#pipes.get(params.peerHostId)
    const current = this.#publications.get(params.publicationId)
    if (current !== undefined && current.via === undefined) {
      throw new AppError('conflict', { context: { publicationId: params.publicationId } })
    }
    if (current !== undefined && pipe.carries(current, params.rtpParameters)) {
      await this.#pause(current, params.paused)
      return {}
    }
    current?.close()
    this.#keep(await pipe.receive(params))
    return {}
  }

  /** Looks at the loss of all video published here and moves its caps. Gives back the packets counted. */
  async inspectBandwidth(): Promise<PacketCount> {
    const counts = await Promise.all([...this.#participants.values()].map(({ bandwidth }) => bandwidth.inspect()))
    return {
      received: counts.reduce((sum, { received }) => sum + received, 0),
      lost: counts.reduce((sum, { lost }) => sum + lost, 0),
    }
  }

  /** Idempotent. Nothing of the room stays on any worker. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stopListening()
    this.#speakers.close()
    for (const participant of this.#participants.values()) participant.close()
    this.#participants.clear()
    this.#pipes.close()
    this.#routers.close()
    this.#publications.clear()
    for (const listener of this.#closeListeners) listener()
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('roomEnded')
  }

  #participant(participantId: string): Participant {
    const participant = this.#participants.get(participantId)
    if (participant === undefined) throw new AppError('participantNotFound', { context: { participantId } })
    return participant
  }

  #publication(publicationId: string): Publication {
    const publication = this.#publications.get(publicationId)
    if (publication === undefined) throw new AppError('publicationNotFound', { context: { publicationId } })
    return publication
  }

  async #pause(publication: Publication, paused: boolean): Promise<void> {
    await orRefuse('mediaUnavailable', 'updatePublication', () => publication.setPaused(paused))
  }

  #keep(publication: Publication): void {
    const { publicationId } = publication
    if (publication.closed) throw new AppError('mediaUnavailable', { context: { publicationId } })
    this.#publications.set(publicationId, publication)
    publication.onClosed(() => {
      if (this.#publications.get(publicationId) === publication) this.#publications.delete(publicationId)
    })
  }

  #lose(worker: MediaWorker): void {
    this.#routers.drop(worker)
    const peerHostIds = this.#pipes.drop(worker)
    const participants = [...this.#participants.values()].filter(({ home }) => home.worker === worker)
    for (const participant of participants) {
      participant.close()
      this.#participants.delete(participant.participantId)
    }
    const participantIds = participants.map(({ participantId }) => participantId)
    if (participantIds.length === 0 && peerHostIds.length === 0) return
    this.#options.logger.warn('room.mediaLost', { participants: participantIds, pipes: peerHostIds })
    if (peerHostIds.length > 0) this.#options.notify('pipesLost', { peerHostIds })
    if (participantIds.length > 0) this.#options.notify('participantsLost', { participants: participantIds })
  }
}
