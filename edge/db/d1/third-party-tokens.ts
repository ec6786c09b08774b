import { and, eq, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { thirdPartyTokens } from './schema/federation.ts'

export type ThirdPartyTokenRow = typeof thirdPartyTokens.$inferSelect

/** Names one: a user's at a provider. */
export type ThirdPartyTokenKey = Pick<ThirdPartyTokenRow, 'userId' | 'provider'>

export async function findThirdPartyToken(db: Database, { userId, provider }: ThirdPartyTokenKey): Promise<ThirdPartyTokenRow | undefined> {
  const [row] = await db
    .select()
    .from(thirdPartyTokens)
    .where(and(eq(thirdPartyTokens.userId, userId), eq(thirdPartyTokens.provider, provider)))
    .limit(1)
  return row
}

/** A statement that stores a token over the one before. A provider that gives no refresh token again means the old one (RFC 6749 §6). */
export const putThirdPartyToken = (db: Database, row: Omit<ThirdPartyTokenRow, 'revision'>) =>
  db
    .insert(thirdPartyTokens)
    .values(row)
    .onConflictDoUpdate({
      target: [thirdPartyTokens.userId, thirdPartyTokens.provider],
      set: {
        sealedAccessToken: row.sealedAccessToken,
        sealedRefreshToken: row.sealedRefreshToken ?? sql`${thirdPartyTokens.sealedRefreshToken}`,
        expiresAt: row.expiresAt,
        scope: row.scope,
        storedAt: row.storedAt,
        revision: sql`${thirdPartyTokens.revision} + 1`,
      },
    })

export async function deleteThirdPartyToken(db: Database, { userId, provider, revision }: ThirdPartyTokenRow): Promise<void> {
  await db
    .delete(thirdPartyTokens)
    .where(and(eq(thirdPartyTokens.userId, userId), eq(thirdPartyTokens.provider, provider), eq(thirdPartyTokens.revision, revision)))
}
