import type { types } from 'mediasoup'
import type { WorkerPool } from './WorkerPool.ts'

export interface Traffic {
  /** Bytes since the start. */
  readonly received: number
  readonly sent: number
}

/** Transports asked at a time: a busy host has thousands, and its workers have media to forward. */
const batchSize = 64

/** Adds up the bytes of all transports, when asked to. */
export class TrafficMeter {
  readonly #pool: WorkerPool
  readonly #counted = new WeakMap<types.Transport, Traffic>()
  #total: Traffic = { received: 0, sent: 0 }
  #measuring: Promise<Traffic> | undefined

  constructor(options: { pool: WorkerPool }) {
    this.#pool = options.pool
  }

  /** The total as of now. Whoever asks while it is being measured gets the same answer. */
  measure(): Promise<Traffic> {
    this.#measuring ??= this.#measure().finally(() => (this.#measuring = undefined))
    return this.#measuring
  }

  async #measure(): Promise<Traffic> {
    const transports = this.#pool.workers.flatMap((worker) => [...worker.transports])
    for (let start = 0; start < transports.length; start += batchSize) {
      await Promise.all(transports.slice(start, start + batchSize).map((transport) => this.#count(transport)))
    }
    return this.#total
  }

  async #count(transport: types.Transport): Promise<void> {
    const now = await bytesOf(transport)
    if (now === undefined) return
    const before = this.#counted.get(transport) ?? { received: 0, sent: 0 }
    this.#counted.set(transport, now)
    this.#total = { received: this.#total.received + now.received - before.received, sent: this.#total.sent + now.sent - before.sent }
  }
}

/** Undefined where the transport has closed under the question. */
async function bytesOf(transport: types.Transport): Promise<Traffic | undefined> {
  const [stats] = await transport.getStats().catch(() => [])
  if (typeof stats !== 'object' || stats === null || !('bytesReceived' in stats) || !('bytesSent' in stats)) return undefined
  const { bytesReceived: received, bytesSent: sent } = stats
  return typeof received === 'number' && typeof sent === 'number' ? { received, sent } : undefined
}
