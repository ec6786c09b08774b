import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { json, strings } from '../columns.ts'
import { users } from './users.ts'

/** MEET-1. A meeting is its creator's own: it belongs to the domain that its creator belongs to, and goes with them. */
export const meetings = sqliteTable(
  'meetings',
  {
    id: text().primaryKey(),
    /** Who created it. */
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** The name as it is searched (edge/domain/identity/search.ts). */
    search: text().notNull(),
    participants: json(strings)('participants').notNull(),
    language: text().notNull(),
    validSince: integer('valid_since').notNull(),
    validUntil: integer('valid_until').notNull(),
    /** The secret of its link, sealed: it is shown again to whoever may read the meeting. */
    linkKey: text('link_key').notNull(),
    /** The number to dial, and the PIN to enter there, sealed for the same reason. */
    extension: text(),
    pin: text(),
    /** Keyed hash of both: finds the meeting that a caller means, and keeps a PIN unique among all that share the number. */
    pinHash: text('pin_hash'),
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('meetings_pin').on(table.pinHash),
    index('meetings_user').on(table.userId),
    index('meetings_time').on(table.validSince, table.id),
  ],
)

/** The users invited, in the order in which they were named. */
export const meetingUsers = sqliteTable(
  'meeting_users',
  {
    meetingId: text('meeting_id')
      .notNull()
      .references(() => meetings.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.meetingId, table.userId] }), index('meeting_users_user').on(table.userId)],
)
