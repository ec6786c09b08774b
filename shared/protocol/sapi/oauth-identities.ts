import { z } from 'zod'
import { providerNameSchema } from './federation.ts'
import { created, defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/oauthIdentities`: who at a login provider is which user here (AUTH-2). First logins make them; so do admins. */

export const createOAuthIdentitySchema = z.object({
  /** Id of the user. */
  user: z.string().min(1).max(64),
  /** Name of the provider, as the user's domain has it. */
  provider: providerNameSchema,
  /** `sub` of the provider's tokens. */
  subject: z.string().min(1).max(255),
  /** `iss` of its tokens, where that is not the provider's `issuer` to the letter. */
  issuer: z.string().min(1).max(2048).optional(),
})
export type CreateOAuthIdentity = z.infer<typeof createOAuthIdentitySchema>

export const oauthIdentitySchema = z.object({
  id: z.string(),
  user: z.string(),
  provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  /** Milliseconds since the epoch. */
  created: z.number(),
})
export type OAuthIdentityView = z.infer<typeof oauthIdentitySchema>

const listOAuthIdentitiesQuerySchema = pageQuerySchema.extend({
  /** Only this user's; otherwise those of all users that the admin administers. */
  user: z.string().min(1).max(64).optional(),
})
export type ListOAuthIdentitiesQuery = z.infer<typeof listOAuthIdentitiesQuerySchema>

const tag = 'Federation'

export const oauthIdentityOperations = defineOperations({
  listOAuthIdentities: {
    method: 'get',
    path: '/oauthIdentities',
    tag,
    summary: 'List who at login providers is which user',
    access: 'admin',
    query: listOAuthIdentitiesQuerySchema,
    answer: page(oauthIdentitySchema),
    errors: ['notFound'],
  },
  createOAuthIdentity: {
    method: 'post',
    path: '/oauthIdentities',
    tag,
    summary: 'Let somebody at a login provider sign in as a user',
    description: 'For providers that you administer: those of the deployment are for platform admins.',
    access: 'admin',
    body: createOAuthIdentitySchema,
    answer: created(oauthIdentitySchema),
    errors: ['conflict', 'notFound'],
  },
  getOAuthIdentity: {
    method: 'get',
    path: '/oauthIdentities/:id',
    tag,
    summary: 'Read who at a login provider is which user',
    access: 'admin',
    params: idParamsSchema,
    answer: resource(oauthIdentitySchema),
    errors: ['notFound'],
  },
  deleteOAuthIdentity: {
    method: 'delete',
    path: '/oauthIdentities/:id',
    tag,
    summary: 'No longer let somebody at a login provider sign in as a user',
    description: 'Ends the federated logins of the user and forgets its tokens at that provider.',
    access: 'admin',
    params: idParamsSchema,
    answer: none,
    errors: ['notFound', 'preconditionFailed'],
  },
})
