import { z } from 'zod'

/** Points in time. What Ringway answers is in milliseconds since the epoch; ISO 8601 with an offset is taken as well. */

const milliseconds = z.number().int().min(0).max(8_640_000_000_000_000)
const iso = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

/** In a body. */
export const instantSchema = z
  .union([milliseconds, iso.pipe(milliseconds)])
  .meta({ description: 'Milliseconds since the epoch, or ISO 8601 with an offset', example: '2031-05-04T09:30:00Z' })

/** In a query, where a number is text. */
export const instantQuerySchema = z
  .union([
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number)
      .pipe(milliseconds),
    iso.pipe(milliseconds),
  ])
  .meta({ description: 'Milliseconds since the epoch, or ISO 8601 with an offset' })
