import { and, eq, gt, lte, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { noteUserEvent } from './outgoing-events.ts'
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

export async function findUserOfIdentity(
  db: Database,
  { provider, issuer, subject }: FederatedIdentity,
): Promise<UserInDomain | undefined> {
  const [row] = await db
    .select({ user: users, domain: domains })
    .from(oauthIdentities)
    .innerJoin(users, eq(users.id, oauthIdentities.userId))
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(and(eq(oauthIdentities.provider, provider), eq(oauthIdentities.issuer, issuer), eq(oauthIdentities.subject, subject)))
    .limit(1)
  return row
}

/** At most two: whether there is exactly one is what is asked. */
export const findUsersByEmail = (db: Database, { domainId, email }: { domainId: string; email: string }): Promise<UserInDomain[]> =>
  db
    .select({ user: users, domain: domains })
    .from(users)
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(and(eq(users.domainId, domainId), sql`lower(${users.email}) = ${email.toLowerCase()}`))
    .limit(2)

/** An identity that somebody else has linked meanwhile stays theirs. */
export async function linkIdentity(db: Database, identity: FederatedIdentity, options: { userId: string; now: number }): Promise<void> {
  await db
    .insert(oauthIdentities)
    .values({ ...identity, userId: options.userId, createdAt: options.now })
    .onConflictDoNothing()
}

/** Creates a user for an identity. Fails where the name is taken or the identity has a user by now. */
export async function insertUserOfIdentity(db: Database, identity: FederatedIdentity, user: UserRow): Promise<void> {
  await db.batch([
    db.insert(users).values(user),
    noteUserEvent(db, { type: 'user.created', userId: user.id, now: user.createdAt }),
    db.insert(oauthIdentities).values({ ...identity, userId: user.id, createdAt: user.createdAt }),
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
