import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { BookQuery, CreateEntry, EntryView, ReplaceEntry, SyncEntry, UserContact } from '#shared/protocol/sapi/contacts.ts'
import {
  countEntries,
  type EntryChange,
  type EntryRow,
  findEntry,
  findExternalEntry,
  insertEntry,
  removeEntry,
  updateEntry,
} from '#edge/db/d1/contacts.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { entrySearchText, sortKeyOf } from '#edge/domain/identity/contact-search.ts'
import { groupIdOf } from '#edge/domain/identity/group-target.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { type AddressBook, bookToRead, bookToWrite, mayRead, requireWriter } from './address-books.ts'
import type { Change } from './change.ts'
import { contactOfUser, viewOfEntry } from './contacts.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'

/** CONT-1: entries of address books, one by one. */

/** Entries of a private or group book. A shared one is written by those whom its domain trusts with it. */
const maxEntries = 5000

export async function createEntry(scope: Scope, actor: Identity, { kind, group, ...body }: CreateEntry): Promise<EntryView> {
  const book = await bookToWrite(scope, actor, { kind, group })
  return viewOfEntry(await addEntry(scope, book, body))
}

/** An entry that the actor may read, or a user of its domain. */
export async function getContact(scope: Scope, actor: Identity, id: string): Promise<EntryView | UserContact> {
  const entry = await findEntry(scope.db, id)
  if (entry !== undefined && (await mayRead(scope, actor, entry))) return viewOfEntry(entry)
  const found = await findUser(scope.db, { userId: id })
  if (found === undefined || found.domain.id !== actor.domainId || found.user.disabled) throw new AppError('notFound')
  return contactOfUser(found.user, found.domain.name)
}

export async function changeEntry(scope: Scope, actor: Identity, id: string, by: Change<EntryView, ReplaceEntry>): Promise<EntryView> {
  const entry = await writableEntry(scope, actor, id)
  const { kind, group, ...body } = await by.of(viewOfEntry(entry))
  if (kind !== undefined && kind !== entry.kind) throw new AppError('conflict', { context: { immutable: 'kind' } })
  if (group !== undefined && (group === null ? null : groupIdOf(group)) !== entry.groupId)
    throw new AppError('conflict', { context: { immutable: 'group' } })
  return viewOfEntry(await replaceEntry(scope, entry, body))
}

export async function removeEntryFor(
  scope: Scope,
  actor: Identity,
  id: string,
  expect: (current: EntryView) => Promise<void>,
): Promise<void> {
  const entry = await writableEntry(scope, actor, id)
  await expect(viewOfEntry(entry))
  await refuseBroken(() => removeEntry(scope.db, entry, scope.clock.now()))
}

/** By what names an entry in the address book that it comes from. */
export interface ExternalName extends BookQuery {
  readonly externalId: string
}

export async function getExternalEntry(scope: Scope, actor: Identity, name: ExternalName): Promise<EntryView> {
  const { book } = await bookToRead(scope, actor, name)
  return viewOfEntry(await externalEntry(scope, { book, externalId: name.externalId }))
}

/** Whoever synchronizes need not know whether the entry is there already. */
export async function synchronizeEntry(
  scope: Scope,
  actor: Identity,
  { externalId, ...named }: ExternalName,
  by: Change<EntryView, SyncEntry>,
): Promise<{ view: EntryView; isNew: boolean }> {
  const book = await bookToWrite(scope, actor, named)
  const entry = await findExternalEntry(scope.db, { book: book.book, externalId })
  const body = { ...(await by.of(entry === undefined ? null : viewOfEntry(entry))), externalId }
  const row = entry === undefined ? await addEntry(scope, book, body) : await replaceEntry(scope, entry, body)
  return { view: viewOfEntry(row), isNew: entry === undefined }
}

export async function removeExternalEntry(
  scope: Scope,
  actor: Identity,
  { externalId, ...named }: ExternalName,
  expect: (current: EntryView) => Promise<void>,
): Promise<void> {
  const book = await bookToRead(scope, actor, named)
  await requireWriter(scope, actor, book)
  const entry = await externalEntry(scope, { book: book.book, externalId })
  await expect(viewOfEntry(entry))
  await refuseBroken(() => removeEntry(scope.db, entry, scope.clock.now()))
}

async function externalEntry(scope: Scope, name: { book: string; externalId: string }): Promise<EntryRow> {
  const entry = await findExternalEntry(scope.db, name)
  if (entry === undefined) throw new AppError('notFound')
  return entry
}

/** @throws AppError `notFound` to whom may not read it, `forbidden` to whom may only do that. */
async function writableEntry(scope: Scope, actor: Identity, id: string): Promise<EntryRow> {
  const entry = await findEntry(scope.db, id)
  if (entry === undefined || !(await mayRead(scope, actor, entry))) throw new AppError('notFound')
  await requireWriter(scope, actor, entry)
  return entry
}

type Content = Omit<CreateEntry, 'kind' | 'group'>

async function addEntry(scope: Scope, book: AddressBook, body: Content): Promise<EntryRow> {
  const change = contentOf(book, body)
  if (book.kind !== 'shared' && (await countEntries(scope.db, book.book)) >= maxEntries)
    throw new AppError('conflict', { context: { reason: 'addressBookFull', limit: maxEntries } })
  const { kind, domainId, ownerId, groupId } = book
  const row = { ...change, id: newId(), kind, book: book.book, domainId, ownerId, groupId, removed: false, revision: 1 }
  return refuseBroken(() => insertEntry(scope.db, { ...row, createdAt: scope.clock.now() }), { unique: { externalId: body.externalId } })
}

const replaceEntry = (scope: Scope, entry: EntryRow, body: Content): Promise<EntryRow> =>
  refuseBroken(() => updateEntry(scope.db, entry, contentOf(entry, body), scope.clock.now()), { unique: { externalId: body.externalId } })

function contentOf({ kind }: Pick<AddressBook, 'kind'>, body: Content): EntryChange {
  if (body.favourite && kind !== 'private') throw AppError.invalidField('favourite', 'Only private entries are favourites')
  return { ...body, search: entrySearchText(body), sort: sortKeyOf(body.name) }
}
