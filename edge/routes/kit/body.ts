import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import { Buffer } from '#edge/buffer.ts'

/** @throws AppError `payloadTooLarge` before more than the limit is in memory, `malformedMessage`, `invalidRequest`. */
export async function jsonBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  return parsed(schema, parseJson(await limitedText(request)))
}

/** A body of OAuth: a form as the RFCs have it, or JSON with the same members. */
export async function jsonOrFormBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  return parsed(schema, await readJsonOrForm(request))
}

export async function readJsonOrForm(request: Request): Promise<unknown> {
  const text = await limitedText(request)
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/x-www-form-urlencoded' ? parseForm(text) : parseJson(text)
}

export function query<Schema extends z.ZodType>(url: string, schema: Schema): z.infer<Schema> {
  return parsed(schema, Object.fromEntries(new URL(url).searchParams))
}

export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw AppError.invalidRequest(result.error)
  return result.data
}

async function limitedText(request: Request): Promise<string> {
  const tooLarge = () => new AppError('payloadTooLarge', { context: { limit: maxClientMessageBytes } })
  if (Number(request.headers.get('content-length') ?? 0) > maxClientMessageBytes) throw tooLarge()
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- A body is a stream of bytes (Fetch, §2.2.4), which the Workers' types leave open.
  const body: ReadableStream<Uint8Array> = request.body
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxClientMessageBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return decode(chunks)
}

function decode(chunks: readonly Uint8Array[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new AppError('malformedMessage', { cause })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('malformedMessage', { cause })
  }
}

/** RFC 6749 §3.2: parameters must not be there twice. */
function parseForm(text: string): Record<string, string> {
  const form = new URLSearchParams(text)
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) throw new AppError('malformedMessage')
  return Object.fromEntries(form)
}
