import type { Env } from '#edge/env.ts'

/** The URL that names this deployment in tokens and metadata (RFC 8414 §2), without trailing slash. */
export const issuerOf = (requestUrl: string, env: Pick<Env, 'RINGWAY_ISSUER'>): string =>
  (env.RINGWAY_ISSUER ?? new URL(requestUrl).origin).replace(/\/+$/, '')
