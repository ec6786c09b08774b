import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import { defaultSpillLoad } from './choose-worker.ts'
import { HostRoom, type HostRoomOptions } from './HostRoom.ts'
import type { IceServers } from './ParticipantTransports.ts'
import { logMediasoup } from './mediasoup-process.ts'
import type { ListenAddress, PortRange } from './ports.ts'
import { TrafficMeter } from './TrafficMeter.ts'
import { WorkerPool } from './WorkerPool.ts'

export interface SfuHostOptions {
  readonly workers: number
  /** Path of the mediasoup worker's executable; undefined: where mediasoup looks for it. */
  readonly workerBin: string | undefined
  readonly listen: ListenAddress
  readonly mediaPorts: PortRange
  readonly logger: Logger
  readonly spillLoad?: number
  readonly iceServers?: IceServers
  /** Milliseconds between two looks at loss and load. */
  readonly inspectMs?: number
}

const defaultInspectMs = 2000

export interface SfuTotals {
  readonly rooms: number
  readonly participants: number
  readonly producers: number
  readonly consumers: number
  /** 0..1 over all workers, smoothed. */
  readonly cpu: number
}

/** All media of this host: its workers and its rooms. */
export class SfuHost {
  readonly pool: WorkerPool
  readonly traffic: TrafficMeter
  readonly #options: SfuHostOptions
  readonly #rooms = new Set<HostRoom>()
  readonly #timer: NodeJS.Timeout
  #inspecting: Promise<void> | undefined
  #videoPackets = { received: 0, lost: 0 }
  #closed = false

  static async create(options: SfuHostOptions): Promise<SfuHost> {
    logMediasoup(options.logger.child({ component: 'mediasoup' }))
    const pool = await WorkerPool.create({
      workers: options.workers,
      bin: options.workerBin,
      listen: options.listen,
      ports: options.mediaPorts,
      logger: options.logger,
    })
    return new SfuHost(pool, options)
  }

  private constructor(pool: WorkerPool, options: SfuHostOptions) {
    this.pool = pool
    this.traffic = new TrafficMeter({ pool })
    this.#options = options
    this.#timer = setInterval(() => this.#inspect(), options.inspectMs ?? defaultInspectMs)
  }

  /** Opens a room that this host does not have yet. */
  async openRoom(options: Omit<HostRoomOptions, 'pool' | 'spillLoad' | 'iceServers'>): Promise<HostRoom> {
    if (this.#closed) throw new AppError('mediaUnavailable')
    const room = await HostRoom.create({
      ...options,
      pool: this.pool,
      spillLoad: this.#options.spillLoad ?? defaultSpillLoad,
      iceServers: this.#options.iceServers ?? (() => []),
    })
    this.#rooms.add(room)
    room.onClosed(() => this.#rooms.delete(room))
    if (this.#closed) room.close()
    return room
  }

  totals(): SfuTotals {
    const { workers, size } = this.pool
    const sum = (of: (worker: (typeof workers)[number]) => number): number => workers.reduce((total, worker) => total + of(worker), 0)
    return {
      rooms: this.#rooms.size,
      participants: [...this.#rooms].reduce((total, { participants }) => total + participants, 0),
      producers: sum(({ producers }) => producers),
      consumers: sum(({ consumers }) => consumers),
      cpu: sum(({ cpu }) => cpu) / size,
    }
  }

  /** Video packets published here since the start, and those of them that did not arrive by themselves. */
  get videoPackets(): { readonly received: number; readonly lost: number } {
    return this.#videoPackets
  }

  /** Closes all rooms and ends the workers. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    for (const room of this.#rooms) room.close()
    await this.#inspecting
    await this.pool.close()
  }

  /** One look at a time: on a busy host the next one waits for the next tick. */
  #inspect(): void {
    this.#inspecting ??= this.#inspectAll().finally(() => (this.#inspecting = undefined))
  }

  async #inspectAll(): Promise<void> {
    const now = performance.now()
    const ignore = (error: unknown): void => this.#options.logger.debug('sfu.inspectFailed', { error })
    await Promise.all(this.pool.workers.map((worker) => worker.sampleCpu(now).catch(ignore)))
    for (const room of this.#rooms) {
      // A room or worker may close under the look; what it counted is then missing, which the next one makes up for.
      const counted = await room.inspectBandwidth().catch(ignore)
      if (counted === undefined) continue
      const { received, lost } = this.#videoPackets
      this.#videoPackets = { received: received + counted.received, lost: lost + counted.lost }
    }
  }
}
