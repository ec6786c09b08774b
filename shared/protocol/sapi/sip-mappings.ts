import { z } from 'zod'
import { domainNameSchema } from './names.ts'
import { created, defineOperations, idParamsSchema, none, page, resource, result } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/sipMappings` (SIPMAP-1): which user or group a SIP identity is, in both directions. */

/** A user or a group, by id. */
export const ownerUriSchema = z
  .string()
  .regex(/^wac-(user|group):[\w-]{1,64}$/, { message: 'wac-user:<id> or wac-group:<id>' })
  .meta({ example: 'wac-user:0198c3a0-6a3e-7d2b-9c5f-2f1f0a6f9b11' })

/** `user` of RFC 3261 §25.1. */
const userPart = /^([a-z0-9\-_.!~*'()&=+$,;?/]|%[0-9a-f]{2})+$/i
/** `global-number-digits` of RFC 3966 §3. */
const globalNumber = /^\+[-.()]*\d([-.()]*\d){0,14}[-.()]*$/
const hostPart = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i

/** `205`, `alice`, `+34986120430` or `alice@sip.example`. */
export const sipUsernameSchema = z
  .string()
  .trim()
  .min(1)
  .max(254)
  .refine((text) => isSipUsername(text), { message: 'A SIP user name, a telephone number or user@host' })

function isSipUsername(text: string): boolean {
  const at = text.indexOf('@')
  const user = at < 0 ? text : text.slice(0, at)
  if (at >= 0 && !hostPart.test(text.slice(at + 1))) return false
  return user.startsWith('+') ? globalNumber.test(user) : userPart.test(user)
}

const passwordSchema = z.string().max(256)

export const createSipMappingSchema = z.object({
  ownerUri: ownerUriSchema,
  credential: z.object({
    username: sipUsernameSchema,
    password: passwordSchema.default('').describe('For digest authentication in the SIP network; empty: none. It is never shown again.'),
  }),
})
export type CreateSipMapping = z.infer<typeof createSipMappingSchema>

export const replaceSipMappingSchema = z.object({
  ownerUri: ownerUriSchema,
  credential: z.object({
    username: sipUsernameSchema,
    password: passwordSchema.optional().describe('Left out: it stays what it is. Empty: none any more.'),
  }),
})
export type ReplaceSipMapping = z.infer<typeof replaceSipMappingSchema>

/** A mapping named by what it maps. */
const replaceNamedSchema = replaceSipMappingSchema.extend({ id: z.string().min(1).max(128).optional() })
export type ReplaceNamedSipMapping = z.infer<typeof replaceNamedSchema>

export const sipMappingSchema = z.object({
  id: z.string(),
  ownerUri: z.string(),
  domain: z.string(),
  credential: z.object({ username: z.string() }),
  created: z.number().describe('Milliseconds since the epoch.'),
})
export type SipMappingView = z.infer<typeof sipMappingSchema>

const listSipMappingsQuerySchema = pageQuerySchema.extend({
  ownerUri: ownerUriSchema.optional(),
  domain: domainNameSchema.optional(),
  username: sipUsernameSchema.optional(),
})
export type ListSipMappingsQuery = z.infer<typeof listSipMappingsQuerySchema>

const ownSipIdentitySchema = z.object({
  identity: z
    .string()
    .nullable()
    .describe('`205`, or for a visitor `anonymous-<user id>@<domain>`; null: the SIP network does not know the caller.'),
})
export type OwnSipIdentity = z.infer<typeof ownSipIdentitySchema>

const tag = 'SIP mappings'

export const sipMappingOperations = defineOperations({
  listSipMappings: {
    method: 'get',
    path: '/sipMappings',
    tag,
    summary: 'List SIP mappings, or find the one of an owner or of a SIP user name',
    access: 'admin',
    query: listSipMappingsQuerySchema,
    answer: page(sipMappingSchema),
    errors: ['notFound'],
  },
  createSipMapping: {
    method: 'post',
    path: '/sipMappings',
    tag,
    summary: 'Give a user or a group a SIP identity',
    description: 'An owner has one mapping, and a SIP user name one owner in its domain. The password is kept encrypted and never shown.',
    access: 'admin',
    body: createSipMappingSchema,
    answer: created(sipMappingSchema),
    errors: ['conflict', 'notFound'],
  },
  replaceNamedSipMapping: {
    method: 'put',
    path: '/sipMappings',
    tag,
    summary: 'Change the SIP identity of an owner, or the owner of a SIP identity',
    description:
      'The mapping is the one of `id` where the body has it; else the one of `ownerUri`, whose identity changes; else the one of the user name, whose owner changes.',
    access: 'admin',
    body: replaceNamedSchema,
    answer: resource(sipMappingSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteSipMappingOf: {
    method: 'delete',
    path: '/sipMappings',
    tag,
    summary: 'Delete the SIP mapping of an owner',
    access: 'admin',
    query: z.object({ ownerUri: ownerUriSchema }),
    answer: none,
    errors: ['notFound', 'preconditionFailed'],
  },
  getOwnSipIdentity: {
    method: 'get',
    path: '/sipMappings/mine',
    tag,
    summary: 'Get the identity that you have in the SIP network',
    access: 'anonymous',
    answer: result(ownSipIdentitySchema),
  },
  getSipMapping: {
    method: 'get',
    path: '/sipMappings/:id',
    tag,
    summary: 'Get a SIP mapping',
    access: 'admin',
    params: idParamsSchema,
    answer: resource(sipMappingSchema),
    errors: ['notFound'],
  },
  replaceSipMapping: {
    method: 'put',
    path: '/sipMappings/:id',
    tag,
    summary: 'Replace a SIP mapping: its owner, its identity or both',
    access: 'admin',
    params: idParamsSchema,
    body: replaceSipMappingSchema,
    answer: resource(sipMappingSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateSipMapping: {
    method: 'patch',
    path: '/sipMappings/:id',
    tag,
    summary: 'Change a part of a SIP mapping',
    access: 'admin',
    params: idParamsSchema,
    body: replaceSipMappingSchema,
    answer: resource(sipMappingSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteSipMapping: {
    method: 'delete',
    path: '/sipMappings/:id',
    tag,
    summary: 'Delete a SIP mapping',
    access: 'admin',
    params: idParamsSchema,
    answer: none,
    errors: ['notFound', 'preconditionFailed'],
  },
})
