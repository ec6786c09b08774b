import { z } from 'zod'
import { roleSchema } from '../tokens.ts'
import { capabilitiesSchema, domainNameSchema, usernameSchema } from './names.ts'
import { created, defineOperations, idParamsSchema, page, resource, result } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/users` (USER-1..3). In bodies, `domain` is a name. */

const emailSchema = z.union([z.literal(''), z.email().max(254)])
export const phoneSchema = z
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

const listUsersQuerySchema = pageQuerySchema.extend({
  /** Only this domain; otherwise all that the admin administers. */
  domain: domainNameSchema.optional(),
  /** Part of the user name or alias. */
  q: z.string().trim().max(128).optional(),
  role: roleSchema.optional(),
  /** The exact name. */
  username: usernameSchema.optional(),
  email: z.email().max(254).optional(),
  disabled: z.stringbool().optional(),
})
export type ListUsersQuery = z.infer<typeof listUsersQuerySchema>

export const deletedUserSchema = z.object({
  id: z.string(),
  /** `contacts`: private ones. `groups`: those that it was in or owned, and has left to the others in them. `meetings`: those it had created. */
  removed: z.object({ credentials: z.number(), logins: z.number(), contacts: z.number(), groups: z.number(), meetings: z.number() }),
})
export type DeletedUser = z.infer<typeof deletedUserSchema>

const tag = 'Users'

export const userOperations = defineOperations({
  listUsers: {
    method: 'get',
    path: '/users',
    tag,
    summary: 'List the users of the domains you administer',
    access: 'admin',
    query: listUsersQuerySchema,
    answer: page(userSchema),
    errors: ['notFound'],
  },
  createUser: {
    method: 'post',
    path: '/users',
    tag,
    summary: 'Create a user',
    description: 'The name is unique in its domain. The user can log in once it has a `basic` credential.',
    access: 'admin',
    body: createUserSchema,
    answer: created(userSchema),
    errors: ['conflict', 'notFound'],
  },
  getOwnUser: {
    method: 'get',
    path: '/users/me',
    tag,
    summary: 'Read your own user',
    access: 'anonymous',
    answer: resource(userSchema),
    errors: ['notFound'],
  },
  getUser: {
    method: 'get',
    path: '/users/:id',
    tag,
    summary: 'Read a user',
    description: 'Admins read the users of their domains, everybody else itself.',
    access: 'anonymous',
    params: idParamsSchema,
    answer: resource(userSchema),
    errors: ['notFound'],
  },
  replaceUser: {
    method: 'put',
    path: '/users/:id',
    tag,
    summary: 'Replace a user',
    description: 'Optional fields that are left out return to their defaults. A new name, domain or role ends the logins of the user.',
    access: 'admin',
    params: idParamsSchema,
    body: replaceUserSchema,
    answer: resource(userSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateUser: {
    method: 'patch',
    path: '/users/:id',
    tag,
    summary: 'Change some fields of a user',
    access: 'admin',
    params: idParamsSchema,
    body: replaceUserSchema,
    answer: resource(userSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteUser: {
    method: 'delete',
    path: '/users/:id',
    tag,
    summary: 'Delete a user with all that is its own',
    description: 'Ends its logins and removes its credentials. The answer says how many of each.',
    access: 'admin',
    params: idParamsSchema,
    answer: result(deletedUserSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
})
