import { HTTPException } from 'hono/http-exception'
import { AppError } from '#shared/errors/AppError.ts'
import { toProblem } from '#shared/errors/error-body.ts'
import type { AppContext } from './app-env.ts'

/** Any failure as problem details (RFC 9457). What is not an expected outcome is logged with its cause. */
export function problemResponse(thrown: unknown, c: AppContext): Response {
  const error = appErrorOf(thrown)
  c.set('errorCode', error.code)
  if (error.status >= 500) c.var.logger.error('request.failed', { code: error.code, error })
  return c.body(JSON.stringify(toProblem(error, { traceId: c.var.traceId })), error.status, {
    'content-type': 'application/problem+json',
    ...headersOf(error),
  })
}

export const notFoundResponse = (c: AppContext): Response =>
  problemResponse(new AppError('unknownResource', { context: { resource: c.req.path } }), c)

export const wrongMethodResponse = (c: AppContext, methods: readonly string[]): Response =>
  problemResponse(new AppError('unsupportedMethod', { context: { allow: methods.join(', ') } }), c)

function appErrorOf(thrown: unknown): AppError {
  // Hono's validator throws these for bodies that it cannot read.
  if (thrown instanceof HTTPException)
    return new AppError(thrown.status === 413 ? 'payloadTooLarge' : 'malformedMessage', { cause: thrown })
  return AppError.from(thrown)
}

/** RFC 6750 §3 for what a token lacks, RFC 9110 §15.5.6 for the methods there are, §10.2.3 for when to come back. */
function headersOf(error: AppError): Record<string, string> {
  if (error.code === 'unauthenticated') return { 'www-authenticate': 'Bearer realm="ringway"' }
  if (error.code === 'tokenExpired' || error.code === 'tokenRevoked')
    return { 'www-authenticate': 'Bearer realm="ringway", error="invalid_token"' }
  const { allow, retryAfter, scope } = error.context
  if (error.code === 'insufficientScope')
    return { 'www-authenticate': `Bearer realm="ringway", error="insufficient_scope", scope="${String(scope)}"` }
  if (typeof allow === 'string') return { allow }
  return typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : {}
}
