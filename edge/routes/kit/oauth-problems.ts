import { AppError } from '#shared/errors/AppError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import type { AppContext } from './app-env.ts'
import { problemResponse } from './problems.ts'

/** RFC 6749 §5.2 and RFC 6750 §3.1. What the RFCs have no name for is the caller's or the server's fault in general. */
const names: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalidGrant: 'invalid_grant',
  invalidClient: 'invalid_client',
  unauthorizedClient: 'unauthorized_client',
  unsupportedGrantType: 'unsupported_grant_type',
  invalidScope: 'invalid_scope',
  serviceNotEnabled: 'unauthorized_client',
  federationExpired: 'invalid_grant',
  federationRefused: 'access_denied',
  federationUnavailable: 'temporarily_unavailable',
  accountUnknown: 'access_denied',
  accountTaken: 'access_denied',
  rateLimited: 'slow_down',
  unavailable: 'temporarily_unavailable',
  tokenExpired: 'invalid_token',
  tokenRevoked: 'invalid_token',
  unauthenticated: 'invalid_token',
  insufficientScope: 'insufficient_scope',
}

/** Errors of `/sapi/o/…`: the members that OAuth clients look for, beside those of problem details. */
export async function oauthProblemResponse(thrown: unknown, c: AppContext): Promise<Response> {
  const problem = problemResponse(thrown, c)
  const { code, message } = AppError.from(thrown)
  const error = names[code] ?? (problem.status >= 500 ? 'server_error' : 'invalid_request')
  const headers = new Headers(problem.headers)
  headers.set('cache-control', 'no-store')
  headers.set('content-type', 'application/json')
  if (code === 'invalidClient') headers.set('www-authenticate', 'Basic realm="ringway"')
  return Response.json({ error, error_description: message, ...(await problem.json<object>()) }, { status: problem.status, headers })
}
