import { and, asc, eq, gt } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { domains } from './schema/domains.ts'
import { oauthIdentities, oauthProviders, thirdPartyTokens } from './schema/federation.ts'
import { users } from './schema/users.ts'
import type { UserRow } from './users.ts'

/** Identities as admins see them; those who sign in are in oauth-identities.ts. */

export type OAuthIdentityRow = typeof oauthIdentities.$inferSelect

export interface LinkedIdentity {
  readonly identity: OAuthIdentityRow
  /** Null: a provider of the deployment. */
  readonly providerName: string | null
  readonly user: UserRow
  readonly domain: DomainRow
}

const linked = (db: Database) =>
  db
    .select({ identity: oauthIdentities, providerName: oauthProviders.name, user: users, domain: domains })
    .from(oauthIdentities)
    .innerJoin(users, eq(users.id, oauthIdentities.userId))
    .innerJoin(domains, eq(domains.id, users.domainId))
    .leftJoin(oauthProviders, eq(oauthProviders.id, oauthIdentities.provider))

export async function findLinkedIdentity(db: Database, id: string): Promise<LinkedIdentity | undefined> {
  const [row] = await linked(db).where(eq(oauthIdentities.id, id)).limit(1)
  return row
}

/** Of users of all domains at or under `path`, or of the deployment, by id. */
export const listLinkedIdentities = (
  db: Database,
  options: Page & { path?: string | undefined; userId?: string | undefined },
): Promise<LinkedIdentity[]> =>
  linked(db)
    .where(
      and(
        within(options.path),
        options.userId === undefined ? undefined : eq(oauthIdentities.userId, options.userId),
        options.after === undefined ? undefined : gt(oauthIdentities.id, options.after),
      ),
    )
    .orderBy(asc(oauthIdentities.id))
    .limit(options.limit)

export async function insertIdentity(db: Database, row: OAuthIdentityRow): Promise<void> {
  await db.insert(oauthIdentities).values(row)
}

/** Removes an identity with the user's tokens at its provider, and ends the user's federated logins. */
export async function deleteIdentity(db: Database, { id, userId, provider }: OAuthIdentityRow, now: number): Promise<RevocationRow[]> {
  const [ended] = await db.batch([
    ...endLogins(db, { federatedBy: provider, ofUser: userId }, now),
    db.delete(thirdPartyTokens).where(and(eq(thirdPartyTokens.userId, userId), eq(thirdPartyTokens.provider, provider))),
    db.delete(oauthIdentities).where(eq(oauthIdentities.id, id)),
  ])
  return ended
}
