import { z } from 'zod'
import type { Change } from '#edge/services/change.ts'
import { parsed } from './body.ts'
import { checkIfMatch } from './etag.ts'
import { mergePatch } from './merge-patch.ts'

/** `PUT`: the body is the new state. */
export const replacement = <Body>(body: Body, ifMatch: string | undefined): Change<unknown, Body> => ({
  async of(current) {
    await checkIfMatch(ifMatch, current)
    return body
  },
})

/** A merge patch is an object; each of its members is judged in the outcome. */
export const patchSchema = z.record(z.string(), z.unknown())

/** `PATCH` (RFC 7396): the new state is what the patch makes of the view, as `PUT` would have been sent it. */
export const patched = <Schema extends z.ZodObject>(
  schema: Schema,
  patch: z.infer<typeof patchSchema>,
  ifMatch: string | undefined,
): Change<unknown, z.output<Schema>> => ({
  async of(current) {
    await checkIfMatch(ifMatch, current)
    return parsed(schema, { ...nullsOf(schema, patch), ...asObject(mergePatch(current, patch)) })
  },
})

type Shape = Readonly<Record<string, z.core.$ZodType>>

/** Null takes a member away, except from a resource that has null as a value there. */
function nullsOf({ shape }: z.ZodObject<Shape>, patch: z.infer<typeof patchSchema>): Record<string, null> {
  const taken = Object.keys(patch).filter((name) => patch[name] === null && Object.hasOwn(shape, name) && acceptsNull(shape[name]))
  return Object.fromEntries(taken.map((name) => [name, null]))
}

const acceptsNull = (field: z.core.$ZodType | undefined): boolean => field !== undefined && z.safeParse(field, null).success

const asObject = (value: unknown): Record<string, unknown> => patchSchema.parse(value)
