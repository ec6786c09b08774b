import { sql } from 'drizzle-orm'
import { type AnySQLiteColumn, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import { settingsLayerSchema } from '#shared/protocol/settings.ts'
import { servicesSchema } from '#shared/protocol/sapi/services.ts'
import { jurisdictionSchema, roleSchema } from '#shared/protocol/tokens.ts'
import { credentialTypeSchema } from '#shared/protocol/sapi/credentials.ts'
import { json, word } from './columns.ts'

/** Tables of the configuration database. Times are milliseconds since the epoch. */

const strings = z.array(z.string())
const object = z.record(z.string(), z.unknown())

export const domains = sqliteTable(
  'domains',
  {
    id: text().primaryKey(),
    /** Lower case; unique in the deployment. */
    name: text().notNull(),
    parentId: text('parent_id').references((): AnySQLiteColumn => domains.id),
    /** `/<root id>/…/<own id>/`: all descendants of a domain are one range of this column. */
    path: text().notNull(),
    enableAnonymous: integer('enable_anonymous', { mode: 'boolean' }).notNull(),
    anonymousExpiration: integer('anonymous_expiration').notNull(),
    anonymousCapabilities: json(strings)('anonymous_capabilities').notNull(),
    capabilities: json(strings)('capabilities').notNull(),
    services: json(servicesSchema)('services').notNull(),
    settings: json(settingsLayerSchema)('settings').notNull(),
    jurisdiction: word(jurisdictionSchema)('jurisdiction'),
    disabled: integer({ mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('domains_name').on(table.name),
    uniqueIndex('domains_path').on(table.path),
    index('domains_parent').on(table.parentId),
  ],
)

/** Host patterns whose anonymous visitors belong to a domain (AUTH-3). */
export const domainOrigins = sqliteTable(
  'domain_origins',
  {
    pattern: text().notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.pattern, table.domainId] }), index('domain_origins_domain').on(table.domainId)],
)

export const users = sqliteTable(
  'users',
  {
    id: text().primaryKey(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id),
    /** Lower case; unique in its domain. */
    username: text().notNull(),
    email: text().notNull(),
    role: word(roleSchema)('role').notNull(),
    /** Forced and pruned ones. */
    capabilities: json(strings)('capabilities').notNull(),
    mobilePhone: json(strings)('mobile_phone').notNull(),
    landLineNumber: text('land_line_number').notNull(),
    alias: text().notNull(),
    /** User name and alias as they are searched (edge/domain/identity/search.ts). */
    search: text().notNull(),
    disabled: integer({ mode: 'boolean' }).notNull(),
    /** Whether the user ever connected: an object is placed where it is first touched, so nobody else may touch it before. */
    hasHub: integer('has_hub', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    lastLogin: integer('last_login'),
  },
  (table) => [uniqueIndex('users_name').on(table.domainId, table.username), index('users_role').on(table.role)],
)

export const credentials = sqliteTable(
  'credentials',
  {
    id: text().primaryKey(),
    type: word(credentialTypeSchema)('type').notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    context: json(object)('context').notNull(),
    /** What may be shown again; never the secret. */
    data: json(object)('data').notNull(),
    /** `basic`: salted slow hash of the password. `client`: hash of the random secret. */
    secretHash: text('secret_hash').notNull(),
    /** Seconds the credential is good for; 0: without end. */
    lease: integer().notNull(),
    expiresAt: integer('expires_at'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('credentials_password')
      .on(table.userId)
      .where(sql`type = 'basic'`),
    index('credentials_user').on(table.userId),
    index('credentials_domain').on(table.domainId, table.id),
  ],
)

/** One login: a family of refresh tokens and the access tokens made from it. Its id is the `sid` claim. */
export const logins = sqliteTable(
  'logins',
  {
    id: text().primaryKey(),
    kind: text({ enum: ['password', 'anonymous', 'client'] }).notNull(),
    /** No reference: anonymous users and clients have no row in `users`. */
    userId: text('user_id').notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id),
    credentialId: text('credential_id'),
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

/** Key pairs in the order of their use: slot n+1 follows slot n. */
export const signingKeys = sqliteTable('signing_keys', {
  slot: integer().primaryKey(),
  kid: text().notNull(),
  publicJwk: json(object)('public_jwk').notNull(),
  /** Private JWK, sealed under the master key. */
  sealedPrivateJwk: text('sealed_private_jwk').notNull(),
  activatesAt: integer('activates_at').notNull(),
})

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

/** First-start steps that are done and must not be repeated, such as the creation of a demo account. */
export const bootstrapSteps = sqliteTable('bootstrap_steps', { name: text().primaryKey(), doneAt: integer('done_at').notNull() })
