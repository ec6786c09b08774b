import { z } from 'zod'
import { userContactSchema } from '#shared/protocol/sapi/contacts.ts'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import type { Contact, ContactsQuery, Page } from '../api/contacts.ts'
import type { RestClient } from './RestClient.ts'

/** As servers that list nothing but users tell of them, too. */
const answer = z.array(userContactSchema.omit({ kind: true }))

/** `GET /sapi/contacts` (DOM-4): the users of one's own domain, whom one can call. */
export async function listContacts(rest: RestClient, options: ContactsQuery & { bearer: string }): Promise<Page<Contact>> {
  const query = new URLSearchParams({ kind: 'user' })
  if (options.query !== undefined) query.set('q', options.query)
  if (options.cursor !== undefined) query.set('cursor', options.cursor)
  if (options.limit !== undefined) query.set('limit', String(options.limit))
  const path = `/sapi/contacts?${query}` as const
  const { body, headers } = await rest.requestWithHeaders({ method: 'GET', path, bearer: options.bearer, answer })
  return {
    items: body.map(({ id, username, displayName }) => ({ userId: id, username, displayName: displayName ?? username })),
    nextCursor: cursorOf(nextPage(headers.get('link'))),
  }
}

function cursorOf(target: string | undefined): string | null {
  return target === undefined ? null : new URL(target, 'https://base.invalid').searchParams.get('cursor')
}
