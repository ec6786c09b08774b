import { z } from 'zod'

/** `/sapi/o/…`: OAuth 2 provider (AUTH-1). Bodies are JSON or forms. */

const text = z.string().min(1).max(8192)

/** How a client says in a body who it is; HTTP Basic may stand in its place (RFC 6749 §2.3, RFC 7523 §2.2). */
const clientProof = {
  client_id: z.string().max(128).optional(),
  client_secret: z.string().max(512).optional(),
  client_assertion_type: z.string().max(128).optional(),
  client_assertion: text.optional(),
}
export interface ClientProof {
  readonly client_id?: string | undefined
  readonly client_secret?: string | undefined
  readonly client_assertion_type?: string | undefined
  readonly client_assertion?: string | undefined
}

/** Names by spaces (RFC 6749 §3.3). */
const scope = z.string().max(1024).optional()

export const tokenRequestSchema = z.discriminatedUnion('grant_type', [
  /** RFC 6749 §4.3. A bare user name means the default domain. */
  z.object({ grant_type: z.literal('password'), username: z.string().min(1).max(320), password: z.string().max(1024) }),
  /** RFC 6749 §4.1.3, with PKCE (RFC 7636 §4.5). */
  z.object({
    grant_type: z.literal('authorization_code'),
    code: text,
    redirect_uri: z.string().min(1).max(2048),
    code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
    ...clientProof,
  }),
  /** RFC 6749 §6. A client authenticates for the tokens that are its own. */
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: text, scope, ...clientProof }),
  /** RFC 6749 §4.4. */
  z.object({ grant_type: z.literal('client_credentials'), scope, ...clientProof }),
  /** AUTH-3. `@name` of a domain or of a host that a domain claims; absent: the host of the request's `Origin`. */
  z.object({ grant_type: z.literal('anonymous'), username: z.string().max(320).optional() }),
  /** AUTH-2: the page to which a federated login has returned (federation.ts) fetches its tokens. */
  z.object({
    grant_type: z.literal('urn:ringway:federated-code'),
    code: z.string().min(1).max(128),
    code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
  }),
  /** RFC 8693: a token of a login provider becomes one of ours (AUTH-2). */
  z.object({
    grant_type: z.literal('urn:ietf:params:oauth:grant-type:token-exchange'),
    subject_token: z.string().min(1).max(16_384),
    subject_token_type: z.enum(['urn:ietf:params:oauth:token-type:id_token', 'urn:ietf:params:oauth:token-type:access_token']),
    provider: z.string().min(1).max(64).describe('Name of the provider, on the domain that is signed in to.'),
    domain: z.string().max(253).optional().describe("Absent: the deployment's default domain."),
    nonce: z.string().min(1).max(512).optional().describe('Where given, the ID token must hold it.'),
  }),
])
export type TokenRequest = z.infer<typeof tokenRequestSchema>
export type GrantType = TokenRequest['grant_type']

export const grantTypes: readonly GrantType[] = tokenRequestSchema.options.map((option) => option.shape.grant_type.value)

/** RFC 6749 §5.1. */
export const tokenResponseSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().describe('Seconds.'),
  refresh_token: z
    .string()
    .optional()
    .describe('Absent for clients, which can ask again, and where a client has not asked for `offline_access`.'),
  scope: z.string().optional().describe('What the access token is good for; absent: everything.'),
  /** OpenID Connect Core §3.1.3.3. */
  id_token: z.string().optional(),
  /** RFC 8693 §2.2.1: what a token was exchanged for. */
  issued_token_type: z.literal('urn:ietf:params:oauth:token-type:access_token').optional(),
})
export type TokenResponse = z.infer<typeof tokenResponseSchema>

/** RFC 6749 §5.2, with Ringway's own problem members beside it. */
export const oauthErrorSchema = z.looseObject({ error: z.string(), error_description: z.string(), code: z.string() })

/** RFC 7009 §2.1 and RFC 7662 §2.1. */
export const tokenHintRequestSchema = z.object({
  token: text,
  token_type_hint: z.string().max(64).optional(),
  ...clientProof,
})
export type TokenHintRequest = z.infer<typeof tokenHintRequestSchema>

/** RFC 7662 §2.2. An inactive token says nothing else of itself. */
export const introspectionSchema = z.union([
  z.object({
    active: z.literal(true),
    token_type: z.literal('Bearer').optional().describe('Absent for a refresh token.'),
    sub: z.string(),
    username: z.string().optional(),
    domain: z.string(),
    role: z.string().optional(),
    sid: z.string(),
    iss: z.string().optional(),
    exp: z.number().int(),
    iat: z.number().int().optional(),
    jti: z.string().optional(),
    client_id: z.string().optional(),
    scope: z.string().optional(),
  }),
  z.object({ active: z.literal(false) }),
])
export type Introspection = z.infer<typeof introspectionSchema>

/** OpenID Connect Core §5.3.2. */
export const userInfoSchema = z.object({
  sub: z.string(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
})
export type UserInfo = z.infer<typeof userInfoSchema>

/** RFC 8414 §2, OpenID Connect Discovery §3. */
export const authorizationServerMetadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  userinfo_endpoint: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  end_session_endpoint: z.string(),
  jwks_uri: z.string(),
  scopes_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  response_modes_supported: z.array(z.string()),
  code_challenge_methods_supported: z.array(z.string()),
  authorization_response_iss_parameter_supported: z.literal(true),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
  revocation_endpoint_auth_methods_supported: z.array(z.string()),
  revocation_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
  introspection_endpoint_auth_methods_supported: z.array(z.string()),
  introspection_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
  subject_types_supported: z.array(z.string()),
  id_token_signing_alg_values_supported: z.array(z.string()),
  claims_supported: z.array(z.string()),
  prompt_values_supported: z.array(z.string()),
  ui_locales_supported: z.array(z.string()),
  claims_parameter_supported: z.literal(false),
  request_parameter_supported: z.literal(false),
  request_uri_parameter_supported: z.literal(false),
})
export type AuthorizationServerMetadata = z.infer<typeof authorizationServerMetadataSchema>
