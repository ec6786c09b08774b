import { and, eq, gt } from 'drizzle-orm'
import type { Database } from './database.ts'
import { browserSessions } from './schema/oauth.ts'

export type BrowserSessionRow = typeof browserSessions.$inferSelect

export async function insertBrowserSession(db: Database, row: BrowserSessionRow): Promise<void> {
  await db.insert(browserSessions).values(row)
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
