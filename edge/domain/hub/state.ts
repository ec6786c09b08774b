import { z } from 'zod'
import { activeCallSchema, incomingInviteSchema, sessionContextSchema } from '#shared/protocol/wapi/hub.ts'
import { jurisdictionSchema, roleSchema } from '#shared/protocol/tokens.ts'

/**
 * What a user's hub knows. It is one record in the object's storage.
 *
 *   session:  (absent) ──openSession──► online ──socket lost──► offline ──sessionTtl, unless in a call──► (absent)
 *                                         ▲                        │
 *                                         └──────openSession───────┘        closeSession, revoke: ──► (absent)
 *
 *   invite:   (absent) ──ring──► ringing ──endInvite, decline, no device left──► (absent)
 *
 *   call:     (absent) ──enterRoom, unlessInACall──► reserved ──enterRoom──► entered ──leaveRoom──► (absent)
 *                └───────────────────────enterRoom──────────────────────────────┘
 */

const roomAddressSchema = z.object({ room: z.string(), jurisdiction: jurisdictionSchema.optional() })

const sessionBase = {
  sessionId: z.string(),
  /** The login whose token opened it last. */
  loginId: z.string(),
  context: sessionContextSchema,
  openedAt: z.number(),
}

export const sessionSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('online'), ...sessionBase }),
  z.object({ state: z.literal('offline'), ...sessionBase, lostAt: z.number() }),
])
export type Session = z.infer<typeof sessionSchema>

export const ringingSchema = z.object({
  invite: incomingInviteSchema,
  room: roomAddressSchema,
  /** Milliseconds for which a device that lost its socket still counts as rung. */
  removeAfter: z.number(),
})
export type Ringing = z.infer<typeof ringingSchema>

export const callSchema = z.object({
  call: activeCallSchema,
  room: roomAddressSchema,
  /** Until when the room must confirm a call that it is about to create; null once it has. */
  reservedUntil: z.number().nullable(),
})
export type Call = z.infer<typeof callSchema>

export const ownerSchema = z.object({
  userId: z.string(),
  /** Absent in hubs that an older version stored. */
  domainId: z.string().optional(),
  /** `username@domain`. */
  username: z.string(),
  displayName: z.string().optional(),
  role: roleSchema,
  /** As of the latest connection (CAP-1). */
  capabilities: z.object({ services: z.array(z.string()), domain: z.array(z.string()), user: z.array(z.string()) }),
})
export type Owner = z.infer<typeof ownerSchema>

export const hubStateSchema = z.object({
  /** Null until the user's own first session. */
  owner: ownerSchema.nullable(),
  sessions: z.array(sessionSchema),
  ringing: z.array(ringingSchema),
  calls: z.array(callSchema),
  /** Invites that are over, oldest first, for a ring that arrives after its end. */
  endedInvites: z.array(z.string()),
  /** Logins that were revoked here, oldest first: their tokens open nothing more. */
  revokedLogins: z.array(z.string()),
  /** Of the account that a visitor borrows while it has a session (loans.ts). */
  loanId: z.string().nullable().default(null),
})
export type HubState = z.infer<typeof hubStateSchema>

export const emptyHub: HubState = { owner: null, sessions: [], ringing: [], calls: [], endedInvites: [], revokedLogins: [], loanId: null }

export interface HubTiming {
  /** Milliseconds that a session outlives its socket. */
  readonly sessionTtl: number
}

export const defaultTiming: HubTiming = { sessionTtl: 60_000 }

/** Sessions that one user may hold. */
export const maxSessions = 64
/** How much is remembered of what is over. */
export const keptTombstones = 128
/** Milliseconds in which a room that reserved a call confirms it. */
export const reservation = 30_000
/** Milliseconds after an invite's end at which a room that has not said so is taken for lost. */
export const inviteGrace = 60_000
