import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { ParamsOf } from '#shared/protocol/fleet/frames.ts'
import { type hostProcedures, orphanedMediaMs } from '#shared/protocol/fleet/host-link.ts'
import type { SfuHost } from '#fleet/sfu/SfuHost.ts'
import type { BackoffBounds } from './backoff.ts'
import { roomSocketTarget } from './edge-addresses.ts'
import { RoomLink } from './RoomLink.ts'

export interface RoomLinksOptions {
  readonly edgeUrl: URL
  readonly bootId: string
  /** The host's key as of now; a ticket is worth nothing without it. */
  readonly hostKey: () => string | undefined
  readonly sfu: SfuHost
  readonly logger: Logger
  readonly orphanedMediaMs?: number
  readonly backoff?: BackoffBounds
  readonly keepAliveMs?: number
}

type ServeRoom = ParamsOf<typeof hostProcedures.serveRoom>

/** All rooms this host serves, by the name of the room's object. */
export class RoomLinks {
  readonly #options: RoomLinksOptions
  readonly #links = new Map<string, RoomLink>()
  readonly #tickets = new Map<string, string>()
  #draining = false
  readonly #whenEmpty: (() => void)[] = []

  constructor(options: RoomLinksOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#links.size
  }

  get connected(): number {
    return [...this.#links.values()].filter(({ connected }) => connected).length
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Dials the room; again for a room that is served already: with the newer ticket. `unavailable` while draining. */
  serve({ room, roomId, epoch, ticket }: ServeRoom): void {
    const current = this.#links.get(room)
    if (current !== undefined) {
      current.serveAgain(epoch)
      this.#tickets.set(room, ticket)
      return
    }
    if (this.#draining || this.#options.hostKey() === undefined) throw new AppError('unavailable')
    this.#tickets.set(room, ticket)
    this.#links.set(room, this.#start(room, { roomId, epoch }))
  }

  /** Takes no more rooms and asks those it has to move. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (const link of this.#links.values()) link.tellDraining()
  }

  /** Resolves when no room is left. */
  async empty(): Promise<void> {
    if (this.#links.size === 0) return
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve))
  }

  /** Drops all rooms, as the host goes. Idempotent. */
  close(): void {
    for (const link of this.#links.values()) link.close(1000)
  }

  #start(room: string, options: { roomId: string; epoch: number }): RoomLink {
    const { edgeUrl, bootId, sfu, logger, backoff, keepAliveMs } = this.#options
    return RoomLink.start({
      ...options,
      target: () => {
        const [hostKey, ticket] = [this.#options.hostKey(), this.#tickets.get(room)]
        if (hostKey === undefined || ticket === undefined) throw new AppError('unavailable')
        return roomSocketTarget(edgeUrl, { bootId, hostKey, ticket })
      },
      sfu,
      draining: () => this.#draining,
      onClosed: () => this.#forget(room),
      logger: logger.child({ roomId: options.roomId }),
      orphanedMediaMs: this.#options.orphanedMediaMs ?? orphanedMediaMs,
      ...(backoff === undefined ? {} : { backoff }),
      ...(keepAliveMs === undefined ? {} : { keepAliveMs }),
    })
  }

  #forget(room: string): void {
    this.#links.delete(room)
    this.#tickets.delete(room)
    if (this.#links.size > 0) return
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }
}
