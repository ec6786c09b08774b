import { AppError } from '#shared/errors/AppError.ts'

/** What a task waits for, and what later tasks wait for it on. */
export interface LaneKeys {
  /** Lanes that the task works in: it waits for all before it and holds up all after it. */
  readonly holds: readonly string[]
  /** Lanes whose earlier tasks must be over first, and that go on while the task runs. */
  readonly after?: readonly string[]
}

/**
 * Runs tasks in arrival order per lane, lanes beside each other. A task that takes too long fails
 * with `timeout` and frees its lanes, so that one stuck worker does not stop a room for ever.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #timeoutMs: number

  constructor(options: { timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs
  }

  run<T>(keys: LaneKeys, task: () => Promise<T>): Promise<T> {
    const earlier = [...keys.holds, ...(keys.after ?? [])].flatMap((key) => this.#tails.get(key) ?? [])
    const outcome = Promise.all(earlier).then(() => this.#timed(task))
    const tail = outcome.then(
      () => undefined,
      () => undefined,
    )
    for (const key of keys.holds) {
      this.#tails.set(key, tail)
      void tail.then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key)
      })
    }
    return outcome
  }

  #timed<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new AppError('timeout')), this.#timeoutMs)
      task()
        .then(resolve, reject)
        .finally(() => clearTimeout(timer))
    })
  }
}
