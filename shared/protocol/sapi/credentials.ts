import { z } from 'zod'
import { domainNameSchema } from './names.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/credentials` (CRED-1). In bodies, `domain` is a name and `user` an id. */

/** `basic`: a user's password. `client`: a program of the domain, for the client_credentials grant. */
export const credentialTypeSchema = z.enum(['basic', 'client'])
export type CredentialType = z.infer<typeof credentialTypeSchema>

const commonFields = {
  source: z.literal('wac').default('wac'),
  context: z.record(z.string().max(64), z.unknown()).default({}),
  /** Empty: the user's domain; for a client, the admin's own. */
  domain: z.union([z.literal(''), domainNameSchema]).default(''),
  /** Seconds the credential is good for; 0: without end. */
  lease: z.number().int().min(0).max(3_153_600_000).default(0),
}

/** A client never stands for a person, so it is no `anonymous` one. */
export const clientRoleSchema = z.enum(['platform-admin', 'admin', 'user'])
export type ClientRole = z.infer<typeof clientRoleSchema>

export const createCredentialSchema = z.discriminatedUnion('type', [
  /** Replaces the password that the user has, and ends its logins. */
  z.object({
    type: z.literal('basic'),
    ...commonFields,
    user: z.string().min(1).max(64),
    data: z.object({ password: z.string().min(8).max(1024) }),
  }),
  z.object({
    type: z.literal('client'),
    ...commonFields,
    data: z.object({ name: z.string().trim().min(1).max(128), role: clientRoleSchema.default('user') }),
  }),
])
export type CreateCredential = z.infer<typeof createCredentialSchema>

export const clientDataSchema = z.object({ name: z.string(), role: clientRoleSchema })

export const credentialSchema = z.object({
  id: z.string(),
  source: z.literal('wac'),
  type: credentialTypeSchema,
  context: z.record(z.string(), z.unknown()),
  domain: z.string(),
  user: z.string().nullable(),
  /**
   * `basic`: empty. `client`: `name`, `role` and `clientId`, and once, in the answer to its creation,
   * `clientSecret`.
   */
  data: z.record(z.string(), z.unknown()),
  lease: z.number(),
  /** Milliseconds since the epoch. */
  created: z.number(),
  expires: z.number().nullable(),
})
export type CredentialView = z.infer<typeof credentialSchema>

export const listCredentialsQuerySchema = pageQuerySchema.extend({
  user: z.string().min(1).max(64).optional(),
  domain: domainNameSchema.optional(),
  type: credentialTypeSchema.optional(),
})
