import { and, asc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type LoginSelection, selectedBrowserSessions, selectedCodes, selectedFederatedCodes, selectedLogins } from './login-selections.ts'
import { domains } from './schema/domains.ts'
import { logins, revocations } from './schema/logins.ts'
import { federatedCodes } from './schema/federation.ts'
import { browserSessions, oauthCodes } from './schema/oauth.ts'
import { users } from './schema/users.ts'

export type RevocationRow = typeof revocations.$inferSelect

/** A token is signed after the end of its life was noted, and so lives on for as long as writing the note took. */
export const signedWithin = 60_000

/**
 * Ends logins: their refresh tokens go with them, their access tokens are refused from now on, and what
 * could begin the next one without a password ends too. The statements stand in one batch, before any that
 * removes the users or domains; the first of them tells which logins ended.
 */
export function endLogins(db: Database, selection: LoginSelection, now: number) {
  const selected = selectedLogins(selection)
  const rows = db
    .select({
      loginId: logins.id,
      userId: logins.userId,
      jurisdiction: domains.jurisdiction,
      revokedAt: sql`${now}`.as('revoked_at'),
      expiresAt: sql`${logins.accessExpiresAt} + ${signedWithin}`.as('expires_at'),
      hubPending: sql`coalesce(${users.hasHub}, ${logins.hasHub})`.as('hub_pending'),
    })
    .from(logins)
    .innerJoin(domains, eq(domains.id, logins.domainId))
    .leftJoin(users, eq(users.id, logins.userId))
    .where(selected)
  return [
    db.insert(revocations).select(rows).onConflictDoNothing().returning(),
    db
      .delete(logins)
      .where(
        inArray(logins.id, db.select({ id: logins.id }).from(logins).innerJoin(domains, eq(domains.id, logins.domainId)).where(selected)),
      ),
    db.delete(browserSessions).where(selectedBrowserSessions(db, selection)),
    db.delete(oauthCodes).where(selectedCodes(db, selection)),
    db.delete(federatedCodes).where(selectedFederatedCodes(db, selection)),
  ] as const
}

/** Revocations made since `since` whose tokens have not yet expired by themselves. */
export const listRevocations = (db: Database, options: { since: number; now: number }): Promise<RevocationRow[]> =>
  db
    .select()
    .from(revocations)
    .where(and(gte(revocations.revokedAt, options.since), gt(revocations.expiresAt, options.now)))

/** Revocations from before `before` that the user's hub has not confirmed, oldest first. */
export const listPendingForHubs = (db: Database, options: { before: number; limit: number }): Promise<RevocationRow[]> =>
  db
    .select()
    .from(revocations)
    .where(and(sql`${revocations.hubPending} = 1`, lt(revocations.revokedAt, options.before)))
    .orderBy(asc(revocations.revokedAt))
    .limit(options.limit)

/** At most 90 at a time: the database takes 100 parameters. */
export async function confirmByHub(db: Database, loginIds: readonly string[]): Promise<void> {
  if (loginIds.length === 0) return
  await db
    .update(revocations)
    .set({ hubPending: false })
    .where(inArray(revocations.loginId, [...loginIds]))
}
