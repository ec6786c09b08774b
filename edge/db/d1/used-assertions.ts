import type { Database } from './database.ts'
import { usedAssertions } from './schema/oauth.ts'

/** False: it was used before. */
export async function useAssertion(db: Database, row: typeof usedAssertions.$inferInsert): Promise<boolean> {
  const inserted = await db.insert(usedAssertions).values(row).onConflictDoNothing().returning({ jti: usedAssertions.jti })
  return inserted.length > 0
}
