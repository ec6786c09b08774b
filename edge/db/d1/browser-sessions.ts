import { and, eq, gt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { credentialUnchanged } from './logins.ts'
import { browserSessions } from './schema/oauth.ts'

export type BrowserSessionRow = typeof browserSessions.$inferSelect

/** False: the credential is not any more what it was when it was checked, and nothing is stored. */
export async function insertBrowserSession(
  db: Database,
  row: BrowserSessionRow,
  { credentialRevision }: { credentialRevision: number | null },
): Promise<boolean> {
  const { hash, userId, credentialId, provider, authTime, expiresAt } = row
  const inserted = await db
    .insert(browserSessions)
    .select(
      db
        .select({
          hash: sql`${hash}`.as('hash'),
          userId: sql`${userId}`.as('user_id'),
          credentialId: sql`${credentialId}`.as('credential_id'),
          provider: sql`${provider}`.as('provider'),
          authTime: sql`${authTime}`.as('auth_time'),
          expiresAt: sql`${expiresAt}`.as('expires_at'),
        })
        .from(sql`(select 1)`)
        .where(credentialId === null ? undefined : credentialUnchanged(credentialId, credentialRevision)),
    )
    .returning({ hash: browserSessions.hash })
  return inserted.length > 0
}

export async function findBrowserSession(db: Database, hash: string, now: number): Promise<BrowserSessionRow | undefined> {
  const [row] = await db
    .select()
    .from(browserSessions)
    .where(and(eq(browserSessions.hash, hash), gt(browserSessions.expiresAt, now)))
    .limit(1)
  return row
}

export async function deleteBrowserSession(db: Database, hash: string): Promise<void> {
  await db.delete(browserSessions).where(eq(browserSessions.hash, hash))
}
