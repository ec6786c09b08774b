import { z } from 'zod'
import { capabilityListSchema, domainNameSchema } from './names.ts'
import { created, defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** Login federated to OpenID Connect providers (AUTH-2): `/sapi/oauthProviders` and `/sapi/o/federated`. */

/** How a provider is called in URLs. */
export const providerNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, { message: 'At most 32 letters, digits and hyphens' })

const claimNameSchema = z.string().trim().min(1).max(128)

/** RFC 6749 §3.3. */
const scopesSchema = z
  .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/))
  .max(32)
  .refine((scopes) => scopes.includes('openid'), { message: 'The scope openid is needed' })

const providerFields = {
  name: providerNameSchema,
  displayName: z.string().trim().max(64).default('').describe('What a button says; empty: the name.'),
  issuer: z
    .string()
    .min(1)
    .max(2048)
    .describe('Exactly as the provider calls itself: its metadata is found under it (OpenID Connect Discovery §4).'),
  clientId: z.string().min(1).max(512),
  scopes: scopesSchema.default(['openid', 'profile', 'email']),
  usernameClaim: claimNameSchema
    .default('preferred_username')
    .describe('Claim that becomes the name of a new user. Of a name with `@`, the part before it counts.'),
  emailClaim: claimNameSchema.default('email'),
  domainClaim: claimNameSchema
    .nullable()
    .default(null)
    .describe(
      'Claim that names the domain of a new user. Null: the domain of its verified e-mail address where there is one, else the one it signs in to. What is named so is that one or right under it; where none was chosen, also one without a parent.',
    ),
  enabled: z.boolean().default(true),
  createOAuthUser: z
    .boolean()
    .nullable()
    .default(null)
    .describe('Whether a first login makes the account. Null, here and in the three below: as the settings of the domain say (`logins`).'),
  OAuthUserForcedDomain: domainNameSchema.nullable().default(null).describe("The provider's own domain or one under it."),
  newUserCaps: capabilityListSchema.nullable().default(null),
  linkByVerifiedEmail: z.boolean().nullable().default(null),
  allowedAudiences: z
    .array(z.string().min(1).max(512))
    .max(16)
    .default([])
    .describe(
      'Beside `clientId`, clients whose tokens sign in here too (token exchange), and other audiences of such tokens: access tokens of Keycloak are for `account` unless a mapper puts the client there.',
    ),
  keepTokens: z.boolean().default(true).describe("Keep the provider's tokens, sealed, for connectors that act in the user's name."),
}

const clientSecretSchema = z.string().min(1).max(2048)

/** `RINGWAY_OAUTH_PROVIDERS`: the providers of the deployment, for all its domains. */
export const deploymentProvidersSchema = z
  .array(z.object({ ...providerFields, clientSecret: clientSecretSchema.nullable().default(null) }))
  .max(64)
  .refine((providers) => new Set(providers.map(({ name }) => name)).size === providers.length, { message: 'Each name once' })
export type DeploymentProvider = z.infer<typeof deploymentProvidersSchema>[number]

export const createOAuthProviderSchema = z.object({
  ...providerFields,
  domain: z
    .union([z.literal(''), domainNameSchema])
    .default('')
    .describe("Name of the domain that it serves, with those under it. Empty: the admin's own."),
  clientSecret: clientSecretSchema.nullable().default(null).describe('Null: a public client.'),
})
export type CreateOAuthProvider = z.infer<typeof createOAuthProviderSchema>

/** Replaces the provider, except that its domain stays, and its secret where none is given. */
export const replaceOAuthProviderSchema = z.object({ ...providerFields, clientSecret: clientSecretSchema.nullable().optional() })
export type ReplaceOAuthProvider = z.infer<typeof replaceOAuthProviderSchema>

export const oauthProviderSchema = z.object({
  id: z.string(),
  domain: z.string(),
  name: z.string(),
  displayName: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  hasClientSecret: z.boolean().describe('The secret itself is never told.'),
  scopes: z.array(z.string()),
  usernameClaim: z.string(),
  emailClaim: z.string(),
  domainClaim: z.string().nullable(),
  enabled: z.boolean(),
  createOAuthUser: z.boolean().nullable(),
  OAuthUserForcedDomain: z.string().nullable(),
  newUserCaps: z.string().nullable(),
  linkByVerifiedEmail: z.boolean().nullable(),
  allowedAudiences: z.array(z.string()),
  keepTokens: z.boolean(),
  created: z.number().describe('Milliseconds since the epoch.'),
})
export type OAuthProviderView = z.infer<typeof oauthProviderSchema>

const listOAuthProvidersQuerySchema = pageQuerySchema.extend({
  domain: domainNameSchema.optional().describe("Only this domain's; otherwise those of all that the admin administers."),
})
export type ListOAuthProvidersQuery = z.infer<typeof listOAuthProvidersQuerySchema>

const tag = 'Federation'

export const oauthProviderOperations = defineOperations({
  listOAuthProviders: {
    method: 'get',
    path: '/oauthProviders',
    tag,
    summary: 'List the login providers of the domains you administer',
    access: 'admin',
    query: listOAuthProvidersQuerySchema,
    answer: page(oauthProviderSchema),
    errors: ['notFound'],
  },
  createOAuthProvider: {
    method: 'post',
    path: '/oauthProviders',
    tag,
    summary: 'Give a domain a login provider',
    description: 'It serves the domain and those under it, where they list the service `oauth2client`.',
    access: 'admin',
    body: createOAuthProviderSchema,
    answer: created(oauthProviderSchema),
    errors: ['conflict', 'notFound'],
  },
  getOAuthProvider: {
    method: 'get',
    path: '/oauthProviders/:id',
    tag,
    summary: 'Read a login provider',
    access: 'admin',
    params: idParamsSchema,
    answer: resource(oauthProviderSchema),
    errors: ['notFound'],
  },
  replaceOAuthProvider: {
    method: 'put',
    path: '/oauthProviders/:id',
    tag,
    summary: 'Replace a login provider',
    description:
      'The domain stays, and so does the client secret where none is given. With another issuer, the secret is needed again, nobody is known any more and the logins end, as they do with another client id and where it is put out of use.',
    access: 'admin',
    params: idParamsSchema,
    body: replaceOAuthProviderSchema,
    answer: resource(oauthProviderSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateOAuthProvider: {
    method: 'patch',
    path: '/oauthProviders/:id',
    tag,
    summary: 'Change some fields of a login provider',
    access: 'admin',
    params: idParamsSchema,
    body: replaceOAuthProviderSchema,
    answer: resource(oauthProviderSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteOAuthProvider: {
    method: 'delete',
    path: '/oauthProviders/:id',
    tag,
    summary: 'Delete a login provider with all that rests on its word',
    description: 'Forgets whom it vouched for and their tokens at the provider, and ends the logins that it opened. The users stay.',
    access: 'admin',
    params: idParamsSchema,
    answer: none,
    errors: ['notFound', 'preconditionFailed'],
  },
})

/** `GET /sapi/o/federated`. Public: unknown domains have none. */
export const listFederatedQuerySchema = z.object({
  domain: z.string().max(253).optional().describe("Absent: the deployment's default domain."),
})

export const publicProvidersSchema = z.array(z.object({ name: z.string(), displayName: z.string() }))
export type PublicProvider = z.infer<typeof publicProvidersSchema>[number]

/** RFC 7636 §4.2: BASE64URL(SHA-256), without padding. */
export const codeChallengeSchema = z.string().regex(/^[\w-]{43}$/, { message: 'Not a code challenge' })

/** `GET /sapi/o/federated/:provider`: a page sends its user here, who comes back to `return_to` with `#federated_code=…` or `#federated_error=…`. */
export const startFederatedQuerySchema = z.object({
  domain: z.string().max(253).optional(),
  return_to: z.string().min(1).max(2048).default('/').describe('A path here, or a URL of an origin that the domain claims.'),
  code_challenge: codeChallengeSchema
    .optional()
    .describe(
      "Only the page that knows its verifier can exchange the code, so no other page's code can be slipped to a user (RFC 9700 §4.5). Needed by all but the deployment's own authorization endpoint.",
    ),
  code_challenge_method: z.literal('S256').default('S256'),
  prompt: z
    .enum(['login', 'select_account', 'login select_account'])
    .optional()
    .describe('Has the provider ask for the login again (`login`), or which account is meant (OpenID Connect Core §3.1.2.1).'),
  max_age: z.coerce
    .number()
    .int()
    .min(0)
    .max(9_999_999_999)
    .optional()
    .describe('Seconds since the user last logged in at the provider; more are refused.'),
})
export type StartFederated = z.infer<typeof startFederatedQuerySchema>
