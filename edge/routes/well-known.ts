import { Hono } from 'hono'
import { type AuthorizationServerMetadata, grantTypes } from '#shared/protocol/sapi/oauth.ts'
import { issuerOf } from '#edge/auth/issuer.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import type { AppEnv } from './kit/app-env.ts'

/** Public, and the same for everybody: any page may read it. */
const publicHeaders = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' } as const

const clientAuthentication = ['client_secret_basic', 'client_secret_post']

export const wellKnownRoutes = new Hono<AppEnv>()
  /** RFC 7517 §5. */
  .get('/jwks.json', async (c) =>
    c.json(await tokenService(c.env).publicKeys(), 200, { ...publicHeaders, 'content-type': 'application/jwk-set+json' }),
  )
  /** RFC 8414 §3. */
  .get('/oauth-authorization-server', (c) => {
    const issuer = issuerOf(c.req.raw, c.env)
    const metadata: AuthorizationServerMetadata = {
      issuer,
      token_endpoint: `${issuer}/sapi/o/token`,
      revocation_endpoint: `${issuer}/sapi/o/revoke`,
      introspection_endpoint: `${issuer}/sapi/o/introspect`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: [...grantTypes],
      // No authorization endpoint, hence no response type.
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['none', ...clientAuthentication],
      revocation_endpoint_auth_methods_supported: ['none'],
      introspection_endpoint_auth_methods_supported: ['bearer', ...clientAuthentication],
    }
    return c.json(metadata, 200, publicHeaders)
  })
