import { and, eq, gt, gte } from 'drizzle-orm'
import type { Database } from './database.ts'
import { revocations } from './schema.ts'

export type RevocationRow = typeof revocations.$inferSelect

/** Revocations made since `since` whose tokens have not yet expired by themselves. */
export const listRevocations = (db: Database, options: { since: number; now: number }): Promise<RevocationRow[]> =>
  db
    .select()
    .from(revocations)
    .where(and(gte(revocations.revokedAt, options.since), gt(revocations.expiresAt, options.now)))

/** The exact answer, for introspection. */
export async function isLoginRevoked(db: Database, loginId: string): Promise<boolean> {
  const rows = await db.select({ loginId: revocations.loginId }).from(revocations).where(eq(revocations.loginId, loginId)).limit(1)
  return rows.length > 0
}
