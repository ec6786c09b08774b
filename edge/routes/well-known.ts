import { Hono } from 'hono'
import { authMethods, scopeNames } from '#shared/protocol/sapi/clients.ts'
import { type AuthorizationServerMetadata, grantTypes } from '#shared/protocol/sapi/oauth.ts'
import { configuredIssuer, issuerOf } from '#edge/auth/issuer.ts'
import { signingAlgorithm } from '#edge/auth/signing-keys.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { assertionAlgorithms } from '#edge/services/oauth/client-assertion.ts'
import type { AppContext, AppEnv } from './kit/app-env.ts'
import { locales } from './sign-in/messages.ts'

/** Public, and the same for everybody: any page may read it. */
const publicHeaders = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' } as const

const withProof = authMethods.filter((method) => method !== 'none')

function metadata(c: AppContext): AuthorizationServerMetadata {
  const issuer = issuerOf(c.req.raw, c.env)
  const implicit = c.env.RINGWAY_OAUTH_IMPLICIT === '1'
  return {
    issuer,
    authorization_endpoint: `${issuer}/sapi/o/authorize`,
    token_endpoint: `${issuer}/sapi/o/token`,
    userinfo_endpoint: `${issuer}/sapi/o/userinfo`,
    revocation_endpoint: `${issuer}/sapi/o/revoke`,
    introspection_endpoint: `${issuer}/sapi/o/introspect`,
    end_session_endpoint: `${issuer}/sapi/o/logout`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: [...scopeNames],
    grant_types_supported: [...grantTypes, ...(implicit ? ['implicit'] : [])],
    response_types_supported: ['code', ...(implicit ? ['token'] : [])],
    response_modes_supported: ['query', 'form_post', ...(implicit ? ['fragment'] : [])],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: [...authMethods],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: [...authMethods],
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: ['bearer', ...withProof],
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [signingAlgorithm],
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'nonce',
      'at_hash',
      'sid',
      'name',
      'preferred_username',
      'email',
      'email_verified',
    ],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    ui_locales_supported: [...locales],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  }
}

export const wellKnownRoutes = new Hono<AppEnv>()
  /** RFC 7517 §5. */
  .get('/jwks.json', async (c) =>
    c.json(await tokenService(c.env).publicKeys(), 200, { ...publicHeaders, 'content-type': 'application/jwk-set+json' }),
  )
  /** RFC 8414 §3. */
  .get('/oauth-authorization-server', (c) => c.json(metadata(c), 200, metadataHeaders(c)))
  /** OpenID Connect Discovery §4. */
  .get('/openid-configuration', (c) => c.json(metadata(c), 200, metadataHeaders(c)))

/** Where the request itself says who the issuer is, no cache may keep it for others. */
const metadataHeaders = (c: AppContext) =>
  configuredIssuer(c.env) === undefined ? { ...publicHeaders, 'cache-control': 'no-store' } : publicHeaders
