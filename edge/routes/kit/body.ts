import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { bodyLimits, routeClassOf } from '#edge/domain/entry/route-class.ts'
import { readAtMost } from '#edge/services/limited-body.ts'

/** @throws AppError `payloadTooLarge` before more than the limit is in memory, `malformedMessage`, `invalidRequest`. */
export async function jsonBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  return parsedJson(schema, await limitedText(request))
}

/** The same of a body that has been read. */
export const parsedJson = <Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> => parsed(schema, parseJson(text))

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

/** @throws AppError `payloadTooLarge`, `requestTimeout`, `malformedMessage` for what is no UTF-8. */
export async function limitedText(request: Request): Promise<string> {
  const limit = bodyLimits[routeClassOf(new URL(request.url).pathname)]
  const bytes = await readAtMost(request.body, limit + 1)
  if (bytes.byteLength > limit) throw new AppError('payloadTooLarge', { context: { limit } })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch (cause) {
    throw new AppError('malformedMessage', { cause })
  }
}

/** No request nests as deep as this; what walks its parts may recurse. */
const maxDepth = 64

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError('malformedMessage', { cause })
  }
  if (isDeeperThan(value, maxDepth)) throw new AppError('invalidRequest', { context: { maxDepth } })
  return value
}

/** Level by level, so that depth costs no stack. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true
    level = level.flatMap(partsOf)
  }
  return false
}

const partsOf = (value: unknown): unknown[] => (typeof value === 'object' && value !== null ? Object.values({ ...value }) : [])

/** RFC 6749 §3.2: parameters must not be there twice. */
function parseForm(text: string): Record<string, string> {
  const form = new URLSearchParams(text)
  const names = [...form.keys()]
  if (new Set(names).size !== names.length) throw new AppError('malformedMessage')
  return Object.fromEntries(form)
}
