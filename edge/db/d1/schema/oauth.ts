import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json, strings } from '../columns.ts'
import { credentials } from './credentials.ts'
import { users } from './users.ts'

/** Authorization codes. Used ones are kept for a while: one that comes back was stolen (RFC 9700 §4.2.4). */
export const oauthCodes = sqliteTable(
  'oauth_codes',
  {
    hash: text().primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => credentials.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** What the user logged in with; null where that was another provider. */
    credentialId: text('credential_id'),
    /** Key of that other provider. */
    provider: text(),
    redirectUri: text('redirect_uri').notNull(),
    scope: json(strings)('scope').notNull(),
    nonce: text(),
    /** Of PKCE, by S256 (RFC 7636 §4.2). */
    codeChallenge: text('code_challenge').notNull(),
    /** When the user logged in. */
    authTime: integer('auth_time').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
    /** The login that was made from it. */
    loginId: text('login_id'),
    /** When it came a second time. */
    reusedAt: integer('reused_at'),
  },
  (table) => [
    index('oauth_codes_client').on(table.clientId),
    index('oauth_codes_user').on(table.userId),
    index('oauth_codes_expiry').on(table.expiresAt),
  ],
)

/** What a user has allowed a client, so that nobody is asked twice. */
export const oauthConsents = sqliteTable(
  'oauth_consents',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    clientId: text('client_id')
      .notNull()
      .references(() => credentials.id, { onDelete: 'cascade' }),
    scope: json(strings)('scope').notNull(),
    grantedAt: integer('granted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.clientId] }), index('oauth_consents_client').on(table.clientId)],
)

/** Browsers in which a user is logged in at the provider's own pages. They end with the password or the login provider that opened them. */
export const browserSessions = sqliteTable(
  'browser_sessions',
  {
    /** Of the cookie's value. */
    hash: text().primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    credentialId: text('credential_id').references(() => credentials.id, { onDelete: 'cascade' }),
    /** Key of the login provider that has vouched for the user, where it was no password. */
    provider: text(),
    /** When the user logged in. */
    authTime: integer('auth_time').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('browser_sessions_user').on(table.userId),
    index('browser_sessions_credential').on(table.credentialId),
    index('browser_sessions_expiry').on(table.expiresAt),
  ],
)

/** Ids of assertions that clients have authenticated with: each is good once (RFC 7523 §3). */
export const usedAssertions = sqliteTable(
  'used_assertions',
  {
    clientId: text('client_id')
      .notNull()
      .references(() => credentials.id, { onDelete: 'cascade' }),
    /** Hash of the `jti`, which may be of any length. */
    jti: text().notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.clientId, table.jti] }), index('used_assertions_expiry').on(table.expiresAt)],
)
