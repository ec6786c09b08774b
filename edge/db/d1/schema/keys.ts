import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json, object } from '../columns.ts'

/** Key pairs in the order of their use: slot n+1 follows slot n. */
export const signingKeys = sqliteTable('signing_keys', {
  slot: integer().primaryKey(),
  kid: text().notNull(),
  publicJwk: json(object)('public_jwk').notNull(),
  /** Private JWK, sealed under the master key. */
  sealedPrivateJwk: text('sealed_private_jwk').notNull(),
  activatesAt: integer('activates_at').notNull(),
})
