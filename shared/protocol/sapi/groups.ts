import { z } from 'zod'
import { domainNameSchema } from './names.ts'
import { created, defineOperations, idParamsSchema, none, page, resource, result } from './operation.ts'
import { pageQuerySchema } from './paging.ts'

/** `/sapi/usersGroup` (GRP-1): hunt groups. A call to one rings all participants; the first to accept stops the rest. */

export const maxGroupParticipants = 200

const nameSchema = z.string().trim().min(1).max(128)
/** An id, or the URI `wac-user:<id>`. */
const userIdSchema = z.string().trim().min(1).max(128).describe('The id or URI of a user of the domain of the group.')

export const createGroupSchema = z.object({
  name: nameSchema,
  domain: z
    .union([z.literal(''), domainNameSchema])
    .default('')
    .describe('Empty: your own. Another one only for its admins.'),
  owner: userIdSchema.optional().describe('Absent: yourself. Somebody else only by an admin.'),
})
export type CreateGroup = z.infer<typeof createGroupSchema>

export const replaceGroupSchema = z.object({
  name: nameSchema,
  owner: userIdSchema
    .optional()
    .describe('Absent: as it is. The owner hands the group over to another participant, an admin to any user of the domain.'),
})
export type ReplaceGroup = z.infer<typeof replaceGroupSchema>

const summaryFields = {
  id: z.string(),
  uri: z.string().describe('`wac-group:<id>`.'),
  domain: z.string(),
  name: z.string(),
  owner: z.string().describe('Id of a user.'),
  created: z.number().describe('Milliseconds since the epoch.'),
}

export const groupSummarySchema = z.object({ ...summaryFields, participantCount: z.number().int() })
export type GroupSummary = z.infer<typeof groupSummarySchema>

export const groupSchema = z.object({
  ...summaryFields,
  participants: z.array(z.string()).describe('Ids of users, the longest in the group first.'),
})
export type GroupView = z.infer<typeof groupSchema>

export const groupParticipantSchema = z.object({
  id: z.string().describe("The user's."),
  username: z.string().describe('`username@domain`.'),
  displayName: z.string().optional(),
  owner: z.boolean(),
  joined: z.number().describe('Milliseconds since the epoch.'),
})
export type GroupParticipant = z.infer<typeof groupParticipantSchema>

const listGroupsQuerySchema = pageQuerySchema.extend({
  domain: domainNameSchema.optional().describe('Absent: your own. Another one only for its admins.'),
  q: z.string().trim().max(128).optional().describe('Part of the name.'),
  participant: userIdSchema.optional().describe('Only groups that this user is in.'),
  owner: userIdSchema.optional(),
})
export type ListGroupsQuery = z.infer<typeof listGroupsQuerySchema>

export const groupUserSchema = z.object({ userId: userIdSchema })
const participantParamsSchema = idParamsSchema.extend({ userId: z.string().min(1).max(128) })

/**
 * A group is a way to be called, and part of call control: no service of its own is known to domains
 * (DOM-3), and one that cannot call has no use for groups.
 */
const shared = { tag: 'Users groups', service: 'callcontrol', access: 'user' } as const
const errors = ['conflict', 'notFound'] as const

export const groupOperations = defineOperations({
  createGroup: {
    ...shared,
    method: 'post',
    path: '/usersGroup',
    summary: 'Create a users group',
    description: 'Whoever creates it owns it and is its first participant.',
    body: createGroupSchema,
    answer: created(groupSchema),
    errors,
  },
  listGroups: {
    ...shared,
    method: 'get',
    path: '/usersGroup',
    summary: 'List the users groups of your domain',
    query: listGroupsQuerySchema,
    answer: page(groupSummarySchema),
    errors: ['notFound'],
  },
  leaveAllGroups: {
    ...shared,
    method: 'delete',
    path: '/usersGroup/participations',
    summary: 'Take a user out of every group',
    description:
      'Yourself, or as an admin the user that `userId` names. Its groups pass to their oldest participants; those that nobody else is in go.',
    query: groupUserSchema.partial(),
    answer: none,
    errors: ['notFound'],
  },
  getGroup: {
    ...shared,
    method: 'get',
    path: '/usersGroup/:id',
    summary: 'Read a users group',
    params: idParamsSchema,
    answer: resource(groupSchema),
    errors: ['notFound'],
  },
  replaceGroup: {
    ...shared,
    method: 'put',
    path: '/usersGroup/:id',
    summary: 'Replace name and owner of a users group',
    description: 'For its owner and for admins.',
    params: idParamsSchema,
    body: replaceGroupSchema,
    answer: resource(groupSchema),
    errors: [...errors, 'preconditionFailed'],
  },
  updateGroup: {
    ...shared,
    method: 'patch',
    path: '/usersGroup/:id',
    summary: 'Change the name or owner of a users group',
    description: 'For its owner and for admins.',
    params: idParamsSchema,
    body: replaceGroupSchema,
    answer: resource(groupSchema),
    errors: [...errors, 'preconditionFailed'],
  },
  deleteGroup: {
    ...shared,
    method: 'delete',
    path: '/usersGroup/:id',
    summary: 'Delete a users group with its address book',
    description: 'For its owner and for admins.',
    params: idParamsSchema,
    answer: none,
    errors: [...errors, 'preconditionFailed'],
  },
  listGroupParticipants: {
    ...shared,
    method: 'get',
    path: '/usersGroup/:id/participants',
    summary: 'List the participants of a users group',
    description: 'The longest in the group first.',
    params: idParamsSchema,
    query: pageQuerySchema,
    answer: page(groupParticipantSchema),
    errors: ['notFound'],
  },
  addGroupParticipant: {
    ...shared,
    method: 'post',
    path: '/usersGroup/:id/participants',
    summary: 'Add a participant to a users group',
    description: `For its owner and for admins. At most ${maxGroupParticipants} users are in one group. Whoever is in it already stays as they are.`,
    params: idParamsSchema,
    body: groupUserSchema,
    answer: result(groupParticipantSchema),
    errors,
  },
  removeGroupParticipant: {
    ...shared,
    method: 'delete',
    path: '/usersGroup/:id/participants',
    summary: 'Remove a participant from a users group',
    description:
      'For its owner and for admins. `userId` may stand in a JSON body instead. An owner that is removed owns the group still, and is not rung any more.',
    params: idParamsSchema,
    query: groupUserSchema.partial(),
    answer: none,
    errors: [...errors, 'malformedMessage', 'requestTimeout'],
  },
  hasGroupParticipant: {
    ...shared,
    method: 'head',
    path: '/usersGroup/:id/participants/:userId',
    summary: 'Ask whether a user is in a users group',
    params: participantParamsSchema,
    answer: none,
    errors: ['notFound'],
  },
  removeGroupParticipants: {
    ...shared,
    method: 'delete',
    path: '/usersGroup/:id/participations',
    summary: 'Remove all participants of a users group',
    description: 'For its owner and for admins. The owner owns the group still.',
    params: idParamsSchema,
    answer: none,
    errors,
  },
  leaveGroup: {
    ...shared,
    method: 'delete',
    path: '/usersGroup/:id/leave',
    summary: 'Leave a users group',
    description: 'When its owner leaves, it passes to the oldest participant, and goes where there is none.',
    params: idParamsSchema,
    answer: none,
    errors,
  },
})
