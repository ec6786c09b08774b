import { z } from 'zod'

/** `/sapi/o/…`: OAuth 2 provider (AUTH-1). Bodies are JSON or forms. */

const text = z.string().min(1).max(8192)

export const tokenRequestSchema = z.discriminatedUnion('grant_type', [
  /** RFC 6749 §4.3. A bare user name means the default domain. */
  z.object({ grant_type: z.literal('password'), username: z.string().min(1).max(320), password: z.string().max(1024) }),
  /** RFC 6749 §6. */
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: text }),
  /** RFC 6749 §4.4. The client may authenticate by HTTP Basic instead. */
  z.object({
    grant_type: z.literal('client_credentials'),
    client_id: z.string().max(128).optional(),
    client_secret: z.string().max(512).optional(),
  }),
  /** AUTH-3. `@name` of a domain or of a host that a domain claims; absent: the host of the request's `Origin`. */
  z.object({ grant_type: z.literal('anonymous'), username: z.string().max(320).optional() }),
])
export type TokenRequest = z.infer<typeof tokenRequestSchema>
export type GrantType = TokenRequest['grant_type']

export const grantTypes: readonly GrantType[] = tokenRequestSchema.options.map((option) => option.shape.grant_type.value)

/** RFC 6749 §5.1. */
export const tokenResponseSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.number().int(),
  /** Absent for clients, which can ask again. */
  refresh_token: z.string().optional(),
})
export type TokenResponse = z.infer<typeof tokenResponseSchema>

/** RFC 6749 §5.2, with Ringway's own problem members beside it. */
export const oauthErrorSchema = z.looseObject({ error: z.string(), error_description: z.string(), code: z.string() })

/** RFC 7009 §2.1 and RFC 7662 §2.1. */
export const tokenHintRequestSchema = z.object({
  token: text,
  token_type_hint: z.string().max(64).optional(),
  client_id: z.string().max(128).optional(),
  client_secret: z.string().max(512).optional(),
})
export type TokenHintRequest = z.infer<typeof tokenHintRequestSchema>

/** RFC 7662 §2.2. An inactive token says nothing else of itself. */
export const introspectionSchema = z.union([
  z.object({
    active: z.literal(true),
    /** Absent for a refresh token. */
    token_type: z.literal('Bearer').optional(),
    sub: z.string(),
    username: z.string().optional(),
    domain: z.string(),
    role: z.string().optional(),
    sid: z.string(),
    iss: z.string().optional(),
    exp: z.number().int(),
    iat: z.number().int().optional(),
    jti: z.string().optional(),
  }),
  z.object({ active: z.literal(false) }),
])
export type Introspection = z.infer<typeof introspectionSchema>

/** RFC 8414 §2. */
export const authorizationServerMetadataSchema = z.object({
  issuer: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  jwks_uri: z.string(),
  grant_types_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  revocation_endpoint_auth_methods_supported: z.array(z.string()),
  introspection_endpoint_auth_methods_supported: z.array(z.string()),
})
export type AuthorizationServerMetadata = z.infer<typeof authorizationServerMetadataSchema>
