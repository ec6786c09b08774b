import type { Timestamp } from '#shared/time/clock.ts'

/** Allows `burst` at once and `perSecond` on average. */
export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #at: Timestamp

  constructor(options: { burst: number; perSecond: number; now: Timestamp }) {
    this.#burst = options.burst
    this.#perSecond = options.perSecond
    this.#tokens = options.burst
    this.#at = options.now
  }

  take(now: Timestamp): boolean {
    const elapsed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
