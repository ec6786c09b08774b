import { z } from 'zod'
import type { Contact, EntryView, ListContactsQuery, UserContact } from '#shared/protocol/sapi/contacts.ts'
import { type ContactsFilter, type EntryRow, listChangedEntries, listEntriesByName, listUserContacts } from '#edge/db/d1/contacts.ts'
import type { UserRow } from '#edge/db/d1/users.ts'
import { Buffer } from '#edge/buffer.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { bookToRead, groupContacts } from './address-books.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { directory } from './directory.ts'
import { type PageOf, pageOf } from './page.ts'
import { hasCapability } from './requirements.ts'
import type { Scope } from './scope.ts'

/** CONT-1, DOM-4: users of one domain see one another, and with them the address books that are theirs. */

/** Where a list by name goes on: the sort key of a row, and its id. */
const namePosition = z.tuple([z.string(), z.string()])
const changePosition = z.tuple([z.number()])

export async function listContacts(scope: Scope, actor: Identity, query: ListContactsQuery): Promise<PageOf<Contact>> {
  const filter = await filterFor(scope, actor, query)
  return query.changedSince === undefined
    ? listByName(scope, filter, query)
    : listChanged(scope, filter, { ...query, changedSince: query.changedSince })
}

/** Which books the actor may read, of those that it asks for. @throws AppError `notFound`, `forbidden`. */
async function filterFor(scope: Scope, actor: Identity, { kind, group, q, favourite, limit }: ListContactsQuery): Promise<ContactsFilter> {
  const rest = { q, favourite, limit: limit + 1 }
  if (group !== undefined) {
    const { book } = await bookToRead(scope, actor, { kind: 'group', group })
    return { ...rest, books: kind === undefined || kind === 'group' ? [book] : [] }
  }
  const wants = (one: Exclude<ListContactsQuery['kind'], undefined>) => kind === undefined || kind === one
  const groups = wants('group') && (await hasCapability(scope.env, actor, groupContacts))
  return {
    ...rest,
    usersOf: wants('user') && favourite !== true ? actor.domainId : undefined,
    books: [...(wants('private') ? [actor.userId] : []), ...(wants('shared') ? [actor.domainId] : [])],
    groupsOf: groups ? actor.userId : undefined,
  }
}

interface Sorted {
  readonly sort: string
  readonly id: string
  readonly view: Contact
}

/** One order over users and all books: the first rows of each, put together. */
async function listByName(scope: Scope, filter: ContactsFilter, query: ListContactsQuery): Promise<PageOf<Contact>> {
  const [sort, id] = readCursor(query.cursor, namePosition) ?? []
  const after = sort === undefined || id === undefined ? undefined : { sort, id }
  const [entries, people] = await Promise.all([listEntriesByName(scope.db, { ...filter, after }), listUsers(scope, filter, after)])
  const rows = [...entries.map((row): Sorted => ({ sort: row.sort, id: row.id, view: viewOfEntry(row) })), ...people].toSorted(inOrder)
  return pageOf(rows, { limit: query.limit, cursorOf: (row) => cursorOf([row.sort, row.id]), view: ({ view }) => view })
}

async function listUsers(
  scope: Scope,
  { usersOf, q, limit }: ContactsFilter,
  after: { sort: string; id: string } | undefined,
): Promise<Sorted[]> {
  if (usersOf === undefined) return []
  const { name } = await directory(scope.env).policyOf(usersOf)
  const rows = await listUserContacts(scope.db, { usersOf, q, limit, after })
  return rows.map((user) => ({ sort: user.username, id: user.id, view: contactOfUser(user, name) }))
}

/** As SQLite compares texts: by their bytes. */
const inOrder = (a: Sorted, b: Sorted): number => compare(a.sort, b.sort) || compare(a.id, b.id)
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

async function listChanged(
  scope: Scope,
  filter: ContactsFilter,
  query: ListContactsQuery & { changedSince: number },
): Promise<PageOf<Contact>> {
  const [since] = readCursor(query.cursor, changePosition) ?? [query.changedSince]
  const rows = await listChangedEntries(scope.db, { ...filter, since })
  return pageOf(
    rows.toSorted((a, b) => a.changed - b.changed),
    {
      limit: query.limit,
      cursorOf: (row) => cursorOf([row.changed]),
      view: (row) => (row.removed ? removedViewOf(row) : viewOfEntry(row)),
    },
  )
}

export const contactOfUser = ({ id, username, alias }: Pick<UserRow, 'id' | 'username' | 'alias'>, domain: string): UserContact => ({
  kind: 'user',
  id,
  username: `${username}@${domain}`,
  ...(alias === '' ? {} : { displayName: alias }),
})

export function viewOfEntry(row: EntryRow): EntryView {
  const { kind, id, groupId, name, phones, emails, username, company, note, favourite, externalId, createdAt, changed } = row
  return { kind, id, group: groupId, name, phones, emails, username, company, note, favourite, externalId, created: createdAt, changed }
}

const removedViewOf = ({ id, externalId, changed }: EntryRow): Contact => ({ kind: 'removed', id, externalId, changed })
