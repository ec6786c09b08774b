import { z } from 'zod'
import { sessionContextSchema } from '../wapi/hub.ts'
import { domainNameSchema } from './names.ts'
import { defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'
import { reachabilitySchema } from './reachability.ts'

/** `/sapi/sessions`, `/sapi/logins` and `/sapi/registry`: whose devices are where (WAPI-2). */

const userQuery = {
  user: z.string().min(1).max(128).optional().describe("Another user's, for admins; a user's id."),
}

export const sessionSchema = z.object({
  id: z.string(),
  user: z.string().describe('User id.'),
  login: z.string().describe('Id of the login that opened it.'),
  state: z.enum(['connected', 'resumable']).describe('resumable: its connection is lost, and it waits a while for its device to come back'),
  since: z.number().describe('Milliseconds since the epoch.'),
  lost: z.number().nullable().describe('When its connection was lost; null: it is connected.'),
  context: sessionContextSchema.omit({ pushToken: true }).describe('As its device tells it.'),
  push: z.boolean().describe('Whether its device has told a push token.'),
  calls: z.array(z.object({ room: z.string(), since: z.number() })).describe('The calls it is in.'),
})
export type SessionView = z.infer<typeof sessionSchema>

export const loginSchema = z.object({
  id: z.string(),
  user: z.string(),
  kind: z.string().describe('How it began: `password`, `anonymous`, ….'),
  client: z.string().nullable().describe("The OAuth client that acts for the user; null: the user's own login."),
  scope: z.array(z.string()).nullable().describe('What its tokens are good for; null: everything.'),
  created: z.number(),
  expires: z.number().describe('When its last token expires.'),
  current: z.boolean().describe('Whether this request was made with it.'),
})
export type LoginView = z.infer<typeof loginSchema>

export const registrationSchema = z.object({
  user: z.string(),
  username: z.string().describe('`username@domain`.'),
  ...reachabilitySchema.shape,
  sessions: z.array(sessionSchema),
})
export type Registration = z.infer<typeof registrationSchema>

const sessionsQuerySchema = pageQuerySchema.extend(userQuery)
export type SessionsQuery = z.infer<typeof sessionsQuerySchema>

const registryQuerySchema = pageQuerySchema.extend({
  ...userQuery,
  domain: domainNameSchema.optional().describe('Only users of this domain; otherwise of all that the admin administers.'),
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
