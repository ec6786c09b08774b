import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { json, object } from '../columns.ts'
import { domains } from './domains.ts'
import { groups } from './groups.ts'
import { users } from './users.ts'

/** SIP identities of users and groups (SIPMAP-1): one per owner, and one owner per SIP user name in a domain. */
export const sipMappings = sqliteTable(
  'sip_mappings',
  {
    id: text().primaryKey(),
    /** The owner's. */
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    /** One of the two. */
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    groupId: text('group_id').references(() => groups.id, { onDelete: 'cascade' }),
    username: text().notNull(),
    /** What the user name is compared by (edge/domain/sip/sip-user.ts). */
    userKey: text('user_key').notNull(),
    /** Sealed (edge/auth/secret-box.ts); null: none. */
    sealedPassword: text('sealed_password'),
    context: json(object)('context').notNull(),
    /** Seconds the mapping is good for; 0: without end. */
    lease: integer().notNull(),
    expiresAt: integer('expires_at'),
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('sip_mappings_user').on(table.userId),
    uniqueIndex('sip_mappings_group').on(table.groupId),
    uniqueIndex('sip_mappings_key').on(table.domainId, table.userKey),
    index('sip_mappings_domain').on(table.domainId, table.id),
    index('sip_mappings_expiry').on(table.expiresAt),
    check('sip_mappings_owner', sql`(${table.userId} is null) <> (${table.groupId} is null)`),
  ],
)
