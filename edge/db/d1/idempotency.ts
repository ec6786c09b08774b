import { and, eq, isNull, lt } from 'drizzle-orm'
import type { Database } from './database.ts'
import { idempotentRequests } from './schema/idempotency.ts'

export type IdempotentRequestRow = typeof idempotentRequests.$inferSelect

export interface RequestKey {
  readonly caller: string
  readonly key: string
}

const keyed = ({ caller, key }: RequestKey) => and(eq(idempotentRequests.caller, caller), eq(idempotentRequests.key, key))

/**
 * Takes the key for this request: undefined. Otherwise the request that has it. One that was begun before
 * `abandonedBefore` and never answered has died with its process, and its key is free again.
 */
export async function takeKey(
  db: Database,
  row: Omit<IdempotentRequestRow, 'sealedAnswer'>,
  options: { abandonedBefore: number },
): Promise<IdempotentRequestRow | undefined> {
  const gone = and(keyed(row), isNull(idempotentRequests.sealedAnswer), lt(idempotentRequests.startedAt, options.abandonedBefore))
  const expired = and(keyed(row), lt(idempotentRequests.expiresAt, row.startedAt))
  const [, , taken, found] = await db.batch([
    db.delete(idempotentRequests).where(gone),
    db.delete(idempotentRequests).where(expired),
    db
      .insert(idempotentRequests)
      .values({ ...row, sealedAnswer: null })
      .onConflictDoNothing()
      .returning({ key: idempotentRequests.key }),
    db.select().from(idempotentRequests).where(keyed(row)),
  ])
  return taken.length > 0 ? undefined : found[0]
}

export async function keepAnswer(db: Database, key: RequestKey, sealedAnswer: string): Promise<void> {
  await db.update(idempotentRequests).set({ sealedAnswer }).where(keyed(key))
}

export async function releaseKey(db: Database, key: RequestKey): Promise<void> {
  await db.delete(idempotentRequests).where(keyed(key))
}
