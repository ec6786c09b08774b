import type { Logger } from '#shared/log/logger.ts'
import type { HostPromise } from '#edge/domain/placement/HostTable.ts'

/** Promises are gathered this long before the siblings hear of them, in milliseconds: well below the time between load reports. */
const gatherMs = 200

/**
 * Tells the other dispatchers of the region what this one has promised to hosts, many promises at a
 * time. What is lost on the way costs some balance for seconds, so nothing is repeated.
 */
export class PromiseRelay {
  readonly #tell: (sibling: string, promises: readonly HostPromise[]) => Promise<void>
  readonly #logger: Logger
  #gathered = new Map<string, number>()
  #round: Promise<void> | undefined

  constructor(options: { tell: (sibling: string, promises: readonly HostPromise[]) => Promise<void>; logger: Logger }) {
    this.#tell = options.tell
    this.#logger = options.logger
  }

  /** Resolves when the siblings have been told, never rejects. */
  async add(promise: HostPromise, options: { siblings: readonly string[] }): Promise<void> {
    this.#gathered.set(promise.hostId, (this.#gathered.get(promise.hostId) ?? 0) + promise.consumers)
    this.#round ??= this.#run(options.siblings)
    await this.#round
  }

  async #run(siblings: readonly string[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMs))
    const promises = [...this.#gathered].map(([hostId, consumers]) => ({ hostId, consumers }))
    this.#gathered = new Map()
    this.#round = undefined
    const outcomes = await Promise.allSettled(siblings.map((name) => this.#tell(name, promises)))
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') this.#logger.warn('dispatcher.sibling-unreachable', { error: outcome.reason })
    }
  }
}
