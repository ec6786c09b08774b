import { z } from 'zod'
import { defineOperations, result } from './operation.ts'

/** `/sapi/reachability` (REACH-1): which transports reach a user or a group. */

const transportSchema = z.object({
  type: z.enum(['connection', 'push']).describe('connection: a device is connected. push: a device has told a push token.'),
  /** Of the device, as it tells it. */
  platform: z.string().optional(),
})
export type Transport = z.infer<typeof transportSchema>

export const reachabilitySchema = z.object({
  /** `wac-user:<id>` or `wac-group:<id>`; to visitors, what they asked for. */
  uri: z.string(),
  /** Whether there is any transport. */
  reachable: z.boolean(),
  transports: z.array(transportSchema),
})

const reachabilityAnswerSchema = reachabilitySchema.extend({
  /** Of a group, each of its participants; visitors are not told. */
  participants: z.array(reachabilitySchema).optional(),
})
export type Reachability = z.infer<typeof reachabilityAnswerSchema>

export const reachabilityOperations = defineOperations({
  getReachability: {
    method: 'get',
    path: '/reachability',
    tag: 'Sessions',
    summary: 'Tell how a user or a group of your domain can be reached',
    description: 'Other domains are not told of. To visitors, unknown and offline are one answer.',
    access: 'anonymous',
    query: z.object({ uri: z.string().trim().min(1).max(320).describe('wac-user:<id>, wac-group:<id> or a user name') }),
    answer: result(reachabilityAnswerSchema),
    errors: ['userUnknown'],
  },
})
