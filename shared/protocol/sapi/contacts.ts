import { z } from 'zod'
import { created, defineOperations, idParamsSchema, none, page, resource } from './operation.ts'
import { pageQuerySchema } from './paging.ts'
import { phoneSchema } from './users.ts'

/** `/sapi/contacts` (CONT-1, DOM-4). */

/** Whose address book an entry is in: of its user, of a domain, of a users group. */
export const entryKindSchema = z.enum(['private', 'shared', 'group'])
export type EntryKind = z.infer<typeof entryKindSchema>

/** A user of one's own domain. */
export const userContactSchema = z.object({
  kind: z.literal('user'),
  id: z.string(),
  username: z.string().describe('`username@domain`.'),
  displayName: z.string().optional(),
})
export type UserContact = z.infer<typeof userContactSchema>

const optionalFields = {
  phones: z.array(phoneSchema).max(16).default([]),
  emails: z.array(z.email().max(254)).max(16).default([]),
  username: z
    .string()
    .trim()
    .toLowerCase()
    .max(318)
    .regex(/^([^\s@]+(@[^\s@]+)?)?$/, { message: 'Not a user name' })
    .default('')
    .describe('Who it is on Ringway: `bob` or `bob@example.com`. Nobody checks that there is such a user.'),
  company: z.string().trim().max(128).default(''),
  note: z.string().trim().max(4096).default(''),
  favourite: z.boolean().default(false).describe('Of private entries only: what is shared has no favourites of its own.'),
  externalId: z
    .string()
    .trim()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .describe('Its name in the address book that it is synchronized from; unique in this one.'),
}

const nameSchema = z.string().trim().min(1).max(128)
const groupIdSchema = z.string().min(1).max(128).nullable().default(null).describe('Of a group entry: the id or URI of its users group.')

export const createEntrySchema = z.object({
  kind: entryKindSchema.default('private'),
  group: groupIdSchema,
  name: nameSchema,
  ...optionalFields,
})
export type CreateEntry = z.infer<typeof createEntrySchema>

/** Replaces the entry: what is absent returns to its default. An entry stays in its book. */
export const replaceEntrySchema = z.object({
  kind: entryKindSchema.optional(),
  group: z.string().min(1).max(128).nullish(),
  name: nameSchema,
  ...optionalFields,
})
export type ReplaceEntry = z.infer<typeof replaceEntrySchema>

/** The same, where the URL says which book and which entry. */
export const syncEntrySchema = replaceEntrySchema.omit({ kind: true, group: true, externalId: true })
export type SyncEntry = z.infer<typeof syncEntrySchema>

export const entrySchema = z
  .object({
    kind: entryKindSchema,
    id: z.string(),
    group: z.string().nullable().describe('Id of the users group, of a group entry.'),
    name: z.string(),
    phones: z.array(z.string()),
    emails: z.array(z.string()),
    username: z.string().describe('Empty: none is known.'),
    company: z.string(),
    note: z.string(),
    favourite: z.boolean(),
    externalId: z.string().nullable(),
    created: z.number().describe('Milliseconds since the epoch.'),
    changed: z.number().describe('The same, and another one for each change: what `changedSince` compares with.'),
  })
  .meta({ id: 'ContactEntry' })
export type EntryView = z.infer<typeof entrySchema>

/** An entry that is no more, as long as that is remembered. */
export const removedEntrySchema = z.object({
  kind: z.literal('removed'),
  id: z.string(),
  externalId: z.string().nullable(),
  changed: z.number(),
})

export const contactSchema = z
  .discriminatedUnion('kind', [userContactSchema, entrySchema, removedEntrySchema])
  .meta({ id: 'ListedContact' })
export type Contact = z.infer<typeof contactSchema>

export const listContactsQuerySchema = pageQuerySchema.extend({
  kind: z
    .enum(['user', ...entryKindSchema.options])
    .optional()
    .describe('Only contacts of this kind.'),
  group: z.string().min(1).max(128).optional().describe('Only entries of this users group.'),
  q: z.string().trim().max(128).optional().describe('Part of a name, phone number or e-mail address; of users, of the user name or alias.'),
  favourite: z.stringbool().optional(),
  changedSince: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Entries that changed after this time or this `changed`, in the order of their changes, with those that were removed (for 30 days). Users of the domain are not among them.',
    ),
})
export type ListContactsQuery = z.infer<typeof listContactsQuerySchema>

const externalParamsSchema = z.object({ externalId: z.string().min(1).max(256) })
const bookQuerySchema = z.object({
  kind: entryKindSchema.default('private'),
  group: z.string().min(1).max(128).optional().describe('Of a group entry: the id or URI of its users group.'),
})
export type BookQuery = z.infer<typeof bookQuerySchema>

const shared = { tag: 'Contacts', service: 'contacts', capability: 'contacts', access: 'user' } as const

export const contactOperations = defineOperations({
  listContacts: {
    ...shared,
    method: 'get',
    path: '/contacts',
    summary: 'List the contacts that you may see',
    description:
      'The users of your domain, yourself among them, your private entries, those shared in your domain, and those of your users groups where you have the capability `user-group-contacts`; by name.',
    query: listContactsQuerySchema,
    answer: page(contactSchema),
    errors: ['notFound'],
  },
  createContact: {
    ...shared,
    method: 'post',
    path: '/contacts',
    summary: 'Add an entry to an address book',
    description:
      'A private one unless a `-create-contacts` keeps you from it; a shared one as an admin or with the capability `create-contacts`; one of a users group as its owner or an admin.',
    body: createEntrySchema,
    answer: created(entrySchema),
    errors: ['conflict', 'notFound'],
  },
  getSynchronizedContact: {
    ...shared,
    method: 'get',
    path: '/contacts/external/:externalId',
    summary: 'Read the entry that an external address book knows by this id',
    params: externalParamsSchema,
    query: bookQuerySchema,
    answer: resource(entrySchema),
    errors: ['notFound'],
  },
  synchronizeContact: {
    ...shared,
    method: 'put',
    path: '/contacts/external/:externalId',
    summary: 'Add or replace the entry that an external address book knows by this id',
    description: 'Answers 201 where it was added.',
    params: externalParamsSchema,
    query: bookQuerySchema,
    body: syncEntrySchema,
    answer: resource(entrySchema),
    creates: true,
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  removeSynchronizedContact: {
    ...shared,
    method: 'delete',
    path: '/contacts/external/:externalId',
    summary: 'Remove the entry that an external address book knows by this id',
    params: externalParamsSchema,
    query: bookQuerySchema,
    answer: none,
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  getContact: {
    ...shared,
    method: 'get',
    path: '/contacts/:id',
    summary: 'Read a contact',
    description: 'An entry of an address book, or a user of your domain by its id.',
    params: idParamsSchema,
    answer: resource(z.discriminatedUnion('kind', [userContactSchema, entrySchema])),
    errors: ['notFound'],
  },
  replaceContact: {
    ...shared,
    method: 'put',
    path: '/contacts/:id',
    summary: 'Replace an entry',
    description: 'Optional fields that are left out return to their defaults. An entry stays in its address book.',
    params: idParamsSchema,
    body: replaceEntrySchema,
    answer: resource(entrySchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  updateContact: {
    ...shared,
    method: 'patch',
    path: '/contacts/:id',
    summary: 'Change some fields of an entry',
    params: idParamsSchema,
    body: replaceEntrySchema,
    answer: resource(entrySchema),
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
  deleteContact: {
    ...shared,
    method: 'delete',
    path: '/contacts/:id',
    summary: 'Remove an entry',
    params: idParamsSchema,
    answer: none,
    errors: ['conflict', 'notFound', 'preconditionFailed'],
  },
})
