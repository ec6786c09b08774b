import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { toBase64Url, utf8 } from '#edge/auth/bytes.ts'
import { Buffer } from '#edge/buffer.ts'

/** Cursors of lists whose order takes more than an id: what the rows are ordered by, as opaque text. */

type Position = readonly (string | number)[]

export const cursorOf = (position: Position): string => toBase64Url(utf8(JSON.stringify(position)))

/** @throws AppError `invalidRequest` for what is not a cursor of this list. */
export function readCursor<Schema extends z.ZodType<Position>>(cursor: string | undefined, schema: Schema): z.output<Schema> | undefined {
  if (cursor === undefined) return undefined
  const read = schema.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString('utf8')))
  if (!read.success) throw AppError.invalidField('cursor', 'Not a cursor of this list')
  return read.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
