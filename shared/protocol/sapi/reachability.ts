import { z } from 'zod'
import { defineOperations, result } from './operation.ts'

/** `/sapi/reachability` (REACH-1): which transports reach a user or a group. */

const transportSchema = z.object({
  type: z.enum(['connection', 'push']).describe('connection: a device is connected. push: a device has told a push token.'),
  platform: z.string().optional().describe('Of the device, as it tells it.'),
})
export type Transport = z.infer<typeof transportSchema>

export const reachabilitySchema = z.object({
  uri: z.string().describe('`wac-user:<id>` or `wac-group:<id>`; to visitors, what they asked for.'),
  reachable: z.boolean().describe('Whether there is any transport.'),
  transports: z.array(transportSchema),
})

const reachabilityAnswerSchema = reachabilitySchema.extend({
  participants: z.array(reachabilitySchema).optional().describe('Of a group, each of its participants; visitors are not told.'),
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
