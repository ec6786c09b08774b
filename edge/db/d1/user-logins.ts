import { and, asc, desc, eq, gt, or } from 'drizzle-orm'
import type { Database } from './database.ts'
import type { DomainRow, Page } from './domains.ts'
import type { LoginRow } from './logins.ts'
import { domains } from './schema/domains.ts'
import { logins } from './schema/logins.ts'

/** The logins of one user, visitor or client that are good, by id. */
export const listLogins = (db: Database, options: Page & { userId: string; now: number }): Promise<LoginRow[]> =>
  db
    .select()
    .from(logins)
    .where(
      and(
        eq(logins.userId, options.userId),
        or(gt(logins.expiresAt, options.now), gt(logins.accessExpiresAt, options.now)),
        options.after === undefined ? undefined : gt(logins.id, options.after),
      ),
    )
    .orderBy(asc(logins.id))
    .limit(options.limit)

/** What is known of visitors and clients: the logins they have, of which one tells whether there is a hub. */
export async function findVisitor(db: Database, userId: string): Promise<{ login: LoginRow; domain: DomainRow } | undefined> {
  const [row] = await db
    .select({ login: logins, domain: domains })
    .from(logins)
    .innerJoin(domains, eq(domains.id, logins.domainId))
    .where(eq(logins.userId, userId))
    .orderBy(desc(logins.hasHub))
    .limit(1)
  return row
}
