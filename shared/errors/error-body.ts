import { z } from 'zod'
import type { AppError } from './AppError.ts'

/** What a client is told of a failure, the same in REST (as problem+json members) and WAPI. */
export const errorBodySchema = z.object({
  /** One of the stable codes; a newer server may send codes that an older client does not know. */
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  traceId: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
})

export type ErrorBody = z.infer<typeof errorBodySchema>

export function toErrorBody(error: AppError, options: { traceId?: string } = {}): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(options.traceId === undefined ? {} : { traceId: options.traceId }),
    ...(Object.keys(error.context).length === 0 ? {} : { context: error.context }),
  }
}

/** RFC 9457 problem details. `type` is a URN of the code, so that it is stable and needs no host. */
export function toProblem(error: AppError, options: { traceId?: string } = {}) {
  return {
    type: `urn:ringway:error:${error.code}`,
    title: error.message,
    status: error.status,
    ...toErrorBody(error, options),
  }
}
