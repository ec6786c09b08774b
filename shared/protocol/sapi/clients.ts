import { z } from 'zod'

/** OAuth clients as they are registered: the `data` of a credential of the type `client` (AUTH-1, CRED-1). */

/** A client never stands for a person, so it is no `anonymous` one. */
export const clientRoleSchema = z.enum(['platform-admin', 'admin', 'user'])

/** What a token may be good for. `sapi` and `wapi` are the two APIs; the others are OpenID Connect's (Core §5.4, §11). */
export const scopeNames = ['openid', 'profile', 'email', 'offline_access', 'sapi', 'wapi'] as const
export type ScopeName = (typeof scopeNames)[number]
export const scopeNameSchema = z.enum(scopeNames)

/** How a client proves who it is (RFC 7591 §2); `none` for those that can keep no secret. */
export const authMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const
export const authMethodSchema = z.enum(authMethods)

export const clientGrantTypeSchema = z.enum(['authorization_code', 'refresh_token', 'client_credentials', 'implicit'])
export type ClientGrantType = z.infer<typeof clientGrantTypeSchema>

const loopbackHosts = ['127.0.0.1', '[::1]', 'localhost']

/**
 * Where answers may be sent: https, or for programs on the user's own machine plain http to it, or a
 * scheme of the form `com.example.app` (RFC 8252 §7). No wildcard, no fragment (RFC 6749 §3.1.2).
 */
export const redirectUriSchema = z
  .string()
  .max(2048)
  .refine((text) => isRedirectUri(text), {
    message: 'An https URI, an http URI of this machine or com.example.app:/path; no fragment, no user, no *',
  })

function isRedirectUri(text: string): boolean {
  const url = URL.parse(text)
  // Bytes outside of what an URI may hold would be compared in another spelling than they are sent in.
  if (url === null || !/^[!-~]+$/.test(text) || /[#*\\]/.test(text) || url.username !== '' || url.password !== '') return false
  if (url.protocol === 'https:') return url.hostname !== ''
  if (url.protocol === 'http:') return loopbackHosts.includes(url.hostname)
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
}

/** Whether anybody's program on the user's machine may receive what is sent there (RFC 8252 §8.6). */
export const isNativeRedirect = (uri: string): boolean => !uri.startsWith('https:')

/** Public members only (RFC 7517 §4, RFC 7518 §6): nobody keeps another's private key. */
const publicJwkSchema = z
  .looseObject({ kty: z.enum(['EC', 'RSA', 'OKP']), kid: z.string().min(1).max(256).optional() })
  .refine((jwk) => !['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'].some((member) => member in jwk), { message: 'Not a public key' })

export const jwksSchema = z.looseObject({ keys: z.array(publicJwkSchema).min(1).max(16) })

const members = {
  name: z.string().trim().min(1).max(128),
  role: clientRoleSchema
    .default('user')
    .describe(
      "What the client may do by itself (grant client_credentials); with a user's consent it acts as that user. Platform admins log in only to clients that have their role.",
    ),
  redirectUris: z.array(redirectUriSchema).max(32).default([]),
  postLogoutRedirectUris: z
    .array(redirectUriSchema)
    .max(32)
    .default([])
    .describe('Where a user may be sent after logging out (OpenID Connect RP-Initiated Logout §2).'),
  grantTypes: z.array(clientGrantTypeSchema).min(1).max(4).default(['client_credentials']),
  authMethod: authMethodSchema.optional().describe('Absent: a secret, by HTTP Basic or in the body.'),
  jwks: jwksSchema.optional().describe('For `private_key_jwt`, one of the two.'),
  jwksUri: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  scopes: z
    .array(scopeNameSchema)
    .min(1)
    .max(scopeNames.length)
    .optional()
    .describe('Absent: any scope, and for the client itself tokens that are good for everything its role may do.'),
  trusted: z.boolean().default(false).describe("Users are not asked for their consent: the deployment's own applications."),
}

const sendsUsers = (grantTypes: readonly ClientGrantType[]): boolean =>
  grantTypes.includes('authorization_code') || grantTypes.includes('implicit')

export const newClientDataSchema = z
  .object(members)
  .refine(({ grantTypes, redirectUris }) => !sendsUsers(grantTypes) || redirectUris.length > 0, {
    path: ['redirectUris'],
    message: 'Needed for authorization_code and implicit',
  })
  .refine(({ authMethod, grantTypes }) => authMethod !== 'none' || !grantTypes.includes('client_credentials'), {
    path: ['grantTypes'],
    message: 'A client without authentication has no client_credentials',
  })
  .refine(({ authMethod, jwks, jwksUri }) => (authMethod === 'private_key_jwt') === ((jwks === undefined) !== (jwksUri === undefined)), {
    path: ['jwks'],
    message: 'private_key_jwt needs jwks or jwksUri, and nothing else takes them',
  })
export type NewClientData = z.infer<typeof newClientDataSchema>

/** As stored; clients from before there was more to register have `name` and `role` only. */
export const clientDataSchema = z.object(members)
export type ClientData = z.infer<typeof clientDataSchema>
