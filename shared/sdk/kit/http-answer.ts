import { errorBodySchema } from '#shared/errors/error-body.ts'
import { RingwayError } from '../RingwayError.ts'

/** Undefined where the body is not JSON; an empty one is an empty object. */
export async function readJson(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a failed answer says (RFC 9457); undefined where it is not one of ours. */
export function errorOfAnswer(status: number, body: unknown): RingwayError | undefined {
  const known = errorBodySchema.safeParse(body)
  if (known.success) return RingwayError.ofBody(known.data, { status })
  // A proxy in between answers for a server that is away.
  if (status >= 500) return new RingwayError({ code: 'unavailable', message: 'The service is not available now.', retryable: true, status })
  return undefined
}
