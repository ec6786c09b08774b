import type { types } from 'mediasoup'
import { AppError } from '#shared/errors/AppError.ts'
import { chooseWorker } from './choose-worker.ts'
import type { MediaWorker } from './MediaWorker.ts'
import { RoomRouter } from './RoomRouter.ts'
import type { Speakers } from './Speakers.ts'
import { WorkerPipe } from './WorkerPipe.ts'
import type { WorkerPool } from './WorkerPool.ts'

/** A room's routers, one for each worker it lives on, and the pipes between them. */
export class RoomRouters {
  readonly #pool: WorkerPool
  readonly #codecs: types.RouterRtpCodecCapability[]
  readonly #speakers: Speakers
  readonly #spillLoad: number
  readonly #routers = new Map<MediaWorker, Promise<RoomRouter>>()
  readonly #open = new Set<RoomRouter>()
  readonly #pipes = new Map<string, Promise<WorkerPipe>>()
  #closed = false

  constructor(options: { pool: WorkerPool; codecs: types.RouterRtpCodecCapability[]; speakers: Speakers; spillLoad: number }) {
    this.#pool = options.pool
    this.#codecs = options.codecs
    this.#speakers = options.speakers
    this.#spillLoad = options.spillLoad
  }

  /** The router for something new in the room, on the worker that the load says. `mediaUnavailable` without workers. */
  async place(): Promise<RoomRouter> {
    const { workers } = this.#pool
    const choices = workers.map((worker) => ({ load: worker.load, servesRoom: this.#routers.has(worker) }))
    const index = chooseWorker(choices, { spillLoad: this.#spillLoad })
    const worker = index === undefined ? undefined : workers[index]
    if (worker === undefined) throw new AppError('mediaUnavailable')
    return this.#on(worker)
  }

  /** The pipe between two routers; the same one for both directions and all streams. */
  pipe(one: RoomRouter, other: RoomRouter): Promise<WorkerPipe> {
    const key = [one.router.id, other.router.id].toSorted().join(' ')
    const current = this.#pipes.get(key)
    if (current !== undefined) return current
    const opening: Promise<WorkerPipe> = WorkerPipe.create(one, other, { onClosed: () => this.#forget(key, opening) })
    this.#pipes.set(key, opening)
    opening.catch(() => this.#forget(key, opening))
    return opening
  }

  /** The worker has died, and its router with it. */
  drop(worker: MediaWorker): void {
    this.#routers.delete(worker)
  }

  close(): void {
    this.#closed = true
    for (const router of this.#open) router.close()
    this.#open.clear()
    this.#routers.clear()
    this.#pipes.clear()
  }

  async #on(worker: MediaWorker): Promise<RoomRouter> {
    const current = this.#routers.get(worker)
    if (current !== undefined) return current
    const opening = RoomRouter.create({ worker, codecs: this.#codecs, speakers: this.#speakers })
    this.#routers.set(worker, opening)
    try {
      const router = await opening
      this.#open.add(router)
      router.router.observer.once('close', () => this.#open.delete(router))
      if (this.#closed) router.close()
      return router
    } catch (error) {
      if (this.#routers.get(worker) === opening) this.#routers.delete(worker)
      throw error
    }
  }

  #forget(key: string, opening: Promise<WorkerPipe>): void {
    if (this.#pipes.get(key) === opening) this.#pipes.delete(key)
  }
}
