import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import type { ParamsOf } from '#shared/protocol/fleet/frames.ts'
import { type RoomProcedureName, roomLinkNotifications, roomProcedures } from '#shared/protocol/fleet/room-link.ts'
import { EpochGate } from '#fleet/sfu/EpochGate.ts'
import type { HostRoom } from '#fleet/sfu/HostRoom.ts'
import type { Answer, NotifyRoom } from '#fleet/sfu/room-calls.ts'
import type { SfuHost } from '#fleet/sfu/SfuHost.ts'
import type { BackoffBounds } from './backoff.ts'
import type { SocketTarget } from './edge-addresses.ts'
import { FleetLink, type Handlers, type LinkEnd } from './FleetLink.ts'
import { Lanes } from './Lanes.ts'
import { Redialer } from './Redialer.ts'
import { lanesOf } from './room-lanes.ts'

const contract = { serves: roomProcedures, asks: {}, sends: roomLinkNotifications, hears: {} } as const

/** Shorter than the room waits for an answer, so that it hears of a stuck worker from us. In milliseconds. */
const procedureTimeoutMs = 4500

/** The room is over, or has no use for this host: what media there is goes at once. */
const finalCodes: readonly number[] = [closeCodes.ended, closeCodes.forbidden]

export interface RoomLinkOptions {
  readonly roomId: string
  readonly epoch: number
  /** Where to dial, with the newest ticket. */
  readonly target: () => SocketTarget
  readonly sfu: SfuHost
  readonly draining: () => boolean
  readonly onClosed: () => void
  readonly logger: Logger
  /** How long media outlives the socket, in milliseconds. */
  readonly orphanedMediaMs: number
  readonly backoff?: BackoffBounds
  readonly keepAliveMs?: number
}

/**
 * One served room: its socket, dialled again while its media exists, and that media.
 *
 * ```
 *            serve                openRoom
 *   dialling ─────▶ connected ───────────────▶ serving
 *      ▲ ▲              │ socket lost             │ │
 *      │ └──────────────┘ socket lost             │ │ closeRoom, or the room says it is over
 *      └──────────────────────────────────────────┘ ▼
 *        orphaned too long ────────────────────▶ closed
 * ```
 */
export class RoomLink {
  readonly #options: RoomLinkOptions
  readonly #gate: EpochGate
  readonly #lanes = new Lanes({ timeoutMs: procedureTimeoutMs })
  readonly #redialer: Redialer
  #orphaned: NodeJS.Timeout | undefined
  #link: FleetLink<typeof contract> | undefined
  /** The room has opened on the present socket: it may be told things. */
  #told = false
  #room: HostRoom | undefined
  #closed = false

  static start(options: RoomLinkOptions): RoomLink {
    return new RoomLink(options)
  }

  private constructor(options: RoomLinkOptions) {
    this.#options = options
    this.#gate = new EpochGate(options.epoch)
    this.#abandonLater()
    this.#redialer = Redialer.start({
      target: async () => options.target(),
      serve: (socket) => this.#serve(socket),
      logger: options.logger,
      ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
    })
  }

  get connected(): boolean {
    return this.#link !== undefined
  }

  /** Asked to serve again: maybe with a newer ticket and epoch. Throws `staleEpoch`. */
  serveAgain(epoch: number): void {
    this.#gate.admit(epoch)
    this.#redialer.retryNow()
  }

  /** Tells the room that the host wants it to move. */
  tellDraining(): void {
    this.#notify('draining', {})
  }

  /** Idempotent. Drops the room's media and its socket. */
  close(code: number = closeCodes.ended): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#orphaned)
    this.#redialer.close()
    this.#room?.close()
    this.#link?.close(code)
    this.#options.onClosed()
  }

  async #serve(socket: WebSocket): Promise<LinkEnd | 'stop'> {
    const { logger, keepAliveMs } = this.#options
    clearTimeout(this.#orphaned)
    const link = FleetLink.create(socket, {
      contract,
      handlers: this.#handlers,
      listeners: {},
      logger,
      ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
    })
    this.#link = link
    const end = await link.ended
    this.#link = undefined
    this.#told = false
    if (this.#closed) return 'stop'
    if (finalCodes.includes(end.code)) {
      logger.info('room.dismissed', { code: end.code })
      this.close()
      return 'stop'
    }
    this.#abandonLater()
    return end
  }

  #abandonLater(): void {
    this.#orphaned = setTimeout(() => {
      this.#options.logger.warn('room.orphaned')
      this.close()
    }, this.#options.orphanedMediaMs)
  }

  readonly #notify: NotifyRoom = (name, body) => {
    if (this.#told) this.#link?.notify(name, body)
  }

  get #handlers(): Handlers<typeof roomProcedures> {
    return {
      openRoom: this.#inOrder('openRoom', (params) => this.#open(params)),
      closeRoom: this.#inOrder('closeRoom', async () => {
        // After the answer has left: the socket goes with the room.
        setImmediate(() => this.close())
        return {}
      }),
      openParticipant: this.#inRoom('openParticipant', (room, params) => room.openParticipant(params)),
      connectTransport: this.#inRoom('connectTransport', (room, params) => room.connectTransport(params)),
      restartIce: this.#inRoom('restartIce', (room, params) => room.restartIce(params)),
      setCapabilities: this.#inRoom('setCapabilities', (room, params) => room.setCapabilities(params)),
      closeParticipant: this.#inRoom('closeParticipant', (room, params) => room.closeParticipant(params)),
      publish: this.#inRoom('publish', (room, params) => room.publish(params)),
      updatePublication: this.#inRoom('updatePublication', (room, params) => room.updatePublication(params)),
      unpublish: this.#inRoom('unpublish', (room, params) => room.unpublish(params)),
      subscribe: this.#inRoom('subscribe', (room, params) => room.subscribe(params)),
      updateSubscription: this.#inRoom('updateSubscription', (room, params) => room.updateSubscription(params)),
      unsubscribe: this.#inRoom('unsubscribe', (room, params) => room.unsubscribe(params)),
      openPipe: this.#inRoom('openPipe', (room, params) => room.openPipe(params)),
      connectPipe: this.#inRoom('connectPipe', (room, params) => room.connectPipe(params)),
      closePipe: this.#inRoom('closePipe', (room, params) => room.closePipe(params)),
      sendToPipe: this.#inRoom('sendToPipe', (room, params) => room.sendToPipe(params)),
      receiveFromPipe: this.#inRoom('receiveFromPipe', (room, params) => room.receiveFromPipe(params)),
    }
  }

  /** Lets a question through by its epoch as it arrives, and runs it after those it depends on. */
  #inOrder<Name extends RoomProcedureName>(
    name: Name,
    run: (params: ParamsOf<(typeof roomProcedures)[Name]>) => Promise<Answer<Name>>,
  ): (params: ParamsOf<(typeof roomProcedures)[Name]>) => Promise<Answer<Name>> {
    return async (params) => {
      this.#gate.admit(params.epoch)
      return this.#lanes.run(lanesOf[name](params), () => run(params))
    }
  }

  #inRoom<Name extends RoomProcedureName>(
    name: Name,
    run: (room: HostRoom, params: ParamsOf<(typeof roomProcedures)[Name]>) => Promise<Answer<Name>>,
  ): (params: ParamsOf<(typeof roomProcedures)[Name]>) => Promise<Answer<Name>> {
    return this.#inOrder(name, async (params) => {
      if (this.#room === undefined) throw new AppError('roomNotFound')
      return run(this.#room, params)
    })
  }

  async #open(params: ParamsOf<(typeof roomProcedures)['openRoom']>): Promise<Answer<'openRoom'>> {
    const { sfu, logger, draining } = this.#options
    if (this.#closed) throw new AppError('roomEnded')
    const link = this.#link
    const { videoCodec, bandwidthCaps } = params
    if (this.#room !== undefined && this.#room.videoCodec !== videoCodec) {
      // A room keeps its codec for life: what is here is left over from an earlier life of the same name.
      this.#room.close()
      this.#room = undefined
    }
    this.#room ??= await sfu.openRoom({ videoCodec, bandwidthCaps, notify: this.#notify, logger })
    if (this.#closed) this.#room.close()
    const answer = await this.#room.reopen(params)
    // After the answer: the room hears news only of what it has opened.
    setImmediate(() => {
      if (link === undefined || this.#link !== link) return
      this.#told = true
      this.#room?.tellAgain()
      if (draining()) this.tellDraining()
    })
    return answer
  }
}
