import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import { methodSchema, type Request, requestSchema } from '#shared/protocol/wapi/frames.ts'

export type ReadRequest =
  | { readonly ok: true; readonly request: Request }
  /** `id` is null where the message could not be read so far. */
  | { readonly ok: false; readonly id: string | null; readonly error: AppError }

const refuse = (id: string | null, error: AppError): ReadRequest => ({ ok: false, id, error })

/** A client's message as a request. The byte limit comes before the parser. */
export function readRequest(message: string | ArrayBuffer): ReadRequest {
  if (typeof message !== 'string') {
    return refuse(null, new AppError('malformedMessage', { context: { reason: 'Messages are text, not binary.' } }))
  }
  if (isTooLarge(message)) return refuse(null, new AppError('payloadTooLarge', { context: { limit: maxClientMessageBytes } }))
  const json = parseJson(message)
  const request = requestSchema.safeParse(json)
  if (request.success) return { ok: true, request: request.data }
  const readable = readableSchema.safeParse(json)
  if (!readable.success) return refuse(null, new AppError('malformedMessage'))
  const { id, method } = readable.data
  if (typeof method === 'string' && !methodSchema.safeParse(method).success) {
    return refuse(id, new AppError('unsupportedMethod', { context: { allowed: methodSchema.options } }))
  }
  const { context } = AppError.invalidRequest(request.error)
  return refuse(id, new AppError('malformedMessage', { context }))
}

const readableSchema = requestSchema.pick({ id: true }).extend({ method: z.unknown().optional() })

/** UTF-8 takes one to three bytes for each UTF-16 unit, so most messages need no counting. */
function isTooLarge(text: string): boolean {
  if (text.length > maxClientMessageBytes) return true
  if (text.length * 3 <= maxClientMessageBytes) return false
  return new TextEncoder().encode(text).byteLength > maxClientMessageBytes
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A body of at most the message limit as text.
 * @throws AppError `payloadTooLarge`, without reading on.
 */
export async function readBody(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxClientMessageBytes) throw new AppError('payloadTooLarge', { context: { limit: maxClientMessageBytes } })
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
