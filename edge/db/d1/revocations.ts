import { and, asc, eq, gt, gte, inArray, lt, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { within } from './domains.ts'
import { domains } from './schema/domains.ts'
import { logins, revocations } from './schema/logins.ts'
import { users } from './schema/users.ts'

export type RevocationRow = typeof revocations.$inferSelect

/** Which logins end. `path`: those of all domains at or under it. */
export type LoginSelection =
  | { readonly loginIds: readonly string[] }
  | { readonly userId: string; readonly exceptLoginId?: string }
  /** Of the user, by an OAuth client. */
  | { readonly userId: string; readonly clientId: string }
  /** Made with it, or by an OAuth client that it is. */
  | { readonly credentialId: string }
  | { readonly domainId: string }
  /** Federated ones of all whom this login provider has vouched for. */
  | { readonly federatedBy: string }
  | { readonly path: string }

/**
 * Ends logins: their refresh tokens go with them, their access tokens are refused from now on. The two
 * statements stand in one batch, before any that removes the users or domains.
 */
export function endLogins(db: Database, selection: LoginSelection, now: number) {
  const selected = conditionOf(selection)
  const rows = db
    .select({
      loginId: logins.id,
      userId: logins.userId,
      jurisdiction: domains.jurisdiction,
      revokedAt: sql`${now}`.as('revoked_at'),
      expiresAt: logins.accessExpiresAt,
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
  ] as const
}

function conditionOf(selection: LoginSelection): SQL | undefined {
  if ('loginIds' in selection) return inArray(logins.id, [...selection.loginIds])
  if ('clientId' in selection) return and(eq(logins.userId, selection.userId), eq(logins.clientId, selection.clientId))
  if ('userId' in selection)
    return and(
      eq(logins.userId, selection.userId),
      selection.exceptLoginId === undefined ? undefined : ne(logins.id, selection.exceptLoginId),
    )
  if ('credentialId' in selection) return or(eq(logins.credentialId, selection.credentialId), eq(logins.clientId, selection.credentialId))
  if ('domainId' in selection) return eq(logins.domainId, selection.domainId)
  if ('federatedBy' in selection)
    return and(
      eq(logins.kind, 'federated'),
      sql`${logins.userId} in (select user_id from oauth_identities where provider = ${selection.federatedBy})`,
    )
  return within(selection.path)
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
