import { type AnySQLiteColumn, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { settingsLayerSchema } from '#shared/protocol/settings.ts'
import { servicesSchema } from '#shared/protocol/sapi/services.ts'
import { jurisdictionSchema } from '#shared/protocol/tokens.ts'
import { json, strings, word } from '../columns.ts'

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
    /** Grows with each change, so that a change made from what is stored notices that another came first. */
    revision: integer().notNull().default(1),
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
