import { z } from 'zod'
import { newClientDataSchema } from './clients.ts'
import { imsAccountSchema, newImsDataSchema } from './ims.ts'
import { domainNameSchema } from './names.ts'
import { createdWithSecret, defineOperations, idParamsSchema, none, page, resource, result } from './operation.ts'
import { pageQuerySchema } from './paging.ts'
import { createSipMappingSchema, ownerUriSchema } from './sip-mappings.ts'

/** `/sapi/credentials` (CRED-1). In bodies, `domain` is a name and `user` an id. */

/**
 * `basic`: a user's password. `client`: an OAuth client of the domain (clients.ts). `ims`: an account on a SIP
 * over WebSocket gateway (ims.ts). `sip-mapping`: a SIP identity, the same as under `/sapi/sipMappings`.
 */
export const credentialTypeSchema = z.enum(['basic', 'client', 'ims', 'sip-mapping'])

const contextSchema = z.record(z.string().max(64), z.unknown())
const leaseSchema = z.number().int().min(0).max(3_153_600_000)
const userIdSchema = z.string().min(1).max(64)

const passwordMinLength = 8
const newPasswordSchema = z
  .string()
  .min(passwordMinLength, { message: `A password has at least ${passwordMinLength} characters` })
  .max(1024, { message: 'A password has at most 1024 characters' })

const commonFields = {
  source: z.literal('wac').default('wac'),
  context: contextSchema.default({}),
  domain: z
    .union([z.literal(''), domainNameSchema])
    .default('')
    .describe("Empty: the user's domain; for a client, the admin's own."),
  lease: leaseSchema
    .default(0)
    .describe('Seconds the credential is good for; 0: without end. For `ims`, seconds to register for; 0: the gateway decides.'),
}

export const createCredentialSchema = z.discriminatedUnion('type', [
  /** Replaces the password that the user has, and ends its logins. */
  z.object({
    type: z.literal('basic'),
    ...commonFields,
    user: userIdSchema,
    data: z.object({ password: newPasswordSchema }),
  }),
  z.object({
    type: z.literal('client'),
    ...commonFields,
    data: newClientDataSchema,
  }),
  /** Without `user`, it joins the pool of the domain that visitors borrow from. */
  z.object({
    type: z.literal('ims'),
    ...commonFields,
    user: userIdSchema.optional(),
    data: newImsDataSchema,
  }),
  /** Of the user, or of the user or group that `data.ownerUri` names. */
  z
    .object({
      type: z.literal('sip-mapping'),
      ...commonFields,
      user: userIdSchema.optional(),
      data: z.object({ ownerUri: ownerUriSchema.optional(), ...createSipMappingSchema.shape.credential.shape }),
    })
    .refine(({ user, data }) => (user === undefined) !== (data.ownerUri === undefined), {
      path: ['data', 'ownerUri'],
      message: 'Either this or user',
    }),
])
export type CreateCredential = z.infer<typeof createCredentialSchema>

export const credentialSchema = z.object({
  id: z.string(),
  source: z.literal('wac'),
  type: credentialTypeSchema,
  context: z.record(z.string(), z.unknown()),
  domain: z.string(),
  user: z.string().nullable(),
  data: z
    .record(z.string(), z.unknown())
    .describe(
      '`basic`: empty. `client`: what was registered, `clientId`, and once, in the answer to its creation, the `clientSecret` where it has one. `ims` and `sip-mapping`: what was sent, without passwords.',
    ),
  lease: z.number(),
  created: z.number().describe('Milliseconds since the epoch.'),
  expires: z.number().nullable(),
})
export type CredentialView = z.infer<typeof credentialSchema>

/**
 * What may change: `data` as far as its type lets it. A password is replaced by another `basic` credential.
 * The others are there so that what was read can be sent back, and must be as they were.
 */
export const replaceCredentialSchema = z.object({
  type: credentialTypeSchema.optional(),
  domain: domainNameSchema.optional(),
  user: userIdSchema.nullable().optional(),
  context: contextSchema,
  lease: leaseSchema,
  data: z.record(z.string(), z.unknown()),
})
export type ReplaceCredential = z.infer<typeof replaceCredentialSchema>

const listCredentialsQuerySchema = pageQuerySchema.extend({
  user: userIdSchema.optional(),
  domain: domainNameSchema.optional().describe('This domain and those under it.'),
  type: credentialTypeSchema.optional(),
})
export type ListCredentialsQuery = z.infer<typeof listCredentialsQuerySchema>

export const ownPasswordSchema = z.object({ current: z.string().min(1).max(1024), password: newPasswordSchema })
export type OwnPassword = z.infer<typeof ownPasswordSchema>

const tag = 'Credentials'

export const credentialOperations = defineOperations({
  listCredentials: {
    method: 'get',
    path: '/credentials',
    tag,
    summary: 'List credentials, without their secrets',
    access: 'admin',
    query: listCredentialsQuerySchema,
    answer: page(credentialSchema),
    errors: ['notFound'],
  },
  createCredential: {
    method: 'post',
    path: '/credentials',
    tag,
    summary: 'Create a credential',
    description:
      'A `basic` credential replaces the password that the user has and ends its logins. The secret of a client is told here and never again.',
    access: 'admin',
    body: createCredentialSchema,
    answer: createdWithSecret(credentialSchema),
    errors: ['conflict', 'notFound'],
  },
  obtainImsAccount: {
    method: 'post',
    path: '/credentials/ims/mine',
    tag,
    summary: 'Obtain your account on the SIP over WebSocket gateway',
    description:
      'Users have their own. A visitor borrows one of its domain, which nobody else has until its session ends; it must have opened a session on its hub socket. Asking again answers the same.',
    access: 'anonymous',
    momentary: true,
    answer: result(imsAccountSchema),
    errors: ['notFound', 'sessionRequired', 'poolExhausted'],
  },
  returnImsAccount: {
    method: 'delete',
    path: '/credentials/ims/mine',
    tag,
    summary: 'Give back the account that you borrowed',
    description: 'Before the session ends; then it goes back by itself.',
    access: 'anonymous',
    answer: none,
  },
  getCredential: {
    method: 'get',
    path: '/credentials/:id',
    tag,
    summary: 'Get a credential, without its secret',
    access: 'admin',
    params: idParamsSchema,
    answer: resource(credentialSchema),
    errors: ['notFound'],
  },
  replaceCredential: {
    method: 'put',
    path: '/credentials/:id',
    tag,
    summary: 'Replace what may change of a credential',
    description: 'Type, domain and user stay what they are. Secrets that are left out stay too.',
    access: 'admin',
    params: idParamsSchema,
    body: replaceCredentialSchema,
    answer: resource(credentialSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateCredential: {
    method: 'patch',
    path: '/credentials/:id',
    tag,
    summary: 'Change a part of a credential',
    access: 'admin',
    params: idParamsSchema,
    body: replaceCredentialSchema,
    answer: resource(credentialSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteCredential: {
    method: 'delete',
    path: '/credentials/:id',
    tag,
    summary: 'Delete a credential',
    description: 'Ends the logins that were made with it. An `ims` account that a visitor has borrowed is gone for the visitor too.',
    access: 'admin',
    params: idParamsSchema,
    answer: none,
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  changeOwnPassword: {
    method: 'put',
    path: '/users/me/password',
    tag: 'Users',
    summary: 'Change your own password',
    description: 'Ends your other logins; this one goes on.',
    access: 'anonymous',
    body: ownPasswordSchema,
    answer: none,
    errors: ['notFound', 'wrongPassword', 'rateLimited', 'conflict'],
  },
})
