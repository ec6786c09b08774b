import { z } from 'zod'
import { mediaKindSchema, rtpCapabilitiesSchema, sourceSchema, transportKindSchema, videoCodecSchema } from '#shared/protocol/media.ts'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { inviteEndReasonSchema, offeredMediaSchema } from '#shared/protocol/wapi/hub.ts'
import { leaveReasonSchema, roomEndReasonSchema, roomKindSchema } from '#shared/protocol/wapi/room.ts'
import { storedSettingsSchema } from '../settings.ts'

/**
 * What a room knows. Each record is one row of the room's storage, parsed by these schemas when the
 * room wakes; the pure functions beside this file make the next state from it.
 *
 *            create                         last one leaves, owner ends
 *   (absent) ──────► open ──────────────────────────────────────────► ended ──► (forgotten)
 *
 *   participant:  candidate ──accept──► joined ──leave, kick, removeAfter──► left
 *                     └──────── invite over ────► (removed)
 *
 *   invite:  placing ──hub rings──► ringing ──accept, decline, cancel, watchdog──► ended
 *               └── offline, busy ──► (removed)
 */

export const userSchema = z.object({
  userId: z.string(),
  domainId: z.string(),
  /** `username@domain`. */
  username: z.string(),
  displayName: z.string().optional(),
  jurisdiction: jurisdictionSchema.optional(),
})
export type User = z.infer<typeof userSchema>

export const roomRecordSchema = z.object({
  /** Name of the object. */
  room: z.string(),
  /** Public id, in the resources of the wire. */
  roomId: z.string(),
  domainId: z.string(),
  jurisdiction: jurisdictionSchema.optional(),
  callId: z.uuid(),
  kind: roomKindSchema,
  locked: z.boolean(),
  /** The user who may do what only owners may; null where the domain's rooms have no owner. */
  ownerUserId: z.string().nullable(),
  /** To whom the room falls as soon as they are in it: the creator of a meeting. Absent: to nobody. */
  rightfulOwnerUserId: z.string().optional(),
  videoCodec: videoCodecSchema,
  /** As they were when the room was created. */
  settings: storedSettingsSchema,
  createdAt: z.number(),
  /** Rises whenever media moves; hosts refuse lower ones. */
  epoch: z.number().int().nonnegative(),
  ended: z.object({ at: z.number(), reason: roomEndReasonSchema }).nullable(),
})
export type RoomRecord = z.infer<typeof roomRecordSchema>

/** Where a participant's media is. Null until it asks for media. */
const participantMediaSchema = z.object({
  hostId: z.string().nullable(),
  transportKind: transportKindSchema,
  rtpCapabilities: rtpCapabilitiesSchema.nullable(),
})

const participantBase = z.object({
  participantId: z.string(),
  user: userSchema,
  sessionId: z.string(),
  loginId: z.string(),
  mediaEpoch: z.number().int().nonnegative(),
  media: participantMediaSchema.nullable(),
})

export const participantSchema = z.discriminatedUnion('state', [
  /** A rung device that prepares its transports. */
  participantBase.extend({ state: z.literal('candidate'), inviteId: z.string() }),
  participantBase.extend({
    state: z.literal('joined'),
    joinedAt: z.number(),
    /** When its socket was lost; null while connected. */
    downSince: z.number().nullable(),
  }),
  z.object({
    state: z.literal('left'),
    participantId: z.string(),
    user: userSchema,
    sessionId: z.string(),
    joinedAt: z.number(),
    leftAt: z.number(),
    reason: leaveReasonSchema,
  }),
])
export type Participant = z.infer<typeof participantSchema>
export type Candidate = Extract<Participant, { state: 'candidate' }>
export type Joined = Extract<Participant, { state: 'joined' }>
export type Left = Extract<Participant, { state: 'left' }>
/** Has a connection and may have media. */
export type Present = Candidate | Joined

export const publicationSchema = z.object({
  publicationId: z.string(),
  participantId: z.string(),
  source: sourceSchema,
  kind: mediaKindSchema,
  paused: z.boolean(),
  /** Generation of the transport that carries it; null until a host has taken it. */
  mediaEpoch: z.number().int().nullable(),
  /** Others have been told of it. */
  announced: z.boolean(),
})
export type Publication = z.infer<typeof publicationSchema>

const inviteBase = z.object({
  inviteId: z.string(),
  fromParticipantId: z.string(),
  from: userSchema,
  to: userSchema,
  media: offeredMediaSchema,
  createdAt: z.number(),
})

export const inviteSchema = z.discriminatedUnion('state', [
  /** The callee's hub has not answered yet. */
  inviteBase.extend({ state: z.literal('placing'), expiresAt: z.number().nullable() }),
  inviteBase.extend({ state: z.literal('ringing'), expiresAt: z.number().nullable() }),
  inviteBase.extend({
    state: z.literal('ended'),
    endedAt: z.number(),
    outcome: inviteEndReasonSchema,
    /** The session that accepted, so that a repeated accept gets its answer. */
    acceptedBy: z.string().nullable(),
  }),
])
export type Invite = z.infer<typeof inviteSchema>
export type LiveInvite = Exclude<Invite, { state: 'ended' }>

export const hostSchema = z.object({
  hostId: z.string(),
  /** Null until the host's object has said which process it is. */
  bootId: z.string().nullable(),
  draining: z.boolean(),
  /** Since when the room has had no socket of it; null while there is one, or none is expected yet. */
  downSince: z.number().nullable(),
  /** The epoch in which the host was asked to serve the room. */
  since: z.number().int(),
})
export type Host = z.infer<typeof hostSchema>

/** Users who may enter without an invite: its creator and those who were in it and were not kicked. */
export const accessSchema = z.object({ userId: z.string(), allowed: z.boolean() })
export type Access = z.infer<typeof accessSchema>

export interface RoomState {
  readonly room: RoomRecord
  readonly participants: ReadonlyMap<string, Participant>
  readonly publications: ReadonlyMap<string, Publication>
  readonly invites: ReadonlyMap<string, Invite>
  readonly hosts: ReadonlyMap<string, Host>
  readonly access: ReadonlyMap<string, Access>
}

/** A room may span at most this many hosts (they form a full mesh). */
export const maxHosts = 4
