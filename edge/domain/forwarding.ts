import { z } from 'zod'
import { settingsSchema } from '#shared/protocol/settings.ts'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { type Identity, identitySchema } from './identity.ts'

/**
 * What the Worker tells a Durable Object about a request it forwards. The Worker strips every header
 * of this prefix that came from outside, so an object may believe them.
 */
export const identityHeader = 'x-ringway-identity'
export const roomHeader = 'x-ringway-room'
export const hostHeader = 'x-ringway-host'
/** Hash of a media host's key, for its MediaHost object to compare. */
export const hostKeyHeader = 'x-ringway-host-key'
export const policyHeader = 'x-ringway-policy'
export const traceHeader = 'x-ringway-trace'

/** How a client came to a room's object. */
export const roomEntrySchema = z.object({
  /** The object's name. */
  room: z.string().min(1),
  /** The id that the client uses. */
  roomId: z.string().min(1),
  jurisdiction: jurisdictionSchema.optional(),
  /** Of the client's own domain, as of now; an open room keeps those it was created with. */
  settings: settingsSchema,
  /** `ticket`: the room itself handed out the right to come. `own`: a room of the client's own domain, by its id. */
  via: z.enum(['ticket', 'own']),
  /** Of a meeting's room, where the Worker has found that the client may enter it now (MEET-1). */
  meeting: z.object({ creatorId: z.string().min(1), validUntil: z.number() }).optional(),
})
export type RoomEntry = z.infer<typeof roomEntrySchema>

/** What a user's hub needs to know of the user's domain, as of the connection. */
export const hubPolicySchema = z.object({
  /** What a session may use, before its client's stack is known (CAP-1; edge/domain/capabilities.ts). */
  capabilities: z.object({ services: z.array(z.string()), domain: z.array(z.string()), user: z.array(z.string()) }),
})

/** JSON in ASCII, as header values need it: names of people are not limited to Latin-1. */
export function toHeader(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** @throws TypeError where the header is missing or not of its shape: then the request did not come through the Worker's route. */
export function fromHeader<Shape extends z.ZodType>(headers: Headers, name: string, shape: Shape): z.infer<Shape> {
  const text = headers.get(name)
  if (text === null) throw new TypeError(`A forwarded request lacks ${name}`)
  return shape.parse(JSON.parse(text))
}

export const identityOf = (headers: Headers): Identity => fromHeader(headers, identityHeader, identitySchema)
