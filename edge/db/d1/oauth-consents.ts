import { and, asc, eq, gt } from 'drizzle-orm'
import type { Database } from './database.ts'
import type { CredentialRow } from './credentials.ts'
import type { Page } from './domains.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { credentials } from './schema/credentials.ts'
import { oauthConsents } from './schema/oauth.ts'

type ConsentRow = typeof oauthConsents.$inferSelect

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

/** The user's, by the ids of the clients. */
export const listConsents = (db: Database, options: Page & { userId: string }): Promise<{ consent: ConsentRow; client: CredentialRow }[]> =>
  db
    .select({ consent: oauthConsents, client: credentials })
    .from(oauthConsents)
    .innerJoin(credentials, eq(credentials.id, oauthConsents.clientId))
    .where(
      and(eq(oauthConsents.userId, options.userId), options.after === undefined ? undefined : gt(oauthConsents.clientId, options.after)),
    )
    .orderBy(asc(oauthConsents.clientId))
    .limit(options.limit)

/** Forgets what the user has allowed the client, and ends the logins that the client has of the user. */
export async function deleteConsent(db: Database, key: ConsentKey, now: number): Promise<{ found: boolean; ended: RevocationRow[] }> {
  const [deleted, ended] = await db.batch([
    db
      .delete(oauthConsents)
      .where(and(eq(oauthConsents.userId, key.userId), eq(oauthConsents.clientId, key.clientId)))
      .returning({ clientId: oauthConsents.clientId }),
    ...endLogins(db, key, now),
  ])
  return { found: deleted.length > 0, ended }
}
