import { z } from 'zod'
import { inviteEndReasonSchema } from '../wapi/hub.ts'
import { leaveReasonSchema, roomEndReasonSchema, roomKindSchema } from '../wapi/room.ts'

/**
 * One life of a room as billing and call history see it (CDR-1). Times in milliseconds since the epoch. A domain
 * whose users were in a call of another one has a record of it too, of what they could know: there the ids of
 * others and of their domains are empty.
 */
export const callRecordSchema = z.object({
  callId: z.uuid(),
  roomId: z.string(),
  domainId: z.string().describe('Domain of the room.'),
  kind: roomKindSchema,
  createdAt: z.number(),
  endedAt: z.number(),
  endReason: roomEndReasonSchema,
  participants: z.array(
    z.object({
      participantId: z.string(),
      userId: z.string(),
      domainId: z.string(),
      username: z.string(),
      joinedAt: z.number(),
      leftAt: z.number(),
      reason: leaveReasonSchema,
    }),
  ),
  invites: z.array(
    z.object({
      inviteId: z.string(),
      from: z.string().describe('Participant id.'),
      to: z.object({ userId: z.string(), domainId: z.string(), username: z.string() }),
      createdAt: z.number(),
      endedAt: z.number(),
      outcome: inviteEndReasonSchema,
    }),
  ),
})

export type CallRecord = z.infer<typeof callRecordSchema>
