import { and, asc, eq, gt, lte, sql } from 'drizzle-orm'
import { newId } from '#shared/ids/ids.ts'
import type { Database } from './database.ts'
import { noteUserEvent } from './outgoing-events.ts'
import { expectUsersWithin, type UserQuota } from './quotas.ts'
import { federatedCodes, oauthIdentities, usedFederatedStates } from './schema/federation.ts'
import { domains } from './schema/domains.ts'
import { users } from './schema/users.ts'
import type { UserInDomain, UserRow } from './users.ts'

/** Somebody at a provider. */
export interface FederatedIdentity {
  /** Key of the provider. */
  readonly provider: string
  readonly issuer: string
  readonly subject: string
}

/** In as many domains as it has signed in to, the first one first. */
export const findUsersOfIdentity = (db: Database, { provider, issuer, subject }: FederatedIdentity): Promise<UserInDomain[]> =>
  db
    .select({ user: users, domain: domains })
    .from(oauthIdentities)
    .innerJoin(users, eq(users.id, oauthIdentities.userId))
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(and(eq(oauthIdentities.provider, provider), eq(oauthIdentities.issuer, issuer), eq(oauthIdentities.subject, subject)))
    .orderBy(asc(oauthIdentities.createdAt), asc(oauthIdentities.userId))
    .limit(200)

/** What a provider calls itself in what it has said of this user. */
export async function issuersOf(db: Database, { provider, userId }: { provider: string; userId: string }): Promise<string[]> {
  const rows = await db
    .selectDistinct({ issuer: oauthIdentities.issuer })
    .from(oauthIdentities)
    .where(and(eq(oauthIdentities.userId, userId), eq(oauthIdentities.provider, provider)))
    .limit(100)
  return rows.map(({ issuer }) => issuer)
}

/** At most two: whether there is exactly one is what is asked. */
export const findUsersByEmail = (db: Database, { domainId, email }: { domainId: string; email: string }): Promise<UserInDomain[]> =>
  db
    .select({ user: users, domain: domains })
    .from(users)
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(and(eq(users.domainId, domainId), sql`lower(${users.email}) = ${email.toLowerCase()}`))
    .limit(2)

/** Once is enough. */
export async function linkIdentity(db: Database, identity: FederatedIdentity, options: { userId: string; now: number }): Promise<void> {
  await db
    .insert(oauthIdentities)
    .values({ ...identity, id: newId(), userId: options.userId, createdAt: options.now })
    .onConflictDoNothing()
}

/** Creates a user for an identity. Fails where the name is taken, the identity has a user by now or a quota is used up. */
export async function insertUserOfIdentity(
  db: Database,
  identity: FederatedIdentity,
  { user, quotas }: { user: UserRow; quotas: readonly UserQuota[] },
): Promise<void> {
  await db.batch([
    db.insert(users).values(user),
    noteUserEvent(db, { type: 'user.created', userId: user.id, now: user.createdAt }),
    db.insert(oauthIdentities).values({ ...identity, id: newId(), userId: user.id, createdAt: user.createdAt }),
    expectUsersWithin(db, quotas),
  ])
}

export type FederatedCodeRow = typeof federatedCodes.$inferSelect

export async function insertFederatedCode(db: Database, row: FederatedCodeRow): Promise<void> {
  await db.insert(federatedCodes).values(row)
}

/** The code is gone with this, whoever asks and whatever comes of it. */
export async function takeFederatedCode(db: Database, hash: string, now: number): Promise<FederatedCodeRow | undefined> {
  const [row] = await db
    .delete(federatedCodes)
    .where(and(eq(federatedCodes.hash, hash), gt(federatedCodes.expiresAt, now)))
    .returning()
  return row
}

/** False: it came back before. */
export async function useState(db: Database, row: { hash: string; expiresAt: number }): Promise<boolean> {
  const inserted = await db.insert(usedFederatedStates).values(row).onConflictDoNothing().returning()
  return inserted.length > 0
}

/** Statements that remove what has expired by itself. */
export const removeExpiredFederation = (db: Database, now: number) =>
  [
    db.delete(federatedCodes).where(lte(federatedCodes.expiresAt, now)),
    db.delete(usedFederatedStates).where(lte(usedFederatedStates.expiresAt, now)),
  ] as const
