import type { Timestamp } from '#shared/time/clock.ts'
import { TokenBucket } from './TokenBucket.ts'

const allowance = { burst: 100, perSecond: 50 }
/** Refusals are answered up to this; who goes on is not listening. */
const patience = { burst: 200, perSecond: 5 }

/** How a connection's messages are limited. Kept in memory only: a hibernated connection was quiet. */
export class Flood {
  readonly #messages: TokenBucket
  readonly #refusals: TokenBucket
  #lastMessageAt: Timestamp = 0

  constructor(now: Timestamp) {
    this.#messages = new TokenBucket({ ...allowance, now })
    this.#refusals = new TokenBucket({ ...patience, now })
  }

  get lastMessageAt(): Timestamp {
    return this.#lastMessageAt
  }

  judge(now: Timestamp): 'serve' | 'refuse' | 'close' {
    this.#lastMessageAt = now
    if (this.#messages.take(now)) return 'serve'
    return this.#refusals.take(now) ? 'refuse' : 'close'
  }
}
