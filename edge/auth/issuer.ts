import type { Env } from '#edge/env.ts'

/** The URL that names this deployment in tokens and metadata (RFC 8414 §2), without trailing slash. */
export const issuerOf = (request: Request, env: Pick<Env, 'RINGWAY_ISSUER'>): string => configuredIssuer(env) ?? originOf(request)

/** Undefined: each origin that the deployment answers at names itself. */
export const configuredIssuer = (env: Pick<Env, 'RINGWAY_ISSUER'>): string | undefined => env.RINGWAY_ISSUER?.replace(/\/+$/, '')

/** The origin as the client sees it: whoever ends TLS in front of the Worker tells the scheme. */
export function originOf(request: Request): string {
  const url = new URL(request.url)
  const scheme = request.headers.get('x-forwarded-proto')
  if (scheme === 'https' || scheme === 'http') url.protocol = scheme
  return url.origin
}
