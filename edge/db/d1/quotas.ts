import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { domains } from './schema/domains.ts'
import { users } from './schema/users.ts'

/** So many users at most in all domains at or under a path. */
export interface UserQuota {
  readonly path: string
  readonly limit: number
}

/**
 * A statement that fails, and with it the whole batch it stands in, where there are more users than some quota
 * allows: to stand behind what adds one, so that two that are added at the same moment do not both pass.
 */
export function expectUsersWithin(db: Database, quotas: readonly UserQuota[]) {
  const over = quotas.map(
    ({ path, limit }) => sql`(select count(*) from ${users} join ${domains} on ${domains.id} = ${users.domainId}
      where ${domains.path} >= ${path} and ${domains.path} < ${`${path}\u{10ffff}`}) > ${limit}`,
  )
  const condition = over.length === 0 ? sql`false` : sql.join(over, sql` or `)
  // SQLite has no statement that raises an error; a path that is none does (https://sqlite.org/json1.html §3.4).
  return db.select({ kept: sql<number>`case when ${condition} then json_extract('{}', 'over quota') else 1 end` }).from(sql`(select 1)`)
}
