import { z } from 'zod'
import { instantQuerySchema, instantSchema } from './instants.ts'
import { created, defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/meetings` (MEET-1). The room of a meeting is `wac-meeting:<id>` (shared/protocol/meeting-address.ts). */

/** Somebody who has no account here: an e-mail address, or a telephone number as MSISDN (E.164, `+` optional). */
const participantSchema = z.union([
  z.email().max(254),
  z
    .string()
    .trim()
    .regex(/^\+?[1-9]\d{4,14}$/, { message: 'Neither an e-mail address nor a telephone number' }),
])

/** Of its invitations (BCP 47). */
const languageSchema = z
  .string()
  .trim()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { message: 'Not a language tag' })

const mostPeople = 200

export const meetingBodySchema = z
  .object({
    name: z.string().trim().min(1).max(128),
    users: z.array(z.string().min(1).max(128)).max(mostPeople).default([]).describe('Ids of users of the same domain who are invited'),
    participants: z.array(participantSchema).max(mostPeople).default([]).describe('E-mail addresses and telephone numbers to invite'),
    language: languageSchema.default('en').describe('Language of its invitations'),
    validSince: instantSchema,
    validUntil: instantSchema,
  })
  .refine(({ validSince, validUntil }) => validSince < validUntil, { path: ['validUntil'], message: 'Must be later than validSince' })
export type MeetingBody = z.infer<typeof meetingBodySchema>

export const meetingSchema = z.object({
  id: z.string(),
  uri: z.string().describe('`wac-meeting:<id>`: the id of its room'),
  name: z.string(),
  user: z.string().describe('Id of the user who created it'),
  users: z.array(z.string()),
  participants: z.array(z.string()),
  language: z.string(),
  validSince: z.number().describe('Milliseconds since the epoch'),
  validUntil: z.number().describe('Milliseconds since the epoch'),
  url: z.string().describe('Opens the meeting for whoever holds it, also for visitors of the domain. Keep it among those invited.'),
  ddi: z
    .object({
      extension: z.string().describe('The number to dial'),
      pin: z.string().describe('Eight digits to enter there'),
    })
    .nullable()
    .describe('How to join by telephone; null where the domain had no number for that when the meeting was created'),
  created: z.number().describe('Milliseconds since the epoch'),
})
export type MeetingView = z.infer<typeof meetingSchema>

const listMeetingsQuerySchema = pageQuerySchema.extend({
  from: instantQuerySchema.optional().describe('Only meetings that end after this instant'),
  to: instantQuerySchema.optional().describe('Only meetings that begin before this instant'),
  q: z.string().trim().max(128).optional().describe('Part of the name'),
  user: z.string().min(1).max(128).optional().describe('Only meetings that this user has created or is invited to'),
})
export type ListMeetingsQuery = z.infer<typeof listMeetingsQuerySchema>

const tag = 'Meetings'

export const meetingOperations = defineOperations({
  listMeetings: {
    method: 'get',
    path: '/meetings',
    tag,
    summary: 'List meetings',
    description: 'Those that you have created or are invited to; for admins, all of their domains. Soonest first.',
    access: 'anonymous',
    service: 'meetings',
    query: listMeetingsQuerySchema,
    answer: page(meetingSchema),
  },
  createMeeting: {
    method: 'post',
    path: '/meetings',
    tag,
    summary: 'Create a meeting',
    description:
      'Needs the capability `meetings`; joining needs none. Its room can be entered from `validSince` until `validUntil` by you, ' +
      'by the users invited, and by whoever holds its `url` and is signed in to the same domain, if only as a visitor.',
    access: 'user',
    service: 'meetings',
    capability: 'meetings',
    body: meetingBodySchema,
    answer: created(meetingSchema),
    errors: ['notFound'],
  },
  getMeeting: {
    method: 'get',
    path: '/meetings/:id',
    tag,
    summary: 'Read a meeting',
    description: 'For its creator, the users invited, and admins of the domain. To everybody else it does not exist.',
    access: 'anonymous',
    service: 'meetings',
    params: idParamsSchema,
    answer: resource(meetingSchema),
    errors: ['notFound'],
  },
  replaceMeeting: {
    method: 'put',
    path: '/meetings/:id',
    tag,
    summary: 'Replace a meeting',
    description: 'For its creator and admins of the domain. Its `url` and `ddi` stay, and who is in its room stays in.',
    access: 'user',
    service: 'meetings',
    capability: 'meetings',
    params: idParamsSchema,
    body: meetingBodySchema,
    answer: resource(meetingSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateMeeting: {
    method: 'patch',
    path: '/meetings/:id',
    tag,
    summary: 'Change some fields of a meeting',
    access: 'user',
    service: 'meetings',
    capability: 'meetings',
    params: idParamsSchema,
    body: meetingBodySchema,
    answer: resource(meetingSchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteMeeting: {
    method: 'delete',
    path: '/meetings/:id',
    tag,
    summary: 'Delete a meeting',
    description: 'For its creator and admins of the domain. Nobody can enter any more; those in its room may finish.',
    access: 'user',
    service: 'meetings',
    capability: 'meetings',
    params: idParamsSchema,
    answer: none,
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
})
