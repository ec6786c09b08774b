import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import type { BandwidthCaps } from '#shared/protocol/fleet/room-link.ts'
import { type Direction, type IceServer, kindOfSource, type RtpCapabilities, type TransportKind } from '#shared/protocol/media.ts'
import { orRefuse } from './media-errors.ts'
import { type LegState, ParticipantTransports } from './ParticipantTransports.ts'
import { Publication } from './Publication.ts'
import type { Answer, NotifyRoom, Params } from './room-calls.ts'
import type { RoomRouter } from './RoomRouter.ts'
import type { RoomRouters } from './RoomRouters.ts'
import { toRouterCapabilities, toRouterParameters } from './router-codecs.ts'
import { SenderBandwidth } from './SenderBandwidth.ts'
import { Subscription } from './Subscription.ts'

const directions = ['send', 'recv'] as const satisfies readonly Direction[]

/**
 * Milliseconds between two key frames asked of one sender. Chromium ignores a request that comes within
 * 300 ms of the one before, and the worker would ask again only after a second; held back a little
 * longer than that, the second receiver to come, or the one whose transport connects late, has its
 * picture by then.
 */
const keyFrameRequestDelay = 350

export interface ParticipantOptions {
  readonly participantId: string
  readonly kind: TransportKind
  readonly home: RoomRouter
  readonly routers: RoomRouters
  readonly iceServers: readonly IceServer[]
  readonly caps: BandwidthCaps
  readonly notify: NotifyRoom
}

/** A participant's media on this host: two transports, what it publishes and what it receives. */
export class Participant {
  readonly participantId: string
  readonly home: RoomRouter
  readonly bandwidth: SenderBandwidth
  readonly #transports: ParticipantTransports
  readonly #routers: RoomRouters
  readonly #notify: NotifyRoom
  readonly #subscriptions = new Map<string, Subscription>()
  #rtpCapabilities: types.RtpCapabilities | undefined

  static async create(options: ParticipantOptions): Promise<Participant> {
    const { participantId, notify } = options
    const transports = await ParticipantTransports.create(options.kind, {
      home: options.home,
      iceServers: options.iceServers,
      onState: (direction, state) => notify('transportState', { participantId, direction, state }),
    })
    return new Participant(transports, options)
  }

  private constructor(transports: ParticipantTransports, options: ParticipantOptions) {
    this.participantId = options.participantId
    this.home = options.home
    this.#transports = transports
    this.#routers = options.routers
    this.#notify = options.notify
    this.bandwidth = new SenderBandwidth({ transport: transports.send.transport, caps: options.caps, notify: options.notify })
  }

  get kind(): TransportKind {
    return this.#transports.kind
  }

  parameters(): Answer<'openParticipant'> {
    return { send: this.#transports.send.parameters, recv: this.#transports.recv.parameters }
  }

  async connect({ direction, answer }: Params<'connectTransport'>): Promise<void> {
    await this.#transports.connect(direction, answer)
  }

  async restartIce(direction: Direction): Promise<Answer<'restartIce'>> {
    return { iceParameters: await orRefuse('mediaUnavailable', 'restartIce', () => this.#transports.leg(direction).restartIce()) }
  }

  setCapabilities(rtpCapabilities: RtpCapabilities): void {
    this.#rtpCapabilities = toRouterCapabilities(rtpCapabilities)
  }

  /** Tells where each transport stands, for a room that may have missed it. */
  tellStates(): void {
    for (const direction of directions) {
      const { state } = this.#transports.leg(direction)
      if (state !== undefined) this.#tellState(direction, state)
    }
  }

  async publish({ publicationId, source, kind, rtpParameters, paused }: Params<'publish'>): Promise<Publication> {
    const { participantId } = this
    if (kindOfSource[source] !== kind) throw new AppError('invalidRequest', { context: { reason: 'kindOfSource', source, kind } })
    if (rtpParameters.codecs.some(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`))) {
      throw new AppError('mediaRejected', { context: { reason: 'codecOfOtherKind' } })
    }
    const producer = await orRefuse('mediaRejected', 'publish', () =>
      this.#transports.send.transport.produce({
        kind,
        rtpParameters: toRouterParameters(rtpParameters),
        paused,
        keyFrameRequestDelay,
        appData: { publicationId, participantId },
      }),
    )
    const publication = Publication.create({ publicationId, participantId, source, producer, home: this.home, routers: this.#routers })
    try {
      await orRefuse('mediaUnavailable', 'publish', async () => {
        if (kind === 'video') await this.bandwidth.add(publication)
        if (source === 'microphone') await this.home.listenTo(producer, { participantId })
      })
      return publication
    } catch (error) {
      publication.close()
      throw error
    }
  }

  /** Makes the subscription, or gives the one there is. */
  async subscribe(publication: Publication): Promise<Subscription> {
    const { participantId, home } = this
    const current = this.#subscriptions.get(publication.publicationId)
    if (current !== undefined && !current.closed && current.publication === publication) return current
    current?.close()
    if (this.#rtpCapabilities === undefined) throw new AppError('codecNotSupported', { context: { reason: 'noCapabilities' } })
    const subscription = await Subscription.create({
      participantId,
      publication,
      rtpCapabilities: this.#rtpCapabilities,
      transport: this.#transports.recv.transport,
      home,
      notify: this.#notify,
    })
    this.#subscriptions.set(publication.publicationId, subscription)
    subscription.onClosed(() => {
      if (this.#subscriptions.get(publication.publicationId) === subscription) this.#subscriptions.delete(publication.publicationId)
    })
    return subscription
  }

  subscriptionTo(publicationId: string): Subscription | undefined {
    return this.#subscriptions.get(publicationId)
  }

  /** Idempotent. Closes its publications and subscriptions with its transports. */
  close(): void {
    this.#transports.close()
  }

  #tellState(direction: Direction, state: LegState): void {
    this.#notify('transportState', { participantId: this.participantId, direction, state })
  }
}
