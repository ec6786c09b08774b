import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { oauthIdentities, oauthProviders, thirdPartyTokens } from './schema/federation.ts'

export type OAuthProviderRow = typeof oauthProviders.$inferSelect

export interface OAuthProviderInDomain {
  readonly provider: OAuthProviderRow
  readonly domain: DomainRow
}

const withDomain = (db: Database) =>
  db.select({ provider: oauthProviders, domain: domains }).from(oauthProviders).innerJoin(domains, eq(domains.id, oauthProviders.domainId))

export async function findOAuthProvider(db: Database, id: string): Promise<OAuthProviderInDomain | undefined> {
  const [row] = await withDomain(db).where(eq(oauthProviders.id, id)).limit(1)
  return row
}

/** Of all domains at or under `path`, or of the deployment, by id. */
export const listOAuthProviders = (
  db: Database,
  options: Page & { path?: string | undefined; domainId?: string | undefined },
): Promise<OAuthProviderInDomain[]> =>
  withDomain(db)
    .where(
      and(
        within(options.path),
        options.domainId === undefined ? undefined : eq(oauthProviders.domainId, options.domainId),
        options.after === undefined ? undefined : gt(oauthProviders.id, options.after),
      ),
    )
    .orderBy(asc(oauthProviders.id))
    .limit(options.limit)

/** Of these domains, which are a domain and its ancestors; by name. */
export const listOAuthProvidersOf = (db: Database, domainIds: readonly string[]): Promise<OAuthProviderInDomain[]> =>
  withDomain(db)
    .where(inArray(oauthProviders.domainId, [...domainIds]))
    .orderBy(asc(oauthProviders.name))
    .limit(500)

export async function insertOAuthProvider(db: Database, row: OAuthProviderRow): Promise<void> {
  await db.insert(oauthProviders).values(row)
}

/**
 * Replaces the row that has this revision. A failure tells whether it still has (constraints.ts). `ending`:
 * the logins that rest on its word. `forgetTokens`: those that it has issued, which are nobody else's to see.
 */
export async function updateOAuthProvider(
  db: Database,
  before: OAuthProviderRow,
  { row, ending, forgetTokens, now }: { row: OAuthProviderRow; ending: boolean; forgetTokens: boolean; now: number },
): Promise<RevocationRow[]> {
  const { id: _, domainId: __, createdAt: ___, ...values } = row
  const [, ended] = await db.batch([
    expectRevision(db, oauthProviders, before),
    ...endLogins(db, ending ? { federatedBy: before.id } : { loginIds: [] }, now),
    ...(forgetTokens ? [db.delete(thirdPartyTokens).where(eq(thirdPartyTokens.provider, before.id))] : []),
    db
      .update(oauthProviders)
      .set({ ...values, revision: before.revision + 1 })
      .where(eq(oauthProviders.id, before.id)),
  ])
  return ended
}

/** Removes a provider, as it was read, with all that rests on its word: identities, tokens, and the logins that it opened. */
export async function deleteOAuthProvider(
  db: Database,
  before: Pick<OAuthProviderRow, 'id' | 'revision'>,
  now: number,
): Promise<RevocationRow[]> {
  const { id } = before
  const [, ended] = await db.batch([
    expectRevision(db, oauthProviders, before),
    ...endLogins(db, { federatedBy: id }, now),
    db.delete(oauthIdentities).where(eq(oauthIdentities.provider, id)),
    db.delete(thirdPartyTokens).where(eq(thirdPartyTokens.provider, id)),
    db.delete(oauthProviders).where(eq(oauthProviders.id, id)),
  ])
  return ended
}
