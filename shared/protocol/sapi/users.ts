import { z } from 'zod'
import { roleSchema } from '../tokens.ts'
import { capabilitiesSchema, domainNameSchema, usernameSchema } from './names.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/users` (USER-1..3). In bodies, `domain` is a name. */

const emailSchema = z.union([z.literal(''), z.email().max(254)])
const phoneSchema = z
  .string()
  .trim()
  .max(32)
  .regex(/^\+?[\d\s().-]+$/, { message: 'Not a telephone number' })
const phonesSchema = z.array(phoneSchema).max(16)

const optionalFields = {
  landLineNumber: z.union([z.literal(''), phoneSchema]).default(''),
  /** Shown to others in place of the user name. */
  alias: z.string().trim().max(128).default(''),
  disabled: z.boolean().default(false),
}

export const createUserSchema = z.object({
  /** Empty: the admin's own domain, for platform admins the default domain. */
  domain: z.union([z.literal(''), domainNameSchema]).default(''),
  username: usernameSchema,
  email: emailSchema.default(''),
  role: roleSchema.default('anonymous'),
  capabilities: capabilitiesSchema.default([]),
  mobilePhone: phonesSchema.default([]),
  ...optionalFields,
})
export type CreateUser = z.infer<typeof createUserSchema>

/** Replaces the user: what is optional and absent returns to its default. */
export const replaceUserSchema = z.object({
  domain: domainNameSchema,
  username: usernameSchema,
  email: emailSchema,
  role: roleSchema,
  capabilities: capabilitiesSchema,
  mobilePhone: phonesSchema,
  ...optionalFields,
})
export type ReplaceUser = z.infer<typeof replaceUserSchema>

export const userSchema = z.object({
  id: z.string(),
  /** `wac-user:<id>`. */
  uri: z.string(),
  domain: z.string(),
  username: z.string(),
  email: z.string(),
  role: roleSchema,
  capabilities: z.array(z.string()),
  mobilePhone: z.array(z.string()),
  landLineNumber: z.string(),
  alias: z.string(),
  disabled: z.boolean(),
  /** Milliseconds since the epoch. */
  created: z.number(),
  /** Null: never. */
  lastLogin: z.number().nullable(),
})
export type UserView = z.infer<typeof userSchema>

export const listUsersQuerySchema = pageQuerySchema.extend({
  /** Only this domain; otherwise all that the admin administers. */
  domain: domainNameSchema.optional(),
  /** Part of the user name or alias. */
  q: z.string().trim().max(128).optional(),
})

export const deletedUserSchema = z.object({
  id: z.string(),
  removed: z.object({ credentials: z.number(), logins: z.number() }),
})
export type DeletedUser = z.infer<typeof deletedUserSchema>
