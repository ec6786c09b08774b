import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { expectRevision } from './revision.ts'
import { userSettings } from './schema/user-settings.ts'
import { users } from './schema/users.ts'

/** SET-1. */

type UserSettingsRow = typeof userSettings.$inferSelect

/** Undefined: there is no such user. `row` null: the user has kept nothing yet. */
export async function findUserSettings(db: Database, userId: string): Promise<{ row: UserSettingsRow | null } | undefined> {
  const [found] = await db
    .select({ row: userSettings })
    .from(users)
    .leftJoin(userSettings, eq(userSettings.id, users.id))
    .where(eq(users.id, userId))
  return found
}

/** Replaces what was read; null: there was nothing. */
export async function writeUserSettings(
  db: Database,
  { userId, from, data }: { userId: string; from: UserSettingsRow | null; data: UserSettingsRow['data'] },
): Promise<void> {
  if (from === null) {
    await db.insert(userSettings).values({ id: userId, data })
    return
  }
  await db.batch([
    expectRevision(db, userSettings, from),
    db
      .update(userSettings)
      .set({ data, revision: from.revision + 1 })
      .where(eq(userSettings.id, userId)),
  ])
}
