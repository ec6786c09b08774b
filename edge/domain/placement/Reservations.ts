import type { Timestamp } from '#shared/time/clock.ts'

/** Time in which a placed room is expected to show in its host's load, ringing included, in milliseconds. */
export const reservationMs = 15_000

/**
 * Consumers promised to one host by recent placements and not yet seen in its load. Without them a
 * burst of rooms between two load reports would all go to the host that was emptiest before it.
 *
 * A promise fades: it counts in full when given and for nothing after `reservationMs`, as by then
 * its streams are part of the load or never come. It is also spent by growth of the load, oldest
 * promise first, which is what keeps a burst onto an idle host from counting twice.
 */
export class Reservations {
  /** Oldest first; those before `#head` are spent. */
  readonly #entries: { readonly at: Timestamp; consumers: number }[] = []
  #head = 0
  /** Sum of the consumers, and of consumers times their moment counted from `#origin`: the fading total in constant time. */
  #sum = 0
  #moment = 0
  #origin: Timestamp | undefined

  add(consumers: number, options: { readonly at: Timestamp }): void {
    this.#origin ??= options.at
    this.#entries.push({ at: options.at, consumers })
    this.#count(consumers, options.at)
  }

  /** Consumers that are still to be expected. */
  total(now: Timestamp): number {
    this.#expire(now)
    const origin = this.#origin ?? now
    return Math.max(0, this.#sum - (this.#sum * (now - origin) - this.#moment) / reservationMs)
  }

  /** Takes off what the host's load has grown by. */
  spend(consumers: number): void {
    let left = consumers
    for (let entry = this.#entries[this.#head]; entry !== undefined && left > 0; entry = this.#entries[this.#head]) {
      const taken = Math.min(left, entry.consumers)
      entry.consumers -= taken
      left -= taken
      this.#count(-taken, entry.at)
      if (entry.consumers === 0) this.#head++
    }
    this.#compact()
  }

  #expire(now: Timestamp): void {
    for (let entry = this.#entries[this.#head]; entry !== undefined && entry.at + reservationMs <= now; entry = this.#entries[this.#head]) {
      this.#count(-entry.consumers, entry.at)
      this.#head++
    }
    this.#compact()
  }

  #count(consumers: number, at: Timestamp): void {
    this.#sum += consumers
    this.#moment += consumers * (at - (this.#origin ?? at))
  }

  /** Spent entries are cut off in large steps, so that each is moved a constant number of times; an empty queue starts anew. */
  #compact(): void {
    if (this.#head === this.#entries.length) {
      this.#entries.length = 0
      this.#head = this.#sum = this.#moment = 0
      this.#origin = undefined
    } else if (this.#head >= 64 && this.#head * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#head)
      this.#head = 0
    }
  }
}
