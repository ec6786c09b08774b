import { z } from 'zod'
import {
  directionSchema,
  layersSchema,
  mediaKindSchema,
  rtpCapabilitiesSchema,
  rtpParametersSchema,
  sourceSchema,
  subscriptionSchema,
  transportAnswerSchema,
  transportKindSchema,
  transportParametersSchema,
  iceParametersSchema,
  videoCodecSchema,
} from '../media.ts'
import { callerSchema, inviteEndReasonSchema, offeredMediaSchema } from './hub.ts'
import { operation } from './operation.ts'

/** WAPI on the room socket: membership, invites and media negotiation of one room (ROOM-1, ROOM-2, INV-1, SFU-1). */

export const roomKindSchema = z.enum(['call', 'conference'])
/** A `call` ends when one participant is left and nobody is being rung; a `conference` when all have left. */
export type RoomKind = z.infer<typeof roomKindSchema>

export const participantViewSchema = z.object({
  participantId: z.string(),
  username: z.string(),
  displayName: z.string().optional(),
  owner: z.boolean(),
  /** False while its socket is lost and `removeAfter` has not passed. */
  connected: z.boolean(),
  joinedAt: z.number(),
})
export type ParticipantView = z.infer<typeof participantViewSchema>

export const publicationViewSchema = z.object({
  publicationId: z.string(),
  participantId: z.string(),
  source: sourceSchema,
  kind: mediaKindSchema,
  paused: z.boolean(),
})
export type PublicationView = z.infer<typeof publicationViewSchema>

export const inviteViewSchema = z.object({
  inviteId: z.string(),
  from: z.object({ participantId: z.string() }).extend(callerSchema.shape),
  to: callerSchema,
  media: offeredMediaSchema,
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
})
export type InviteView = z.infer<typeof inviteViewSchema>

export const roomSnapshotSchema = z.object({
  roomId: z.string(),
  /** One life of the room: a new one each time it is created. */
  callId: z.string(),
  kind: roomKindSchema,
  locked: z.boolean(),
  participantsLimit: z.number().int(),
  videoCodec: videoCodecSchema,
  createdAt: z.number(),
  /** The last event this snapshot includes. */
  seq: z.number().int().nonnegative(),
  participants: z.array(participantViewSchema),
  publications: z.array(publicationViewSchema),
  /** Invites that are ringing. */
  invites: z.array(inviteViewSchema),
})
export type RoomSnapshot = z.infer<typeof roomSnapshotSchema>

export const joinResultSchema = z.object({
  participantId: z.string(),
  /** True: missed events follow. False: the snapshot replaces what the client knew. */
  resumed: z.boolean(),
  snapshot: roomSnapshotSchema,
  /** The generation of this participant's transports; it rises when its media moves. */
  mediaEpoch: z.number().int(),
  /** Opens this room's socket again, for this user only; renew it by joining again. */
  ticket: z.string(),
})
export type JoinResult = z.infer<typeof joinResultSchema>

/** `bob` in one's own domain, `bob@example.com`, or `wac-user:<id>`. */
export const inviteTargetSchema = z.string().trim().min(1).max(256)

export const inviteRequestSchema = z.object({ to: inviteTargetSchema, media: offeredMediaSchema.default({ audio: true, video: false }) })

export const mediaParametersSchema = z.object({
  mediaEpoch: z.number().int(),
  routerRtpCapabilities: rtpCapabilitiesSchema,
  send: transportParametersSchema,
  recv: transportParametersSchema,
})
export type MediaParameters = z.infer<typeof mediaParametersSchema>

const empty = z.object({})
const sessionSchema = z.object({ sessionId: z.uuid() })
const epochSchema = z.object({ mediaEpoch: z.number().int() })

export const roomOperations = {
  /** Creates the room of this socket, joins it, and may invite in the same message. */
  createRoom: operation('POST', '/rooms', {
    request: sessionSchema.extend({
      kind: roomKindSchema.default('call'),
      videoCodec: videoCodecSchema.optional(),
      invites: z.array(inviteRequestSchema).max(10).default([]),
    }),
    response: z.object({
      join: joinResultSchema,
      /** In the order of the request: an invite that rings, or why it does not. */
      invites: z.array(
        z.union([
          z.object({ invite: inviteViewSchema }),
          z.object({ error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }) }),
        ]),
      ),
    }),
  }),
  /** Joins, or comes back after a lost socket or a reload: same session, same participant. */
  join: operation('POST', '/rooms/:roomId/participants', {
    request: sessionSchema.extend({ lastSeq: z.number().int().nonnegative().optional() }),
    response: joinResultSchema,
  }),
  getRoom: operation('GET', '/rooms/:roomId', { request: empty.optional(), response: roomSnapshotSchema }),
  /** Lock or unlock; owner only. */
  updateRoom: operation('PATCH', '/rooms/:roomId', { request: z.object({ locked: z.boolean() }), response: roomSnapshotSchema }),
  /** Ends the room for all; owner only. */
  endRoom: operation('DELETE', '/rooms/:roomId', { request: empty.optional(), response: empty }),
  /** Leaves (`me` or one's own id), or, for the owner, kicks. */
  removeParticipant: operation('DELETE', '/rooms/:roomId/participants/:participantId', { request: empty.optional(), response: empty }),
  /** Mutes another's microphone; owner only. Only its publisher unmutes it. */
  muteParticipant: operation('PATCH', '/rooms/:roomId/participants/:participantId', {
    request: z.object({ muted: z.literal(true) }),
    response: empty,
  }),

  invite: operation('POST', '/rooms/:roomId/invites', { request: inviteRequestSchema, response: inviteViewSchema }),
  /** Cancels (its inviter or the owner). */
  cancelInvite: operation('DELETE', '/rooms/:roomId/invites/:inviteId', { request: empty.optional(), response: empty }),
  /** A rung device prepares: it may negotiate media but neither publish nor subscribe until it accepts. */
  prepare: operation('POST', '/rooms/:roomId/invites/:inviteId/candidates', {
    request: sessionSchema,
    response: z.object({ participantId: z.string(), mediaEpoch: z.number().int() }),
  }),
  acceptInvite: operation('PUT', '/rooms/:roomId/invites/:inviteId', {
    request: sessionSchema.extend({ answer: z.literal('accept') }),
    response: joinResultSchema,
  }),
  declineInvite: operation('PATCH', '/rooms/:roomId/invites/:inviteId', {
    request: z.object({ answer: z.literal('decline') }),
    response: empty,
  }),

  /** Transports of this participant's current mediaEpoch; asking again gives the same ones. */
  openMedia: operation('POST', '/rooms/:roomId/media', {
    request: z.object({ kind: transportKindSchema.default('webrtc') }),
    response: mediaParametersSchema,
  }),
  /** Declares what can be received. Answers with subscriptions to all there is; later ones come as `subscriptionOffered`. */
  declareCapabilities: operation('PUT', '/rooms/:roomId/media', {
    request: epochSchema.extend({ rtpCapabilities: rtpCapabilitiesSchema }),
    response: z.object({ subscriptions: z.array(subscriptionSchema) }),
  }),
  connectTransport: operation('PUT', '/rooms/:roomId/media/transports/:direction', {
    request: epochSchema.extend({ answer: transportAnswerSchema }),
    response: empty,
  }),
  restartIce: operation('POST', '/rooms/:roomId/media/transports/:direction/ice', {
    request: epochSchema,
    response: z.object({ iceParameters: iceParametersSchema }),
  }),
  /** The client's ICE has failed for good: evidence that its host is lost. */
  reportFailure: operation('POST', '/rooms/:roomId/media/failures', {
    request: epochSchema.extend({ direction: directionSchema }),
    response: empty,
  }),

  publish: operation('PUT', '/rooms/:roomId/publications/:source', {
    request: epochSchema.extend({ rtpParameters: rtpParametersSchema, paused: z.boolean().default(false) }),
    response: z.object({ publicationId: z.string() }),
  }),
  updatePublication: operation('PATCH', '/rooms/:roomId/publications/:source', {
    request: z.object({ paused: z.boolean() }),
    response: empty,
  }),
  unpublish: operation('DELETE', '/rooms/:roomId/publications/:source', { request: empty.optional(), response: empty }),

  /** Subscribes to what was declined, closed or not offered. */
  subscribe: operation('PUT', '/rooms/:roomId/subscriptions/:publicationId', { request: epochSchema, response: subscriptionSchema }),
  updateSubscription: operation('PATCH', '/rooms/:roomId/subscriptions/:publicationId', {
    request: epochSchema.extend({ paused: z.boolean().optional(), preferredLayers: layersSchema.optional() }),
    response: empty,
  }),
  unsubscribe: operation('DELETE', '/rooms/:roomId/subscriptions/:publicationId', { request: epochSchema, response: empty }),
} as const

export type RoomOperationName = keyof typeof roomOperations

export const leaveReasonSchema = z.enum(['left', 'kicked', 'connectionLost', 'revoked', 'roomEnded'])
export type LeaveReason = z.infer<typeof leaveReasonSchema>

export const roomEndReasonSchema = z.enum(['ended', 'empty', 'lastParticipant', 'unanswered'])
export type RoomEndReason = z.infer<typeof roomEndReasonSchema>

export const moveReasonSchema = z.enum(['hostLost', 'drain', 'iceFailed'])

/** Sequenced state events; names as in the conference service of the original (CONF-1). */
export const roomEvents = {
  roomCreated: z.object({ roomId: z.string(), callId: z.string() }),
  roomChanged: z.object({ locked: z.boolean(), owner: z.string().nullable() }),
  roomDestroyed: z.object({ reason: roomEndReasonSchema }),
  userJoin: participantViewSchema,
  userLeft: z.object({ participantId: z.string(), reason: leaveReasonSchema }),
  /** The participant's socket is lost; it is removed after `removeAfter` unless `userUp` comes first. */
  userDown: z.object({ participantId: z.string() }),
  userUp: z.object({ participantId: z.string() }),
  inviteCreated: inviteViewSchema,
  inviteDeclined: z.object({ inviteId: z.string(), reason: inviteEndReasonSchema }),
  inviteCompleted: z.object({ inviteId: z.string(), participantId: z.string() }),
  publicationAdded: publicationViewSchema,
  publicationChanged: publicationViewSchema.extend({
    /** Participant id of who changed it, where that is not its publisher: the owner who mutes. */
    by: z.string().optional(),
  }),
  publicationRemoved: z.object({ publicationId: z.string(), participantId: z.string() }),
  /** These participants must negotiate media anew, with the mediaEpoch given. */
  mediaMoved: z.object({
    reason: moveReasonSchema,
    participants: z.array(z.object({ participantId: z.string(), mediaEpoch: z.number().int() })),
  }),
} as const

/** Unsequenced: a later one replaces an earlier one, or they can be asked for again. */
export const roomSignals = {
  /** To one participant: a subscription made for it. Replaces an earlier one to the same publication. */
  subscriptionOffered: subscriptionSchema,
  /** To one participant: its subscription to the publication is gone until offered again. */
  subscriptionClosed: z.object({ publicationId: z.string() }),
  speakers: z.object({
    /** Participant id of the dominant speaker. */
    active: z.string().nullable(),
    /** Loudest first; who is missing is silent. */
    levels: z.array(z.object({ participantId: z.string(), volume: z.number() })),
  }),
  /** To one publisher: the bitrate its source may send now, in bits per second (SFU-3). */
  bandwidth: z.object({ source: sourceSchema, maxBitrate: z.number().int() }),
  /** To one subscriber: the layers that flow; null while none does. */
  layers: z.object({ publicationId: z.string(), layers: layersSchema.nullable() }),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
} as const

export type RoomEventName = keyof typeof roomEvents
export type RoomEventBody<Name extends RoomEventName> = z.infer<(typeof roomEvents)[Name]>
export type RoomSignalName = keyof typeof roomSignals
export type RoomSignalBody<Name extends RoomSignalName> = z.infer<(typeof roomSignals)[Name]>
