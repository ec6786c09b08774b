import { and, eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type DomainRow } from './domains.ts'
import { domains, logins, users } from './schema.ts'

export type UserRow = typeof users.$inferSelect

export interface UserInDomain {
  readonly user: UserRow
  readonly domain: DomainRow
}

/** `domain` by id or by name. */
export type UserKey =
  | { readonly userId: string }
  | { readonly username: string; readonly domainId: string }
  | { readonly username: string; readonly domain: string }

export async function findUser(db: Database, key: UserKey): Promise<UserInDomain | undefined> {
  const [row] = await db
    .select({ user: users, domain: domains })
    .from(users)
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(conditionOf(key))
    .limit(1)
  return row
}

function conditionOf(key: UserKey) {
  if ('userId' in key) return eq(users.id, key.userId)
  const username = eq(users.username, key.username.toLowerCase())
  return and(username, 'domainId' in key ? eq(users.domainId, key.domainId) : eq(domains.name, key.domain.toLowerCase()))
}

/** Notes that the user's hub exists. Anonymous users have no record but their login. */
export async function markHub(db: Database, options: { userId: string; anonymous: boolean }): Promise<void> {
  if (options.anonymous) await db.update(logins).set({ hasHub: true }).where(eq(logins.userId, options.userId))
  else
    await db
      .update(users)
      .set({ hasHub: true })
      .where(and(eq(users.id, options.userId), eq(users.hasHub, false)))
}
