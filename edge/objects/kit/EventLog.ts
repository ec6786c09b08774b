import { keptEvents } from '#shared/protocol/limits.ts'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import { EventTable } from '#edge/db/objects/EventTable.ts'

export type SequencedEvent = Event & { readonly seq: number }

/**
 * The sequenced events of one stream (a session, or a room), of which the last 512 are kept for
 * resume. All calls are synchronous, so that an event and the change it tells of are one transaction.
 */
export class EventLog {
  readonly #table: EventTable
  readonly #stream: string

  constructor(ctx: DurableObjectState, options: { stream?: string } = {}) {
    this.#table = new EventTable(ctx.storage)
    this.#stream = options.stream ?? ''
  }

  /** Sequence number of the last event; 0 before the first. */
  get seq(): number {
    return this.#table.bounds(this.#stream)?.last ?? 0
  }

  append(event: { event: string; resource: string; body?: unknown }): SequencedEvent {
    const sequenced: SequencedEvent = { seq: this.seq + 1, event: event.event, resource: event.resource, body: event.body }
    this.#table.insert(this.#stream, sequenced)
    this.#table.removeUpTo(this.#stream, sequenced.seq - keptEvents)
    return sequenced
  }

  /** What came after `lastSeq`; undefined when that is no longer kept, or was never said here: a snapshot is needed. */
  since(lastSeq: number): SequencedEvent[] | undefined {
    const { first, last } = this.#table.bounds(this.#stream) ?? { first: 1, last: 0 }
    if (lastSeq > last || lastSeq < first - 1) return undefined
    return this.#table.after(this.#stream, lastSeq)
  }

  /** Forgets the stream; its next event is number 1. */
  clear(): void {
    this.#table.remove(this.#stream)
  }
}
