import { z } from 'zod'
import { operation } from './operation.ts'

/** WAPI on the hub socket: sessions of one user's devices, and what rings them (WAPI-2, INV-1). */

export const sessionContextSchema = z.object({
  useragent: z.string().max(512).optional(),
  language: z.string().max(35).optional(),
  location: z.string().max(256).optional(),
  platform: z.string().max(64).optional(),
  deviceId: z.string().max(128).optional(),
  pushToken: z.string().max(4096).optional(),
  /** Stack capabilities of the client (CAP-1). */
  capabilities: z.array(z.string().max(64)).max(128).optional(),
})
export type SessionContext = z.infer<typeof sessionContextSchema>

export const callerSchema = z.object({ username: z.string(), displayName: z.string().optional() })
export type Caller = z.infer<typeof callerSchema>

export const offeredMediaSchema = z.object({ audio: z.boolean(), video: z.boolean() })
export type OfferedMedia = z.infer<typeof offeredMediaSchema>

export const incomingInviteSchema = z.object({
  inviteId: z.string(),
  roomId: z.string(),
  from: callerSchema,
  media: offeredMediaSchema,
  /** Opens the room's socket, for this user only. */
  ticket: z.string(),
  createdAt: z.number(),
  /** When the watchdog declines it; null where it never does. */
  expiresAt: z.number().nullable(),
})
export type IncomingInvite = z.infer<typeof incomingInviteSchema>

/** A call that a session of this user is in: enough to go back to it after a reload. */
export const activeCallSchema = z.object({ roomId: z.string(), sessionId: z.string(), ticket: z.string(), enteredAt: z.number() })
export type ActiveCall = z.infer<typeof activeCallSchema>

export const sessionSnapshotSchema = z.object({
  sessionId: z.string(),
  seq: z.number().int().nonnegative(),
  user: z.object({ userId: z.string(), username: z.string(), displayName: z.string().optional(), domain: z.string() }),
  capabilities: z.array(z.string()),
  invites: z.array(incomingInviteSchema),
  calls: z.array(activeCallSchema),
})
export type SessionSnapshot = z.infer<typeof sessionSnapshotSchema>

export const openSessionRequestSchema = z.object({
  /** An earlier session of this device, to resume it; it is created anew when it has expired. */
  sessionId: z.uuid().optional(),
  /** The last event seen; absent after a reload, when the client has lost its state. */
  lastSeq: z.number().int().nonnegative().optional(),
  context: sessionContextSchema.default({}),
})

export const openSessionResponseSchema = z.object({
  /** True: missed events follow. False: the snapshot replaces what the client knew. */
  resumed: z.boolean(),
  snapshot: sessionSnapshotSchema,
})

export const inviteEndReasonSchema = z.enum([
  'acceptedElsewhere',
  'accepted',
  'declined',
  'cancelled',
  'timeout',
  'busy',
  'offline',
  'roomEnded',
])
export type InviteEndReason = z.infer<typeof inviteEndReasonSchema>

const empty = z.object({})

export const hubOperations = {
  openSession: operation('POST', '/sessions', { request: openSessionRequestSchema, response: openSessionResponseSchema }),
  getSession: operation('GET', '/sessions/:sessionId', { request: empty.optional(), response: sessionSnapshotSchema }),
  updateSession: operation('PUT', '/sessions/:sessionId', {
    request: z.object({
      context: sessionContextSchema.optional(),
      /** A fresh access token of the same login, to keep the socket beyond the old one's expiry. */
      token: z.string().max(8192).optional(),
    }),
    response: z.object({ expiresAt: z.number() }),
  }),
  closeSession: operation('DELETE', '/sessions/:sessionId', { request: empty.optional(), response: empty }),
  /** Declines for all devices of the user, without opening the room's socket. */
  declineInvite: operation('DELETE', '/invites/:inviteId', { request: empty.optional(), response: empty }),
} as const

/** Sequenced per session. */
export const hubEvents = {
  inviteReceived: incomingInviteSchema,
  inviteEnded: z.object({ inviteId: z.string(), roomId: z.string(), reason: inviteEndReasonSchema }),
  callEntered: activeCallSchema,
  callLeft: z.object({ roomId: z.string(), sessionId: z.string() }),
} as const

export type HubEventName = keyof typeof hubEvents
export type HubEventBody<Name extends HubEventName> = z.infer<(typeof hubEvents)[Name]>
