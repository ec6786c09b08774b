import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'
import { credentials } from './schema/credentials.ts'
import { domains } from './schema/domains.ts'
import { oauthIdentities } from './schema/federation.ts'
import { users } from './schema/users.ts'

/**
 * A statement that fails, and with it the whole batch it stands in, unless the row still has this revision:
 * a change is made from what was read, and must not undo what another one did meanwhile.
 */
export const expectRevision = (db: Database, table: SQLiteTable, { id, revision }: { id: string; revision: number }) =>
  expectRow(db, sql`select 1 from ${table} where id = ${id} and revision = ${revision}`)

/** The same for where a domain stands: what goes under it takes over its path. */
export const expectPath = (db: Database, { id, path }: { id: string; path: string }) =>
  expectRow(db, sql`select 1 from ${domains} where id = ${id} and path = ${path}`)

/** The same for whose domain it is: what is stored of it is stored there. */
export const expectDomain = (db: Database, table: SQLiteTable, { id, domainId }: { id: string; domainId: string }) =>
  expectRow(db, sql`select 1 from ${table} where id = ${id} and domain_id = ${domainId}`)

/** The same for how many rows a domain has, behind an insertion. */
export const expectAtMost = (db: Database, table: SQLiteTable, { domainId, most }: { domainId: string; most: number }) =>
  expectRow(db, sql`select 1 where (select count(*) from ${table} where domain_id = ${domainId}) <= ${most}`)

/** The same for the deployment: behind a change, somebody in use still administers it. */
export const expectPlatformAdmin = (db: Database) => expectRow(db, platformAdmins)

/** The same, and that somebody can log in as one: with a password, or by a login provider. */
export const expectPlatformAdminWithLogin = (db: Database) =>
  expectRow(
    db,
    sql`${platformAdmins} and (
      exists (select 1 from ${credentials} c where c.user_id = u.id and c.type = 'basic')
      or exists (select 1 from ${oauthIdentities} i where i.user_id = u.id))`,
  )

/** Those that are in use, in domains that are: a domain is out of use with any domain above it. */
const platformAdmins = sql`select 1 from ${users} u join ${domains} d on d.id = u.domain_id
  where u.role = 'platform-admin' and not u.disabled
  and not exists (select 1 from ${domains} a where a.disabled and substr(d.path, 1, length(a.path)) = a.path)`

/** SQLite has no statement that raises an error; `json()` of what is no JSON does (https://sqlite.org/json1.html §4.1). */
const expectRow = (db: Database, query: SQL) =>
  db.select({ kept: sql<number>`case when exists (${query}) then 1 else json('changed meanwhile') end` }).from(sql`(select 1)`)
