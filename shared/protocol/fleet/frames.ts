import { z } from 'zod'

/**
 * Frames of the links between the edge and a media host. Either side may ask (`method`), answers
 * carry the same id, notifications carry none. Hosts always dial; the edge asks most.
 */

export const fleetRequestSchema = z.object({ id: z.number().int().nonnegative(), method: z.string().max(64), params: z.unknown() })

export const fleetResponseSchema = z.union([
  z.object({ id: z.number().int().nonnegative(), result: z.unknown() }),
  z.object({
    id: z.number().int().nonnegative(),
    error: z.object({ code: z.string(), message: z.string(), context: z.record(z.string(), z.unknown()).optional() }),
  }),
])

export const fleetNotificationSchema = z.object({ notify: z.string().max(64), params: z.unknown() })

export const fleetFrameSchema = z.union([fleetRequestSchema, fleetNotificationSchema, fleetResponseSchema])

export type FleetRequest = z.infer<typeof fleetRequestSchema>
export type FleetResponse = z.infer<typeof fleetResponseSchema>
export type FleetNotification = z.infer<typeof fleetNotificationSchema>
export type FleetFrame = z.infer<typeof fleetFrameSchema>

/** A question on a fleet link: its name is its key in the table, its shapes stand together. */
export interface Procedure<Params extends z.ZodType = z.ZodType, Outcome extends z.ZodType = z.ZodType> {
  readonly params: Params
  readonly result: Outcome
}

export function procedure<Params extends z.ZodType, Outcome extends z.ZodType>(
  params: Params,
  result: Outcome,
): Procedure<Params, Outcome> {
  return { params, result }
}

export type ProcedureTable = Readonly<Record<string, Procedure>>
export type ParamsOf<P extends Procedure> = z.infer<P['params']>
export type ResultOf<P extends Procedure> = z.infer<P['result']>
