import { z } from 'zod'
import { jurisdictionSchema, roleSchema } from '#shared/protocol/tokens.ts'

/** Who is asking: taken from a verified access token, or from what a Durable Object kept of one. */
export const identitySchema = z.object({
  userId: z.string().min(1),
  domainId: z.string().min(1),
  role: roleSchema,
  /** The login (family of refresh tokens) that the token belongs to. */
  loginId: z.string().min(1),
  /** `username@domain`. */
  username: z.string().min(1),
  displayName: z.string().optional(),
  jurisdiction: jurisdictionSchema.optional(),
  /** The OAuth client that acts for the user, or is itself the caller. */
  clientId: z.string().optional(),
  /** What the token is good for; absent: everything. */
  scope: z.array(z.string()).optional(),
  /** Milliseconds since the epoch. */
  tokenExpiresAt: z.number(),
})

export type Identity = z.infer<typeof identitySchema>
