import type { Logger } from '#shared/log/logger.ts'
import { MediaWorker, type MediaWorkerOptions } from './MediaWorker.ts'

export interface WorkerPoolOptions extends Omit<MediaWorkerOptions, 'index'> {
  readonly logger: Logger
}

/** Wait before another try to replace a worker that does not start, in milliseconds. */
const restartDelayMs = 1000

/** The host's media workers. One that dies is replaced, and its rooms are told what they lost. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #workers = new Map<number, MediaWorker>()
  readonly #deathListeners = new Set<(worker: MediaWorker) => void>()
  readonly #restarts = new Map<number, NodeJS.Timeout>()
  readonly #starting = new Set<Promise<void>>()
  #deaths = 0
  #closed = false

  /** Starts all workers; fails if one does not start. */
  static async create(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options)
    try {
      await Promise.all(Array.from({ length: options.workers }, (_, index) => pool.#start(index)))
      return pool
    } catch (error) {
      await pool.close()
      throw error
    }
  }

  private constructor(options: WorkerPoolOptions) {
    this.#options = options
  }

  /** Those alive, in order of their number. */
  get workers(): MediaWorker[] {
    return [...this.#workers.values()].toSorted((a, b) => a.index - b.index)
  }

  /** How many should be alive. */
  get size(): number {
    return this.#options.workers
  }

  /** How many have died since the start. */
  get deaths(): number {
    return this.#deaths
  }

  /** Calls back for each worker that dies, after everything on it has closed. Gives back how to stop that. */
  onWorkerDied(listener: (worker: MediaWorker) => void): () => void {
    this.#deathListeners.add(listener)
    return () => this.#deathListeners.delete(listener)
  }

  /** Ends all worker processes and waits for them. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#restarts.values()) clearTimeout(timer)
    this.#restarts.clear()
    await Promise.allSettled(this.#starting)
    await Promise.all(this.workers.map((worker) => worker.close()))
    this.#workers.clear()
  }

  async #start(index: number): Promise<void> {
    const starting = this.#launch(index)
    this.#starting.add(starting)
    try {
      await starting
    } finally {
      this.#starting.delete(starting)
    }
  }

  async #launch(index: number): Promise<void> {
    const worker = await MediaWorker.create({ ...this.#options, index })
    if (this.#closed) return worker.close()
    this.#workers.set(index, worker)
    worker.onDied((error) => this.#died(worker, error))
  }

  #died(worker: MediaWorker, error: Error): void {
    if (this.#closed) return
    this.#deaths += 1
    this.#workers.delete(worker.index)
    this.#options.logger.error('worker.died', { worker: worker.index, pid: worker.pid, error })
    for (const listener of this.#deathListeners) listener(worker)
    void this.#replace(worker.index)
  }

  async #replace(index: number): Promise<void> {
    try {
      await this.#start(index)
      this.#options.logger.info('worker.replaced', { worker: index })
    } catch (error) {
      this.#options.logger.error('worker.replaceFailed', { worker: index, error })
      if (this.#closed) return
      this.#restarts.set(
        index,
        setTimeout(() => void this.#replace(index), restartDelayMs),
      )
    }
  }
}
