import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { domains } from './domains.ts'
import { users } from './users.ts'

/** Users groups (GRP-1). */
export const groups = sqliteTable(
  'groups',
  {
    id: text().primaryKey(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The name as it is searched (edge/domain/identity/search.ts). */
    search: text().notNull(),
    /** Always a user of the same domain; a user who goes passes the group on first (group-departures.ts). */
    ownerId: text('owner_id')
      .notNull()
      .references(() => users.id),
    /** Grows with each change of the group and of who is in it. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('groups_domain').on(table.domainId, table.id), index('groups_owner').on(table.ownerId)],
)

export const groupParticipants = sqliteTable(
  'group_participants',
  {
    groupId: text('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    joinedAt: integer('joined_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.userId] }), index('group_participants_user').on(table.userId)],
)
