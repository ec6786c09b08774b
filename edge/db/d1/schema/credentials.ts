import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { credentialTypeSchema } from '#shared/protocol/sapi/credentials.ts'
import { json, object, word } from '../columns.ts'
import { domains } from './domains.ts'
import { users } from './users.ts'

/** SIP mappings have a table of their own. */
const storedTypeSchema = credentialTypeSchema.exclude(['sip-mapping'])

export const credentials = sqliteTable(
  'credentials',
  {
    id: text().primaryKey(),
    type: word(storedTypeSchema)('type').notNull(),
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.id, { onDelete: 'cascade' }),
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    context: json(object)('context').notNull(),
    /** What may be shown again; never the secret. */
    data: json(object)('data').notNull(),
    /** `basic`: salted slow hash of the password. `client`: hash of the random secret. `ims`: empty. */
    secretHash: text('secret_hash').notNull(),
    /** `ims`: what its user must be told again, sealed (edge/auth/secret-box.ts). */
    sealedSecret: text('sealed_secret'),
    /** Seconds the credential is good for; 0: without end. */
    lease: integer().notNull(),
    expiresAt: integer('expires_at'),
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('credentials_password')
      .on(table.userId)
      .where(sql`type = 'basic'`),
    uniqueIndex('credentials_ims')
      .on(table.userId)
      .where(sql`type = 'ims' and user_id is not null`),
    index('credentials_pool')
      .on(table.domainId)
      .where(sql`type = 'ims' and user_id is null`),
    index('credentials_user').on(table.userId),
    index('credentials_domain').on(table.domainId, table.id),
  ],
)
