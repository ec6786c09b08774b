import { z } from 'zod'
import type { ZodOpenApiComponentsObject, ZodOpenApiPathsObject } from 'zod-openapi'
import type { scopeNames } from '#shared/protocol/sapi/clients.ts'
import { listFederatedQuerySchema, publicProvidersSchema, startFederatedQuerySchema } from '#shared/protocol/sapi/federation.ts'
import {
  introspectionSchema,
  oauthErrorSchema,
  tokenHintRequestSchema,
  tokenRequestSchema,
  tokenResponseSchema,
  userInfoSchema,
} from '#shared/protocol/sapi/oauth.ts'

/** `/sapi/o/…`, which the RFCs decide and no table of ours (AUTH-1). */

const tag = 'OAuth'

const scopeMeanings: Readonly<Record<(typeof scopeNames)[number], string>> = {
  openid: 'An ID token (OpenID Connect Core).',
  profile: 'Name and user name in the ID token and at userinfo.',
  email: 'The e-mail address in the ID token and at userinfo.',
  offline_access: 'A refresh token.',
  sapi: 'This API.',
  wapi: 'The WebSocket API: calls.',
}

/** As the document wants them: a plain record. */
const scopes = { ...scopeMeanings }

export const securitySchemes: NonNullable<ZodOpenApiComponentsObject['securitySchemes']> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, however it was got.' },
  oauth2: {
    type: 'oauth2',
    description: 'OAuth 2 (RFC 6749). Authorization code needs PKCE (RFC 7636). More grants are in the guide.',
    flows: {
      authorizationCode: { authorizationUrl: '/sapi/o/authorize', tokenUrl: '/sapi/o/token', refreshUrl: '/sapi/o/token', scopes },
      clientCredentials: { tokenUrl: '/sapi/o/token', scopes: { sapi: scopes.sapi, wapi: scopes.wapi } },
      password: { tokenUrl: '/sapi/o/token', refreshUrl: '/sapi/o/token', scopes: {} },
    },
  },
  client: { type: 'http', scheme: 'basic', description: 'Client id and secret (RFC 6749 §2.3.1). They may stand in the body too.' },
}

const formOrJson = (schema: z.ZodType) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
})

const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema } } })

const oauthError = oauthErrorSchema.meta({ id: 'OAuthError', description: 'RFC 6749 §5.2, beside the members of problem details.' })

const refused = (statuses: Readonly<Record<`4${string}`, string>>) =>
  Object.fromEntries(Object.entries(statuses).map(([status, description]) => [status, json(description, oauthError)]))

const tooMany = { 429: 'Too many requests, or too many failed logins: `slow_down`, with `Retry-After`.' } as const

const authorizeQuery = z.object({
  response_type: z.literal('code'),
  client_id: z.string(),
  redirect_uri: z.url(),
  code_challenge: z.string().describe('RFC 7636 §4.2.'),
  code_challenge_method: z.literal('S256'),
  scope: z.string().meta({ examples: ['openid profile sapi offline_access'] }),
  state: z.string().optional(),
  nonce: z.string().optional(),
  prompt: z.enum(['none', 'login', 'consent', 'select_account']).optional(),
  max_age: z.int().optional(),
  login_hint: z.string().optional(),
  id_token_hint: z.string().optional(),
  response_mode: z.enum(['query', 'form_post']).optional(),
  ui_locales: z.string().optional(),
})

const logoutQuery = z.object({
  id_token_hint: z.string().optional(),
  client_id: z.string().optional(),
  post_logout_redirect_uri: z.url().optional(),
  state: z.string().optional(),
})

const page = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } })

export const oauthPaths = (): ZodOpenApiPathsObject => ({
  '/o/token': {
    post: {
      operationId: 'getToken',
      tags: [tag],
      summary: 'Get or renew tokens',
      description: 'The members that the grant needs, as a form or as JSON.',
      security: [{}, { client: [] }],
      requestBody: formOrJson(tokenRequestSchema.meta({ id: 'TokenRequest' })),
      responses: {
        200: json('Tokens (RFC 6749 §5.1).', tokenResponseSchema.meta({ id: 'TokenResponse' })),
        ...refused({
          400: '`invalid_request`, `invalid_grant`, `unsupported_grant_type`, `invalid_scope` …',
          401: '`invalid_client`',
          ...tooMany,
        }),
      },
    },
  },
  '/o/revoke': {
    post: {
      operationId: 'revokeToken',
      tags: [tag],
      summary: 'End a token and its login (RFC 7009)',
      security: [{}, { client: [] }],
      requestBody: formOrJson(tokenHintRequestSchema.meta({ id: 'TokenHint' })),
      responses: {
        200: { description: 'It is not valid any more, if it ever was.' },
        ...refused({ 400: '`invalid_request`', 401: '`invalid_client`', ...tooMany }),
      },
    },
  },
  '/o/introspect': {
    post: {
      operationId: 'introspectToken',
      tags: [tag],
      summary: 'Ask about a token (RFC 7662)',
      security: [{ client: [] }, { bearer: [] }],
      requestBody: formOrJson(tokenHintRequestSchema),
      responses: {
        200: json('What the token says, or that it is not active.', introspectionSchema.meta({ id: 'Introspection' })),
        ...refused({ 400: '`invalid_request`', 401: '`invalid_client`', ...tooMany }),
      },
    },
  },
  '/o/userinfo': {
    get: {
      operationId: 'getUserInfo',
      tags: [tag],
      summary: 'Read who the token is for (OpenID Connect Core §5.3)',
      security: [{ bearer: [] }, { oauth2: ['openid'] }],
      responses: {
        200: json('Claims by the scopes of the token.', userInfoSchema.meta({ id: 'UserInfo' })),
        ...refused({ 401: '`invalid_token`', ...tooMany }),
      },
    },
  },
  '/o/authorize': {
    get: {
      operationId: 'authorize',
      tags: [tag],
      summary: 'Send a user here to log in (RFC 6749 §4.1)',
      description: 'For browsers: pages to log in and to consent, then the redirect with a `code`, `state` and `iss`.',
      security: [],
      requestParams: { query: authorizeQuery },
      responses: {
        200: page('A page.'),
        303: { description: 'Back to `redirect_uri`.' },
        400: page('A page that says what is wrong, where nobody can be sent back.'),
      },
    },
  },
  '/o/logout': {
    get: {
      operationId: 'logOut',
      tags: [tag],
      summary: 'Send a user here to log out (OpenID Connect RP-Initiated Logout)',
      security: [],
      requestParams: { query: logoutQuery },
      responses: {
        200: page('A page: to confirm, or that it is done.'),
        303: { description: 'Back to `post_logout_redirect_uri`.' },
        400: page('A page that says what is wrong.'),
      },
    },
  },
  '/o/federated': {
    get: {
      operationId: 'listFederatedProviders',
      tags: [tag],
      summary: 'List the providers that a domain lets its users log in with',
      description: 'For whoever draws a login page. A domain that is unknown has none.',
      security: [],
      requestParams: { query: listFederatedQuerySchema },
      responses: {
        200: json('Providers, by name.', publicProvidersSchema.meta({ id: 'FederatedProviders' })),
        ...refused({ 400: '`invalid_request`', ...tooMany }),
      },
    },
  },
  '/o/federated/{provider}': {
    get: {
      operationId: 'startFederatedLogin',
      tags: [tag],
      summary: 'Send a user here to log in with another provider',
      description:
        'For browsers: goes to the provider, and comes back to `return_to` with `#federated_code=…`, which `POST /sapi/o/token` exchanges, or `#federated_error=…`.',
      security: [],
      requestParams: { path: z.object({ provider: z.string() }), query: startFederatedQuerySchema },
      responses: {
        303: { description: 'To the provider, or back with an error.' },
        ...refused({ 400: '`invalid_request`', 404: '`notFound`: the domain has no such provider.', ...tooMany }),
      },
    },
  },
})
