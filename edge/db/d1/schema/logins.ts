import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { json, strings, word } from '../columns.ts'
import { domains } from './domains.ts'

/** One login: a family of refresh tokens and the access tokens made from it. Its id is the `sid` claim. */
export const logins = sqliteTable(
  'logins',
  {
    id: text().primaryKey(),
    kind: text({ enum: ['password', 'federated', 'anonymous', 'client'] }).notNull(),
    /** No reference: anonymous users and clients have no row in `users`. */
    userId: text('user_id').notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id),
    credentialId: text('credential_id'),
    /** Key of the login provider that has vouched for the user (services/federation/providers.ts). */
    provider: text(),
    /** The OAuth client that the user lets act, to which its refresh tokens are bound; null: the user's own. */
    clientId: text('client_id'),
    /** What its tokens are good for; null: everything. */
    scope: json(strings)('scope'),
    /** When the user logged in, where that was before this login was made from a code. */
    authTime: integer('auth_time'),
    /** Set for an anonymous user that has connected; others have it in `users`. */
    hasHub: integer('has_hub', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    /** End of the last refresh token, or of the access token where there is none. */
    expiresAt: integer('expires_at').notNull(),
    /** End of the last access token. */
    accessExpiresAt: integer('access_expires_at').notNull(),
  },
  (table) => [
    index('logins_user').on(table.userId, table.createdAt),
    index('logins_domain').on(table.domainId),
    index('logins_credential').on(table.credentialId),
    index('logins_client').on(table.clientId),
    index('logins_provider')
      .on(table.provider)
      .where(sql`provider is not null`),
    index('logins_expiry').on(table.expiresAt),
  ],
)

/** Used ones are kept until they expire: one that comes back was stolen. */
export const refreshTokens = sqliteTable(
  'refresh_tokens',
  {
    hash: text().primaryKey(),
    loginId: text('login_id')
      .notNull()
      .references(() => logins.id, { onDelete: 'cascade' }),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
  },
  (table) => [index('refresh_tokens_login').on(table.loginId), index('refresh_tokens_expiry').on(table.expiresAt)],
)

/**
 * Logins that ended before their tokens expired. The access tokens are refused until they expire by
 * themselves; the sockets are closed through the user's hub, again and again until the hub has confirmed.
 */
export const revocations = sqliteTable(
  'revocations',
  {
    loginId: text('login_id').primaryKey(),
    userId: text('user_id').notNull(),
    jurisdiction: word(jurisdictionSchema)('jurisdiction'),
    revokedAt: integer('revoked_at').notNull(),
    /** When the last access token of the login has expired by itself. */
    expiresAt: integer('expires_at').notNull(),
    /** Whether the user's hub has yet to be told; false for users that have no hub. */
    hubPending: integer('hub_pending', { mode: 'boolean' }).notNull(),
  },
  (table) => [
    index('revocations_time').on(table.revokedAt),
    index('revocations_expiry').on(table.expiresAt),
    index('revocations_pending')
      .on(table.revokedAt)
      .where(sql`hub_pending = 1`),
  ],
)

/** Failed logins per account or address, to slow the next ones. */
export const loginFailures = sqliteTable(
  'login_failures',
  {
    key: text().primaryKey(),
    failures: integer().notNull(),
    lastFailureAt: integer('last_failure_at').notNull(),
  },
  (table) => [index('login_failures_time').on(table.lastFailureAt)],
)
