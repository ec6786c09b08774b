import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Database } from './database.ts'
import { oauthCodes } from './schema/oauth.ts'

export type CodeRow = typeof oauthCodes.$inferSelect

export async function insertCode(db: Database, row: Omit<CodeRow, 'usedAt' | 'loginId' | 'reusedAt'>): Promise<void> {
  await db.insert(oauthCodes).values(row)
}

export async function findCode(db: Database, hash: string): Promise<CodeRow | undefined> {
  const [row] = await db.select().from(oauthCodes).where(eq(oauthCodes.hash, hash)).limit(1)
  return row
}

/** Takes an unused code for a login that is about to be made. False: somebody else took it, or it has expired. */
export async function takeCode(db: Database, { hash, loginId, now }: { hash: string; loginId: string; now: number }): Promise<boolean> {
  const taken = await db
    .update(oauthCodes)
    .set({ usedAt: now, loginId })
    .where(and(eq(oauthCodes.hash, hash), isNull(oauthCodes.usedAt), gt(oauthCodes.expiresAt, now)))
    .returning({ hash: oauthCodes.hash })
  return taken.length > 0
}

/** Notes that a code came again, so that no login is made from it any more. @returns the login that already was. */
export async function noteReuse(db: Database, hash: string, now: number): Promise<string | undefined> {
  const [row] = await db
    .update(oauthCodes)
    .set({ reusedAt: now })
    .where(eq(oauthCodes.hash, hash))
    .returning({ loginId: oauthCodes.loginId })
  return row?.loginId ?? undefined
}
