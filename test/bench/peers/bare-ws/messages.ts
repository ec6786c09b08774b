import { z } from 'zod'

/** What the clients of the bare server say to each other. */
export const relayMessageSchema = z.object({
  to: z.string(),
  from: z.string(),
  type: z.enum(['invite', 'decline', 'locked']),
  id: z.number(),
})
export type RelayMessage = z.infer<typeof relayMessageSchema>
