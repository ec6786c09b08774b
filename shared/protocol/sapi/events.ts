import { z } from 'zod'
import { inviteEndReasonSchema } from '../wapi/hub.ts'
import { leaveReasonSchema, roomEndReasonSchema, roomKindSchema } from '../wapi/room.ts'
import { callRecordSchema } from './call-record.ts'

/**
 * What Ringway tells the outside world (HOOK-1): every type of event with the shape of its data. Data are
 * thin: ids and state; whoever wants more asks the API. Within a version, fields are added, never changed
 * or removed; consumers skip types and fields they do not know.
 */

interface EventDeclaration<Data extends z.ZodObject = z.ZodObject> {
  readonly version: number
  readonly summary: string
  readonly data: Data
}

const event = <Data extends z.ZodObject>(summary: string, data: Data, version = 1): EventDeclaration<Data> => ({ version, summary, data })

/** A room, and the one life of it that these events count. */
const room = z.object({ roomId: z.string(), callId: z.uuid() })
const participant = room.extend({ participantId: z.string() })
const person = z.object({ userId: z.string(), domainId: z.string(), username: z.string() })
const invite = room.extend({ inviteId: z.string() })
const user = z.object({ userId: z.string(), username: z.string() })
const meeting = z.object({ meetingId: z.string(), userId: z.string(), validSince: z.number(), validUntil: z.number() })
const domain = z.object({ domainId: z.string(), domain: z.string() })
const group = z.object({ groupId: z.string(), name: z.string() })
const sipMapping = z.object({ mappingId: z.string(), ownerUri: z.string(), username: z.string() })

/** The names of the conference service where it has one (CONF-1). */
const roomEventTypes = {
  roomCreated: event('A room came into being.', room.extend({ kind: roomKindSchema, owner: z.string().nullable() })),
  roomDestroyed: event('A room has ended for everybody who was still in it.', room.extend({ reason: roomEndReasonSchema })),
  userJoin: event('A participant joined.', participant.extend(person.shape)),
  userLeft: event('A participant left before the end of the room.', participant.extend({ userId: z.string(), reason: leaveReasonSchema })),
  userDown: event('A participant lost its connection and is waited for.', participant.extend({ userId: z.string() })),
  userUp: event('A participant that had lost its connection is back.', participant.extend({ userId: z.string() })),
  inviteCreated: event('A user is being rung.', invite.extend({ from: z.string().describe('Participant id'), to: person })),
  inviteDeclined: event('An invite ended without an answer that joins.', invite.extend({ reason: inviteEndReasonSchema })),
  inviteCompleted: event('An invite was accepted.', invite.extend({ participantId: z.string() })),
  'call.ended': event('The call record of a room that has ended (CDR-1).', callRecordSchema),
} as const

/** Of one user's connections. Anonymous users have no such events. */
const userEventTypes = {
  'user.online': event('A user who had no session opened one: the first login.', user),
  'user.offline': event('A user has no session any more: the last logout.', user),
} as const

/** Of changes to what is configured. */
const configurationEventTypes = {
  'user.created': event('A user was created.', user),
  'user.updated': event('A user was changed.', user),
  'user.deleted': event('A user was deleted.', user),
  'domain.created': event('A domain was created.', domain),
  'domain.updated': event('A domain was changed.', domain),
  'domain.deleted': event(
    'A domain was deleted, with the domains under it where `cascade` says so.',
    domain.extend({ cascade: z.boolean() }),
  ),
  'meeting.created': event('A meeting was created by `userId`.', meeting),
  'meeting.updated': event('A meeting was changed.', meeting),
  'meeting.deleted': event('A meeting was deleted. Those of a deleted user or domain go with it, without an event of their own.', meeting),
  'group.created': event('A users group was created.', group),
  'group.updated': event('The name, owner or participants of a users group have changed.', group),
  'group.deleted': event('A users group was deleted.', group),
  'sipMapping.created': event('A user or a group was given a SIP identity.', sipMapping),
  'sipMapping.updated': event('The owner, the user name or the password of a SIP mapping has changed.', sipMapping),
  'sipMapping.deleted': event('A SIP mapping was deleted. That of a deleted owner goes with it, without an event of its own.', sipMapping),
  'login.alarm': event(
    'Logins to one account failed too often (AUTH-4).',
    z.object({ username: z.string(), address: z.string().nullable(), failures: z.number().int(), seconds: z.number() }),
  ),
  'thirdPartyToken.stored': event(
    'A token of a third party was stored for a user (AUTH-2).',
    z.object({ userId: z.string(), provider: z.string() }),
  ),
} as const

/** Of the webhooks themselves. */
const webhookEventTypes = {
  'webhook.test': event('Somebody asked for it, to see whether the endpoint works.', z.object({ endpointId: z.string() })),
} as const

export const eventCatalogue = { ...roomEventTypes, ...userEventTypes, ...configurationEventTypes, ...webhookEventTypes } as const

export type EventType = keyof typeof eventCatalogue
export type EventData<Type extends EventType> = z.infer<(typeof eventCatalogue)[Type]['data']>
export type ConfigurationEventType = keyof typeof configurationEventTypes

const isEventType = (name: string): name is EventType => Object.hasOwn(eventCatalogue, name)

export const eventTypes: readonly EventType[] = Object.keys(eventCatalogue).filter(isEventType)

export const eventTypeSchema = z.enum(eventTypes)

/** The body of a webhook, by the Standard Webhooks specification: `type`, `timestamp`, `data`, and where it stands in its stream. */
export const hookEventSchema = z.object({
  /** The same however often it is sent: also the header `webhook-id`. */
  id: z.string(),
  type: eventTypeSchema,
  /** Of the shape of `data`. */
  version: z.number().int().positive(),
  /** When it happened (RFC 3339). */
  timestamp: z.iso.datetime(),
  domainId: z.string(),
  /**
   * What is counted and kept in order: `room:<callId>`, one life of a room, `user:<userId>` or `domain:<domainId>`.
   */
  stream: z.string(),
  /** From 1, without gaps, in its stream. Who takes only some types sees the gaps of the others. */
  seq: z.number().int().positive(),
  data: z.record(z.string(), z.unknown()),
})
export type HookEvent = z.infer<typeof hookEventSchema>
