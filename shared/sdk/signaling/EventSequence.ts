import type { Event } from '#shared/protocol/wapi/frames.ts'
import { keptEvents } from '#shared/protocol/limits.ts'

type Sequenced = Event & { readonly seq: number }

/**
 * Puts the state events of a room or session in order: drops what came before, holds what came too
 * early, and knows when something in between is missing.
 */
export class EventSequence {
  readonly #held = new Map<number, Sequenced>()
  #last: number | null = null

  /** The last event applied; null before the first snapshot. */
  get last(): number | null {
    return this.#last
  }

  /** True while events are missing that only a resume can bring. */
  get hasGap(): boolean {
    return this.#last !== null && this.#held.size > 0
  }

  /** Takes an event; answers with those that are now due, in order. */
  offer(event: Sequenced): Sequenced[] {
    if (this.#last !== null && event.seq <= this.#last) return []
    this.#held.set(event.seq, event)
    // The server keeps no more either: a resume brings a snapshot.
    if (this.#held.size > keptEvents) this.#held.delete(Math.min(...this.#held.keys()))
    return this.#due()
  }

  /** A snapshot includes everything up to `seq`; answers with what was held beyond it. */
  start(seq: number): Sequenced[] {
    this.#last = seq
    for (const held of [...this.#held.keys()]) if (held <= seq) this.#held.delete(held)
    return this.#due()
  }

  #due(): Sequenced[] {
    const due: Sequenced[] = []
    for (;;) {
      const next = this.#last === null ? undefined : this.#held.get(this.#last + 1)
      if (next === undefined) return due
      this.#held.delete(next.seq)
      this.#last = next.seq
      due.push(next)
    }
  }
}
