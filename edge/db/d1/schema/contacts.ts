import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { entryKindSchema } from '#shared/protocol/sapi/contacts.ts'
import { json, strings, word } from '../columns.ts'
import { domains } from './domains.ts'
import { groups } from './groups.ts'
import { users } from './users.ts'

/** Entries of address books (CONT-1): of one user, of a domain or of a users group. */
export const contacts = sqliteTable(
  'contacts',
  {
    id: text().primaryKey(),
    kind: word(entryKindSchema)('kind').notNull(),
    /** The address book: the id of the user, domain or group that it belongs to. */
    book: text().notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    /** Of a private entry. */
    ownerId: text('owner_id').references(() => users.id, { onDelete: 'cascade' }),
    /** Of a group's entry. */
    groupId: text('group_id').references(() => groups.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    phones: json(strings)('phones').notNull(),
    emails: json(strings)('emails').notNull(),
    username: text().notNull(),
    company: text().notNull(),
    note: text().notNull(),
    favourite: integer({ mode: 'boolean' }).notNull(),
    /** Its name in the address book that it is synchronized from; unique in this one. */
    externalId: text('external_id'),
    /** Everything that a search looks into, as it is searched. */
    search: text().notNull(),
    /** The beginning of the name, as lists are ordered by it. */
    sort: text().notNull(),
    /**
     * When it was last changed, in milliseconds since the epoch, and later than any change before it: the order
     * in which changes were committed, for those who ask what has changed since.
     */
    changed: integer().notNull(),
    /** A removed entry stays for a while with nothing in it, so that the removal can be told. */
    removed: integer({ mode: 'boolean' }).notNull().default(false),
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    index('contacts_book').on(table.book, table.sort, table.id),
    uniqueIndex('contacts_changed').on(table.changed),
    index('contacts_book_changed').on(table.book, table.changed),
    uniqueIndex('contacts_external')
      .on(table.book, table.externalId)
      .where(sql`removed = 0`),
    index('contacts_domain').on(table.domainId),
    index('contacts_owner').on(table.ownerId),
    index('contacts_group').on(table.groupId),
    index('contacts_removed')
      .on(table.changed)
      .where(sql`removed = 1`),
  ],
)
