import { z } from 'zod'

const childSchema = z.object({ pid: z.int().nullable(), ready: z.boolean() })

/** `run/status.json` in the state folder: what runs at the moment, for tools and tests. */
export const statusSchema = z.object({
  state: z.enum(['starting', 'ready', 'stopping', 'stopped']),
  url: z.string(),
  supervisor: z.int(),
  edge: childSchema.extend({ workerd: z.int().nullable() }),
  /** Only where others than this machine connect. */
  front: childSchema.optional(),
  /** `httpPort`, on loopback, serves /healthz and /metrics. */
  hosts: z.array(childSchema.extend({ httpPort: z.int() })),
})

export type Status = z.infer<typeof statusSchema>
