import { and, eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { oauthConsents } from './schema/oauth.ts'

interface ConsentKey {
  readonly userId: string
  readonly clientId: string
}

/** What the user has allowed the client. */
export async function findConsent(db: Database, { userId, clientId }: ConsentKey): Promise<readonly string[]> {
  const [row] = await db
    .select({ scope: oauthConsents.scope })
    .from(oauthConsents)
    .where(and(eq(oauthConsents.userId, userId), eq(oauthConsents.clientId, clientId)))
    .limit(1)
  return row?.scope ?? []
}

export async function storeConsent(db: Database, row: typeof oauthConsents.$inferInsert): Promise<void> {
  await db
    .insert(oauthConsents)
    .values(row)
    .onConflictDoUpdate({ target: [oauthConsents.userId, oauthConsents.clientId], set: { scope: row.scope, grantedAt: row.grantedAt } })
}
