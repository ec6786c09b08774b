import { z } from 'zod'

export const roleSchema = z.enum(['platform-admin', 'admin', 'user', 'anonymous'])
/** `platform-admin` administers the deployment, `admin` its own domain and that domain's children (USER-2). */
export type Role = z.infer<typeof roleSchema>

export const jurisdictionSchema = z.enum(['eu'])
export type Jurisdiction = z.infer<typeof jurisdictionSchema>

/** Claims of an access token (RFC 9068 in spirit). Identity at the edge is these claims and nothing else. */
export const accessTokenClaimsSchema = z.object({
  iss: z.string(),
  aud: z.literal('ringway'),
  /** User id. */
  sub: z.string().min(1),
  /** Domain id. */
  domain: z.string().min(1),
  role: roleSchema,
  /** The login this token belongs to: the family of its refresh tokens. */
  sid: z.string().min(1),
  jti: z.string().min(1),
  /** `username@domain`, for display and addressing. */
  username: z.string().min(1),
  displayName: z.string().optional(),
  jurisdiction: jurisdictionSchema.optional(),
  /** The OAuth client that acts (RFC 8693 §4.3); absent: the user's own login. */
  client_id: z.string().optional(),
  /** What the token is good for, by spaces (RFC 9068 §2.2.3); absent: everything. */
  scope: z.string().optional(),
  /** When the user logged in, in seconds (RFC 9068 §2.2.1); absent: when the login began. */
  auth_time: z.number().int().optional(),
  iat: z.number().int(),
  exp: z.number().int(),
})
export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>

/** What is read of an ID token that a client sends back to say whom it means. */
export const idTokenHintSchema = z.object({ sub: z.string().min(1), aud: z.string().min(1), sid: z.string().min(1) })
export type IdTokenHint = z.infer<typeof idTokenHintSchema>

/** Lets one user reach one room, whatever domain the room is in. Handed out by the room itself. */
export const roomTicketClaimsSchema = z.object({
  aud: z.literal('ringway:room'),
  /** User id of the only one who may use it. */
  sub: z.string().min(1),
  /** Name of the room's object. */
  room: z.string().min(1),
  jurisdiction: jurisdictionSchema.optional(),
  exp: z.number().int(),
})
export type RoomTicketClaims = z.infer<typeof roomTicketClaimsSchema>

/** Lets one media host serve one room. The room also holds it against its current placement. */
export const hostTicketClaimsSchema = z.object({
  aud: z.literal('ringway:host'),
  /** Host id. */
  sub: z.string().min(1),
  room: z.string().min(1),
  jurisdiction: jurisdictionSchema.optional(),
  exp: z.number().int(),
})
export type HostTicketClaims = z.infer<typeof hostTicketClaimsSchema>
