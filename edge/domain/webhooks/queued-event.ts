import { z } from 'zod'
import { type EventData, type EventType, eventCatalogue, eventTypeSchema, type HookEvent } from '#shared/protocol/sapi/events.ts'
import type { Timestamp } from '#shared/time/clock.ts'

/** An event on its way to an endpoint: its body as it is sent and signed, and what is decided by. */
export const queuedEventSchema = z.object({
  eventId: z.string(),
  type: eventTypeSchema,
  /** Events of one lane are sent in order: `room:<object name>`, `user:<id>`, `domain:<id>`. */
  lane: z.string(),
  body: z.string(),
})
export type QueuedEvent = z.infer<typeof queuedEventSchema>

/** What happened, before it has a number. */
export type Happening = { readonly [Type in EventType]: { readonly type: Type; readonly data: EventData<Type> } }[EventType]

export function queuedEvent(
  happening: { readonly type: EventType; readonly data: Readonly<Record<string, unknown>> },
  place: { eventId: string; domainId: string; lane: string; stream: string; seq: number; at: Timestamp },
): QueuedEvent {
  const { type, data } = happening
  const { eventId, domainId, lane, stream, seq, at } = place
  const event: HookEvent = {
    id: eventId,
    type,
    version: eventCatalogue[type].version,
    timestamp: new Date(at).toISOString(),
    domainId,
    stream,
    seq,
    data,
  }
  return { eventId, type, lane, body: JSON.stringify(event) }
}
