import { asc, inArray } from 'drizzle-orm'
import type { Database } from './database.ts'
import { signingKeys } from './schema/keys.ts'

export type SigningKeyRow = typeof signingKeys.$inferSelect

export const listSigningKeys = (db: Database): Promise<SigningKeyRow[]> => db.select().from(signingKeys).orderBy(asc(signingKeys.slot))

/** A slot that another isolate has filled meanwhile stays as it is. */
export async function fillSigningSlot(db: Database, row: SigningKeyRow): Promise<void> {
  await db.insert(signingKeys).values(row).onConflictDoNothing()
}

export async function deleteSigningSlots(db: Database, slots: readonly number[]): Promise<void> {
  await db.delete(signingKeys).where(inArray(signingKeys.slot, [...slots]))
}
