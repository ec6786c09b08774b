import { z } from 'zod'
import { leaveReasonSchema, roomKindSchema } from '../wapi/room.ts'
import { inviteEndReasonSchema } from '../wapi/hub.ts'
import { callRecordSchema } from './call-record.ts'
import { domainNameSchema } from './names.ts'
import { defineOperations, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/cdrs` and `/sapi/callHistory` (CDR-1). */

const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { message: 'yyyy-mm' })
const timeSchema = z.coerce.number().int().min(0).max(253_402_300_799_999)
/** The longest that one query may reach. */
export const maxRange = 366 * 86_400_000

const listCallRecordsQuerySchema = pageQuerySchema.extend({
  month: monthSchema.optional().describe('`yyyy-mm`, UTC: when the calls ended. Either this or `from` must be there.'),
  from: timeSchema
    .optional()
    .describe('Calls that ended at this time or later, in milliseconds since the epoch; at most 366 days before `to`.'),
  to: timeSchema.optional().describe('Calls that ended before this time; absent: until now.'),
  domain: domainNameSchema.optional().describe("Absent: the admin's own."),
  user: z.string().trim().min(1).max(128).optional().describe('The id or URI of a user: only calls that it was or was rung in.'),
  format: z
    .enum(['json', 'csv'])
    .optional()
    .describe('`csv`, or `Accept: text/csv`: all calls asked for, as a file, a line per participant.'),
})
export type ListCallRecordsQuery = z.infer<typeof listCallRecordsQuerySchema>

const getCallRecordQuerySchema = z.object({
  domain: domainNameSchema.optional().describe("Absent: the admin's own."),
  month: monthSchema.optional().describe('When the call ended; absent: it is looked for from its beginning on, which its id tells.'),
})
export type GetCallRecordQuery = z.infer<typeof getCallRecordQuerySchema>

export const callDirectionSchema = z.enum(['outgoing', 'incoming', 'joined'])

export const callHistoryEntrySchema = z.object({
  callId: z.uuid(),
  roomId: z.string(),
  kind: roomKindSchema,
  direction: callDirectionSchema.describe(
    '`outgoing`: opened by the user. `incoming`: the user was rung. `joined`: the user came by itself.',
  ),
  answered: z.boolean().describe('Whether the user spoke with anybody.'),
  outcome: inviteEndReasonSchema
    .nullable()
    .describe('How the last invite ended, to the user where it was rung, else by the user; null: there was none.'),
  startedAt: z.number().describe('When it began for the user, in milliseconds since the epoch.'),
  endedAt: z.number().describe('When it ended for the user.'),
  duration: z.number().describe('How long the user was in it, in milliseconds.'),
  leaveReason: leaveReasonSchema.nullable().describe('How the user left; null: it never was in it.'),
  parties: z
    .array(z.object({ username: z.string(), joined: z.boolean() }))
    .describe('`username@domain` of those whom the user met, rang or was rung by.'),
})
export type CallHistoryEntry = z.infer<typeof callHistoryEntrySchema>

const tag = 'Calls'

export const callRecordOperations = defineOperations({
  listCallRecords: {
    method: 'get',
    path: '/cdrs',
    tag,
    summary: 'List the calls of a domain',
    description: 'Newest first. Of calls in rooms of other domains: those that users of this one were in, as they could know them.',
    access: 'admin',
    query: listCallRecordsQuerySchema,
    answer: page(callRecordSchema),
    alsoAs: ['text/csv'],
    errors: ['notFound'],
  },
  getCallRecord: {
    method: 'get',
    path: '/cdrs/:callId',
    tag,
    summary: 'Read the record of a call',
    access: 'admin',
    params: z.object({ callId: z.uuid() }),
    query: getCallRecordQuerySchema,
    answer: resource(callRecordSchema),
    errors: ['notFound'],
  },
  listCallHistory: {
    method: 'get',
    path: '/callHistory',
    tag,
    summary: 'List your own calls',
    description: 'Newest first, as far back as your domain lets you see (`calls.callHistoryDays`).',
    access: 'user',
    service: 'callcontrol',
    capability: 'call-history',
    query: pageQuerySchema,
    answer: page(callHistoryEntrySchema),
    errors: ['notFound'],
  },
})
