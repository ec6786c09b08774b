import { customType } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'

/** A text column that holds JSON of one shape. What is stored is parsed like any other outside data. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return customType<{ data: z.infer<Schema>; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => schema.parse(JSON.parse(value)),
  })
}

/** A text column that holds one of a few words. */
export function word<Schema extends z.ZodType<string>>(schema: Schema) {
  return customType<{ data: z.infer<Schema>; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => value,
    fromDriver: (value) => schema.parse(value),
  })
}

export const strings = z.array(z.string())
export const object = z.record(z.string(), z.unknown())
