import { and, asc, count, eq, gt, inArray, or, type SQL, sql } from 'drizzle-orm'
import type { EntryKind } from '#shared/protocol/sapi/contacts.ts'
import { searchedTexts } from '#edge/domain/identity/contact-search.ts'
import type { Database } from './database.ts'
import { expectRevision } from './revision.ts'
import { contacts } from './schema/contacts.ts'
import { groupParticipants, groups } from './schema/groups.ts'
import { users } from './schema/users.ts'
import type { UserRow } from './users.ts'

/** CONT-1. */

export type EntryRow = typeof contacts.$inferSelect

/** Later than any change before it, whoever's clock is behind. */
const nextChange = (now: number): SQL<number> => sql`max(${now}, (select coalesce(max(c.changed), 0) + 1 from ${contacts} c))`

export async function findEntry(db: Database, id: string): Promise<EntryRow | undefined> {
  const [row] = await db
    .select()
    .from(contacts)
    .where(and(eq(contacts.id, id), eq(contacts.removed, false)))
  return row
}

export async function findExternalEntry(
  db: Database,
  { book, externalId }: { book: string; externalId: string },
): Promise<EntryRow | undefined> {
  const [row] = await db
    .select()
    .from(contacts)
    .where(and(eq(contacts.book, book), eq(contacts.externalId, externalId), eq(contacts.removed, false)))
  return row
}

export async function countEntries(db: Database, book: string): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(contacts)
    .where(and(eq(contacts.book, book), eq(contacts.removed, false)))
  return row?.n ?? 0
}

export async function insertEntry(db: Database, row: Omit<EntryRow, 'changed'>): Promise<EntryRow> {
  const [inserted] = await db
    .insert(contacts)
    .values({ ...row, changed: nextChange(row.createdAt) })
    .returning()
  if (inserted === undefined) throw new TypeError('An insertion returns its row')
  return inserted
}

/** What of an entry may change. */
export type EntryChange = Omit<
  EntryRow,
  'id' | 'kind' | 'book' | 'domainId' | 'ownerId' | 'groupId' | 'changed' | 'removed' | 'revision' | 'createdAt'
>

export async function updateEntry(db: Database, from: EntryRow, change: EntryChange, now: number): Promise<EntryRow> {
  const [, [updated]] = await db.batch([
    expectRevision(db, contacts, from),
    db
      .update(contacts)
      .set({ ...change, changed: nextChange(now), revision: from.revision + 1 })
      .where(eq(contacts.id, from.id))
      .returning(),
  ])
  if (updated === undefined) throw new TypeError('An update of an expected row returns it')
  return updated
}

const nothing = { name: '', phones: [], emails: [], username: '', company: '', note: '', favourite: false, search: '', sort: '' }

/** What was in the entry goes; that it was there is remembered until `removeForgottenEntries`. */
export async function removeEntry(db: Database, from: EntryRow, now: number): Promise<void> {
  await db.batch([
    expectRevision(db, contacts, from),
    db
      .update(contacts)
      .set({ ...nothing, removed: true, changed: nextChange(now), revision: from.revision + 1 })
      .where(eq(contacts.id, from.id)),
  ])
}

/** Whose contacts are listed, and which of them. Each book is a list of its own; the caller merges them. */
export interface ContactsFilter {
  /** The users of a domain. */
  readonly usersOf?: string | undefined
  /** Private and shared books, by the id of their user or domain. */
  readonly books: readonly string[]
  /** The books of the groups that this user owns or is in. */
  readonly groupsOf?: string | undefined
  readonly kind?: EntryKind | undefined
  readonly q?: string | undefined
  readonly favourite?: boolean | undefined
  readonly limit: number
}

const groupBooks = (db: Database, userId: string) =>
  db
    .select({ id: groups.id })
    .from(groups)
    .where(
      or(
        eq(groups.ownerId, userId),
        inArray(
          groups.id,
          db.select({ id: groupParticipants.groupId }).from(groupParticipants).where(eq(groupParticipants.userId, userId)),
        ),
      ),
    )

/** Not `like`: D1 takes patterns of at most 50 bytes. */
function matching(column: typeof contacts.search | typeof users.search, q: string | undefined): SQL | undefined {
  return or(...searchedTexts(q).map((text) => sql`instr(${column}, ${text}) > 0`))
}

const favourites = (favourite: boolean | undefined): SQL | undefined =>
  favourite === undefined ? undefined : eq(contacts.favourite, favourite)

/** The entries of each book and of all group books, in order of name. */
export async function listEntriesByName(
  db: Database,
  { books, groupsOf, q, favourite, limit, after }: ContactsFilter & { after?: { sort: string; id: string } | undefined },
): Promise<EntryRow[]> {
  const wanted = and(
    eq(contacts.removed, false),
    matching(contacts.search, q),
    favourites(favourite),
    after === undefined ? undefined : sql`(${contacts.sort}, ${contacts.id}) > (${after.sort}, ${after.id})`,
  )
  return eachBook(db, { books, groupsOf }, (book) =>
    db.select().from(contacts).where(and(book, wanted)).orderBy(asc(contacts.sort), asc(contacts.id)).limit(limit),
  )
}

/** The entries of the same books that changed after `since`, removed ones too, in the order of their changes. */
export async function listChangedEntries(
  db: Database,
  { books, groupsOf, q, favourite, limit, since }: ContactsFilter & { since: number },
): Promise<EntryRow[]> {
  const wanted = and(
    gt(contacts.changed, since),
    or(eq(contacts.removed, true), and(matching(contacts.search, q), favourites(favourite), sql`true`)),
  )
  return eachBook(db, { books, groupsOf }, (book) =>
    db.select().from(contacts).where(and(book, wanted)).orderBy(asc(contacts.changed)).limit(limit),
  )
}

/** A query for each book keeps to its index, where one for all would sort them anew for each page. */
async function eachBook(
  db: Database,
  { books, groupsOf }: Pick<ContactsFilter, 'books' | 'groupsOf'>,
  select: (book: SQL) => Promise<EntryRow[]>,
): Promise<EntryRow[]> {
  const conditions = [
    ...books.map((book) => eq(contacts.book, book)),
    ...(groupsOf === undefined ? [] : [inArray(contacts.book, groupBooks(db, groupsOf))]),
  ]
  return (await Promise.all(conditions.map(select))).flat()
}

/** Users of a domain in use, by user name. */
export const listUserContacts = (
  db: Database,
  {
    usersOf,
    q,
    limit,
    after,
  }: { usersOf: string; q?: string | undefined; limit: number; after?: { sort: string; id: string } | undefined },
): Promise<Pick<UserRow, 'id' | 'username' | 'alias'>[]> =>
  db
    .select({ id: users.id, username: users.username, alias: users.alias })
    .from(users)
    .where(
      and(
        eq(users.domainId, usersOf),
        eq(users.disabled, false),
        matching(users.search, q),
        after === undefined ? undefined : sql`(${users.username}, ${users.id}) > (${after.sort}, ${after.id})`,
      ),
    )
    .orderBy(asc(users.username), asc(users.id))
    .limit(limit)
