import { AppError } from '#shared/errors/AppError.ts'
import type { MediaWorker } from './MediaWorker.ts'
import { PipeToHost } from './PipeToHost.ts'
import type { RoomRouters } from './RoomRouters.ts'

/** A room's pipes to the other hosts it lives on, one for each. */
export class RoomPipes {
  readonly #routers: RoomRouters
  readonly #pipes = new Map<string, PipeToHost>()
  #closed = false

  constructor(options: { routers: RoomRouters }) {
    this.#routers = options.routers
  }

  /** Opens this host's end, or gives the one there is. */
  async open(peerHostId: string): Promise<PipeToHost> {
    const current = this.#pipes.get(peerHostId)
    if (current !== undefined && !current.closed) return current
    const pipe = await PipeToHost.create(peerHostId, { home: await this.#routers.place(), routers: this.#routers })
    if (this.#closed) pipe.close()
    this.#pipes.set(peerHostId, pipe)
    return pipe
  }

  /** `notFound` without an open pipe to that host. */
  get(peerHostId: string): PipeToHost {
    const pipe = this.#pipes.get(peerHostId)
    if (pipe === undefined || pipe.closed) throw new AppError('notFound', { context: { pipe: peerHostId } })
    return pipe
  }

  /** Idempotent. */
  closeOne(peerHostId: string): void {
    this.#pipes.get(peerHostId)?.close()
    this.#pipes.delete(peerHostId)
  }

  /** The peers of the pipes that a dead worker carried. */
  drop(worker: MediaWorker): string[] {
    const lost = [...this.#pipes.values()].filter(({ home }) => home.worker === worker).map(({ peerHostId }) => peerHostId)
    for (const peerHostId of lost) this.closeOne(peerHostId)
    return lost
  }

  close(): void {
    this.#closed = true
    for (const pipe of this.#pipes.values()) pipe.close()
    this.#pipes.clear()
  }
}
