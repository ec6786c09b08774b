import { type Clock, systemClock } from '#shared/time/clock.ts'

/**
 * Values that one isolate keeps for a while. It holds values, never promises: a promise that one request
 * started does not resolve for another when the first is cancelled.
 */
export class TtlCache<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>()
  readonly #capacity: number
  readonly #clock: Clock

  constructor(options: { capacity: number; clock?: Clock }) {
    this.#capacity = options.capacity
    this.#clock = options.clock ?? systemClock
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.until > this.#clock.now()) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  /** `ttl` in milliseconds. Where the cache is full, the oldest entry goes. */
  set(key: string, value: Value, ttl: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: this.#clock.now() + ttl })
    if (this.#entries.size <= this.#capacity) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }

  /** Drops every value that the test holds for. */
  deleteWhere(test: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (test(value)) this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}
