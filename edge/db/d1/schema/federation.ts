import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { json, strings } from '../columns.ts'
import { domains } from './domains.ts'
import { users } from './users.ts'

/** Login providers of a domain and those under it (AUTH-2). Those of the deployment are in its configuration. */
export const oauthProviders = sqliteTable(
  'oauth_providers',
  {
    id: text().primaryKey(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    /** Unique in its domain; of two with one name along a chain of domains, the nearer one counts. */
    name: text().notNull(),
    displayName: text('display_name').notNull(),
    issuer: text().notNull(),
    clientId: text('client_id').notNull(),
    /** Null: a public client, with PKCE alone. */
    sealedClientSecret: text('sealed_client_secret'),
    scopes: json(strings)('scopes').notNull(),
    usernameClaim: text('username_claim').notNull(),
    emailClaim: text('email_claim').notNull(),
    domainClaim: text('domain_claim'),
    enabled: integer({ mode: 'boolean' }).notNull(),
    /** Null here and below: as the domain's settings say. */
    createOAuthUser: integer('create_oauth_user', { mode: 'boolean' }),
    OAuthUserForcedDomain: text('oauth_user_forced_domain'),
    newUserCaps: text('new_user_caps'),
    linkByVerifiedEmail: integer('link_by_verified_email', { mode: 'boolean' }),
    allowedAudiences: json(strings)('allowed_audiences').notNull(),
    keepTokens: integer('keep_tokens', { mode: 'boolean' }).notNull(),
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [uniqueIndex('oauth_providers_name').on(table.domainId, table.name)],
)

/** Who at a provider is which users here, one in a domain. Issuer and subject together name somebody for ever (OpenID Connect Core §5.7). */
export const oauthIdentities = sqliteTable(
  'oauth_identities',
  {
    id: text().primaryKey(),
    /** Key of the provider (services/federation/providers.ts). No reference: those of the deployment have no row. */
    provider: text().notNull(),
    issuer: text().notNull(),
    subject: text().notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('oauth_identities_subject').on(table.provider, table.issuer, table.subject, table.userId),
    index('oauth_identities_user').on(table.userId),
  ],
)

/** Tokens of others, for the connectors that act there in a user's name. They go with the user. */
export const thirdPartyTokens = sqliteTable(
  'third_party_tokens',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Key of the provider. */
    provider: text().notNull(),
    sealedAccessToken: text('sealed_access_token').notNull(),
    sealedRefreshToken: text('sealed_refresh_token'),
    /** Null: the provider did not say. */
    expiresAt: integer('expires_at'),
    scope: text().notNull(),
    /** Grows with each renewal: of two at once, one counts. */
    revision: integer().notNull().default(1),
    storedAt: integer('stored_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.provider] })],
)

/** Logins that a provider has vouched for and whose page has yet to fetch its tokens. */
export const federatedCodes = sqliteTable(
  'federated_codes',
  {
    hash: text().primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    provider: text().notNull(),
    /** RFC 7636 §4.2, method S256. */
    codeChallenge: text('code_challenge').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('federated_codes_expiry').on(table.expiresAt)],
)

/** States that came back once and must not come back again. Until then a state is kept by its browser alone. */
export const usedFederatedStates = sqliteTable(
  'used_federated_states',
  { hash: text().primaryKey(), expiresAt: integer('expires_at').notNull() },
  (table) => [index('used_federated_states_expiry').on(table.expiresAt)],
)
