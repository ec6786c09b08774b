import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { TransportKind } from '#shared/protocol/media.ts'
import type { MediaHostPort, PlacementRequest } from '#edge/domain/ports.ts'
import * as media from '#edge/domain/room/media.ts'
import { presentById, presentOf } from '#edge/domain/room/queries.ts'
import type { RoomRecord } from '#edge/domain/room/state.ts'
import type { HostEnd, HostLinks, OpenedLink, RoomPeer } from './HostLinks.ts'
import type { RoomStore } from './RoomStore.ts'

/** What the fleet needs of the world outside the room. */
export interface FleetPorts {
  place(request: Omit<PlacementRequest, 'region'>): Promise<{ hostId: string } | null>
  mediaHost(hostId: string): MediaHostPort
  signHostTicket(hostId: string, room: RoomRecord): Promise<string>
}

const placementAttempts = 4
/** A host that was asked to serve has this long to dial and open the room, in milliseconds. */
const dialTimeout = 4_000
/** After the socket of a host is lost: a crash takes both of its sockets at once, a network blip is over sooner. */
const lossGrace = 400
/** A host whose control socket is alive is waited for this long. */
const redialPatience = 6_000
/** After the edge itself restarted, all hosts have to dial again. */
const restartGrace = 5_000
/** How long a drained host keeps the old transports, so that nobody hears the move. */
const drainOverlap = 5_000
const failedHostMemory = 20_000

/** The media hosts that serve this room: asks for them, waits for them, notices their loss, moves off them. */
export class HostFleet {
  readonly #store: RoomStore
  readonly #links: HostLinks
  readonly #ports: FleetPorts
  readonly #logger: Logger
  readonly #failedAt = new Map<string, number>()
  #placing: Promise<string> | undefined

  constructor(options: { store: RoomStore; links: HostLinks; ports: FleetPorts; logger: Logger }) {
    this.#store = options.store
    this.#links = options.links
    this.#ports = options.ports
    this.#logger = options.logger
  }

  /** In a new life of the object: hosts whose sockets did not survive must dial again, or are lost. */
  wake(): void {
    const { current } = this.#store
    if (current === null || current.room.ended !== null) return
    const now = this.#store.clock.now()
    for (const host of current.hosts.values()) {
      if (!this.#links.has(host.hostId) && host.downSince === null) {
        this.#store.apply(media.hostDown(this.#store.state, host.hostId, { now, checkAt: now + restartGrace }))
      }
    }
  }

  /**
   * The link of the host that has this participant's media; finds it a host where it has none. Who is put on
   * a host is noted before its link is waited for, so that others who come meanwhile find it as full as it is.
   */
  async linkFor(participantId: string, kind: TransportKind): Promise<OpenedLink> {
    for (let attempt = 0; attempt < placementAttempts; attempt++) {
      const assigned = presentById(this.#store.open, participantId)?.media?.hostId
      if (assigned != null) return this.linkTo(assigned)
      const free = media.hostWithRoom(this.#store.open)
      if (free === null) await this.#placeOnce()
      else this.#store.apply(media.assignHost(this.#store.open, participantId, { hostId: free.hostId, kind }))
    }
    throw new AppError('mediaUnavailable')
  }

  /** A host is asked for before the first participant does, since each surely will. */
  prepare(): void {
    if (media.hostWithRoom(this.#store.open) !== null) return
    void this.#placeOnce().catch((error: unknown) => this.#logger.warn('room.placement-failed', { error }))
  }

  linkTo(hostId: string): Promise<OpenedLink> {
    return this.#links.get(hostId, { timeoutMs: dialTimeout })
  }

  /** The first question on each link. What host and room disagree about is settled here. */
  async openOn(end: HostEnd, peer: RoomPeer): Promise<OpenedLink> {
    const { room } = this.#store.open
    const { cameraBandwidth, screenBandwidth } = room.settings.media
    const opened = await peer.call('openRoom', {
      epoch: room.epoch,
      videoCodec: room.videoCodec,
      bandwidthCaps: { camera: cameraBandwidth * 1000, screen: screenBandwidth * 1000 },
    })
    const isFirst = this.#store.open.hosts.get(end.hostId)?.bootId == null
    this.#store.apply(media.hostUp(this.#store.open, end.hostId, end.bootId))
    // Who was put there while it was being dialled has no media yet to be missed.
    if (!isFirst) this.#reconcile(end.hostId, { peer, held: new Set(opened.participants) })
    return { hostId: end.hostId, peer, routerRtpCapabilities: opened.routerRtpCapabilities }
  }

  /** Whether this host process is one that the room expects. */
  expects(end: HostEnd): boolean {
    const { current } = this.#store
    if (current === null || current.room.ended !== null) return false
    const host = current.hosts.get(end.hostId)
    return host !== undefined && (host.bootId === null || host.bootId === end.bootId)
  }

  closed(end: HostEnd): void {
    const { current } = this.#store
    if (current === null || current.room.ended !== null || !this.expects(end)) return
    const now = this.#store.clock.now()
    this.#store.apply(media.hostDown(current, end.hostId, { now, checkAt: now + lossGrace }))
  }

  /** Another object has seen the host process die. */
  lost(end: { hostId: string; bootId: string }): void {
    const host = this.#store.current?.hosts.get(end.hostId)
    if (host === undefined || (host.bootId !== null && host.bootId !== end.bootId)) return
    this.#lose(end.hostId)
  }

  /** The alarm `host:<id>`: has it come back, is it lost, may a drained one go? */
  async check(hostId: string): Promise<void> {
    const { current } = this.#store
    const host = current?.hosts.get(hostId)
    if (current === null || current.room.ended !== null || host === undefined) return
    if (host.draining) return this.#leave(hostId)
    if (this.#links.has(hostId) || host.downSince === null) return
    const now = this.#store.clock.now()
    const { bootId } = await this.#ports.mediaHost(hostId).status()
    if (this.#links.has(hostId)) return
    if (bootId === null || bootId !== host.bootId || now - host.downSince > redialPatience) this.#lose(hostId)
    else this.#store.apply(media.checkHostAt(this.#store.state, hostId, now + 1_000))
  }

  /** The host asks the room to go. */
  async drain(hostId: string): Promise<void> {
    this.#store.apply(media.hostDraining(this.#store.open, hostId))
    await this.#leave(hostId)
  }

  /** Everybody on a draining host moves once there is somewhere to move to; then it is let go. */
  async #leave(hostId: string): Promise<void> {
    const now = this.#store.clock.now()
    if (presentOf(this.#store.open).some((participant) => participant.media?.hostId === hostId)) {
      try {
        const target = media.hostWithRoom(this.#store.open)?.hostId ?? (await this.#placeOnce())
        await this.linkTo(target)
      } catch (error) {
        this.#logger.warn('room.drain-delayed', { hostId, error })
        this.#store.apply(media.checkHostAt(this.#store.open, hostId, now + 2_000))
        return
      }
      this.#store.apply(media.leaveDrainingHost(this.#store.open, hostId))
      this.#store.apply(media.checkHostAt(this.#store.open, hostId, now + drainOverlap))
      return
    }
    this.#store.apply(media.dropHost(this.#store.open, hostId))
  }

  #lose(hostId: string): void {
    this.#logger.warn('room.host-lost', { hostId })
    this.#failedAt.set(hostId, this.#store.clock.now())
    this.#store.apply(media.hostLost(this.#store.state, hostId))
    this.#links.drop(hostId)
    // A new host is on its way before the first participant asks for it.
    if (this.#store.current?.room.ended === null) this.prepare()
  }

  #placeOnce(): Promise<string> {
    this.#placing ??= this.#place().finally(() => {
      this.#placing = undefined
    })
    return this.#placing
  }

  async #place(): Promise<string> {
    const avoid = this.#recentlyFailed()
    const refused: string[] = []
    for (let attempt = 0; attempt < placementAttempts; attempt++) {
      const { room, hosts } = this.#store.open
      const size = Math.max(2, presentOf(this.#store.open).length)
      const request = { room: room.room, videoCodec: room.videoCodec, size }
      const placed =
        (await this.#ports.place({ ...request, exclude: [...avoid, ...refused, ...hosts.keys()] })) ??
        // Better one that has just failed, and may be a new process by now, than none.
        (await this.#ports.place({ ...request, exclude: [...refused, ...hosts.keys()] }))
      if (placed === null) break
      if (await this.#serve(placed.hostId)) return placed.hostId
      refused.push(placed.hostId)
    }
    throw new AppError('mediaUnavailable')
  }

  /** Asks a host to dial; true once the room is open on it. */
  async #serve(hostId: string): Promise<boolean> {
    this.#store.apply(media.addHost(this.#store.open, hostId))
    const { room } = this.#store.open
    try {
      const ticket = await this.#ports.signHostTicket(hostId, room)
      const served = await this.#ports.mediaHost(hostId).serve({
        room: room.room,
        roomId: room.roomId,
        epoch: room.epoch,
        ticket,
        ...(room.jurisdiction === undefined ? {} : { jurisdiction: room.jurisdiction }),
      })
      if (served === null) throw new AppError('mediaUnavailable', { context: { reason: 'hostRefused' } })
      await this.linkTo(hostId)
      return true
    } catch (error) {
      this.#logger.warn('room.host-failed', { hostId, error })
      this.#failedAt.set(hostId, this.#store.clock.now())
      if (this.#store.current?.hosts.has(hostId) === true) this.#store.apply(media.hostLost(this.#store.state, hostId))
      this.#links.drop(hostId)
      return false
    }
  }

  #recentlyFailed(): string[] {
    const since = this.#store.clock.now() - failedHostMemory
    for (const [hostId, at] of this.#failedAt) {
      if (at < since) this.#failedAt.delete(hostId)
    }
    return [...this.#failedAt.keys()]
  }

  /** After a reconnect: the host drops whom the room no longer has there; whom the host lost must move. */
  #reconcile(hostId: string, options: { peer: RoomPeer; held: ReadonlySet<string> }): void {
    const state = this.#store.open
    const here = new Set(
      presentOf(state)
        .filter((participant) => participant.media?.hostId === hostId)
        .map(({ participantId }) => participantId),
    )
    for (const participantId of options.held) {
      if (here.has(participantId)) continue
      options.peer.call('closeParticipant', { epoch: state.room.epoch, participantId }).catch((error: unknown) => {
        this.#logger.debug('room.close-participant-failed', { hostId, error })
      })
    }
    const gone = [...here].filter((participantId) => !options.held.has(participantId))
    if (gone.length > 0) this.#store.apply(media.moveParticipants(state, gone, 'hostLost'))
  }
}
