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
  alias: z.string().trim().max(128).default('').describe('Shown to others in place of the user name.'),
  disabled: z.boolean().default(false),
}

export const createUserSchema = z.object({
  domain: z
    .union([z.literal(''), domainNameSchema])
    .default('')
    .describe("Empty: the admin's own domain, for platform admins the default domain."),
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
  uri: z.string().describe('`wac-user:<id>`.'),
  domain: z.string(),
  username: z.string(),
  email: z.string(),
  role: roleSchema,
  capabilities: z.array(z.string()),
  mobilePhone: z.array(z.string()),
  landLineNumber: z.string(),
  alias: z.string(),
  disabled: z.boolean(),
  created: z.number().describe('Milliseconds since the epoch.'),
  lastLogin: z.number().nullable().describe('Null: never.'),
})
export type UserView = z.infer<typeof userSchema>

const listUsersQuerySchema = pageQuerySchema.extend({
  domain: domainNameSchema.optional().describe('Only this domain; otherwise all that the admin administers.'),
  q: z.string().trim().max(128).optional().describe('Part of the user name or alias.'),
  role: roleSchema.optional(),
  username: usernameSchema.optional().describe('The exact name.'),
  email: z.email().max(254).optional(),
  disabled: z.stringbool().optional(),
})
export type ListUsersQuery = z.infer<typeof listUsersQuerySchema>

export const deletedUserSchema = z.object({
  id: z.string(),
  removed: z
    .object({ credentials: z.number(), logins: z.number(), contacts: z.number(), groups: z.number(), meetings: z.number() })
    .describe(
      '`contacts`: private ones. `groups`: those that it was in or owned, and has left to the others in them. `meetings`: those it had created.',
    ),
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
