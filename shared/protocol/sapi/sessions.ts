import { z } from 'zod'
import { sessionContextSchema } from '../wapi/hub.ts'
import { domainNameSchema } from './names.ts'
import { defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'
import { reachabilitySchema } from './reachability.ts'

/** `/sapi/sessions`, `/sapi/logins` and `/sapi/registry`: whose devices are where (WAPI-2). */

const userQuery = {
  /** Another user's, for admins; a user's id. */
  user: z.string().min(1).max(128).optional(),
}

export const sessionSchema = z.object({
  id: z.string(),
  /** User id. */
  user: z.string(),
  /** Id of the login that opened it. */
  login: z.string(),
  state: z.enum(['connected', 'resumable']).describe('resumable: its connection is lost, and it waits a while for its device to come back'),
  /** Milliseconds since the epoch. */
  since: z.number(),
  /** When its connection was lost; null: it is connected. */
  lost: z.number().nullable(),
  /** As its device tells it. */
  context: sessionContextSchema.omit({ pushToken: true }),
  /** Whether its device has told a push token. */
  push: z.boolean(),
  /** The calls it is in. */
  calls: z.array(z.object({ room: z.string(), since: z.number() })),
})
export type SessionView = z.infer<typeof sessionSchema>

export const loginSchema = z.object({
  id: z.string(),
  user: z.string(),
  /** How it began: `password`, `anonymous`, …. */
  kind: z.string(),
  /** The OAuth client that acts for the user; null: the user's own login. */
  client: z.string().nullable(),
  /** What its tokens are good for; null: everything. */
  scope: z.array(z.string()).nullable(),
  created: z.number(),
  /** When its last token expires. */
  expires: z.number(),
  /** Whether this request was made with it. */
  current: z.boolean(),
})
export type LoginView = z.infer<typeof loginSchema>

export const registrationSchema = z.object({
  user: z.string(),
  /** `username@domain`. */
  username: z.string(),
  ...reachabilitySchema.shape,
  sessions: z.array(sessionSchema),
})
export type Registration = z.infer<typeof registrationSchema>

const sessionsQuerySchema = pageQuerySchema.extend(userQuery)
export type SessionsQuery = z.infer<typeof sessionsQuerySchema>

const registryQuerySchema = pageQuerySchema.extend({
  ...userQuery,
  /** Only users of this domain; otherwise of all that the admin administers. */
  domain: domainNameSchema.optional(),
})
export type RegistryQuery = z.infer<typeof registryQuerySchema>

const tag = 'Sessions'

export const sessionOperations = defineOperations({
  listSessions: {
    method: 'get',
    path: '/sessions',
    tag,
    summary: 'List your sessions, or those of a user you administer',
    description: 'A session is one device or page on the signaling socket.',
    access: 'anonymous',
    query: sessionsQuerySchema,
    answer: page(sessionSchema),
    errors: ['notFound'],
  },
  getSession: {
    method: 'get',
    path: '/sessions/:id',
    tag,
    summary: 'Get one of these sessions',
    access: 'anonymous',
    params: idParamsSchema,
    query: z.object(userQuery),
    answer: resource(sessionSchema),
    errors: ['notFound'],
  },
  endSession: {
    method: 'delete',
    path: '/sessions/:id',
    tag,
    summary: 'End one of these sessions',
    description:
      'Closes its sockets and takes it out of its calls. Its login goes on and may open another one: end that to keep the device out.',
    access: 'anonymous',
    params: idParamsSchema,
    query: z.object(userQuery),
    answer: none,
    errors: ['notFound'],
  },
  listLogins: {
    method: 'get',
    path: '/logins',
    tag,
    summary: 'List your logins, or those of a user you administer',
    description: 'A login is a refresh token with all tokens that come of it.',
    access: 'anonymous',
    query: sessionsQuerySchema,
    answer: page(loginSchema),
    errors: ['notFound'],
  },
  endLogin: {
    method: 'delete',
    path: '/logins/:id',
    tag,
    summary: 'End one of these logins',
    description: 'Its tokens are refused from now on and its sockets closed.',
    access: 'anonymous',
    params: idParamsSchema,
    answer: none,
    errors: ['notFound', 'forbidden'],
  },
  listRegistry: {
    method: 'get',
    path: '/registry',
    tag,
    summary: 'List who is reachable where',
    description: 'Users who have ever connected, with their sessions; or the one user asked for.',
    access: 'admin',
    query: registryQuerySchema,
    answer: page(registrationSchema),
    errors: ['notFound'],
  },
})
