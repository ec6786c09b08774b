import { and, asc, eq, gt } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import type { LoginSelection } from './login-selections.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { expectPlatformAdminWithLogin, expectRevision } from './revision.ts'
import { credentials } from './schema/credentials.ts'
import { domains } from './schema/domains.ts'
import { users } from './schema/users.ts'
import type { UserRow } from './users.ts'

export type CredentialRow = typeof credentials.$inferSelect

export interface CredentialInDomain {
  readonly credential: CredentialRow
  readonly domain: DomainRow
  /** Null for a client, and for an account that visitors borrow. */
  readonly user: UserRow | null
}

const withDomain = (db: Database) =>
  db
    .select({ credential: credentials, domain: domains, user: users })
    .from(credentials)
    .innerJoin(domains, eq(domains.id, credentials.domainId))
    .leftJoin(users, eq(users.id, credentials.userId))

export async function findCredential(db: Database, id: string): Promise<CredentialInDomain | undefined> {
  const [row] = await withDomain(db).where(eq(credentials.id, id)).limit(1)
  return row
}

/** The user's password, by the name the user logs in with. */
export async function findPassword(db: Database, name: { username: string; domain: string }): Promise<CredentialInDomain | undefined> {
  const [row] = await withDomain(db)
    .where(and(eq(domains.name, name.domain), eq(users.username, name.username), eq(credentials.type, 'basic')))
    .limit(1)
  return row
}

export const listCredentials = (
  db: Database,
  options: Page & { path?: string | undefined; userId?: string | undefined; type?: CredentialRow['type'] | undefined },
): Promise<CredentialInDomain[]> =>
  withDomain(db)
    .where(
      and(
        within(options.path),
        options.userId === undefined ? undefined : eq(credentials.userId, options.userId),
        options.type === undefined ? undefined : eq(credentials.type, options.type),
        options.after === undefined ? undefined : gt(credentials.id, options.after),
      ),
    )
    .orderBy(asc(credentials.id))
    .limit(options.limit)

/** For a user as it was read: it may have got another role or domain meanwhile, where the actor has no say. */
export async function insertCredential(db: Database, row: CredentialRow, { user = null }: { user?: UserRow | null } = {}): Promise<void> {
  await db.batch([db.insert(credentials).values(row), ...(user === null ? [] : [expectRevision(db, users, user)])])
}

/** Gives a user, as it was read, this password in place of the one it had, and ends its logins. */
export async function replacePassword(
  db: Database,
  row: CredentialRow,
  { user, now }: { user: UserRow; now: number },
): Promise<RevocationRow[]> {
  const [, ended] = await db.batch([
    expectRevision(db, users, user),
    ...endLogins(db, { userId: user.id }, now),
    db.delete(credentials).where(and(eq(credentials.userId, user.id), eq(credentials.type, 'basic'))),
    db.insert(credentials).values(row),
  ])
  return ended
}

export type CredentialChange = Pick<CredentialRow, 'context' | 'data' | 'lease' | 'expiresAt' | 'sealedSecret' | 'secretHash'>

/** Changes a credential as it was read, and ends those logins in the same transaction. */
export async function updateCredential(
  db: Database,
  { id, revision }: Pick<CredentialRow, 'id' | 'revision'>,
  change: Partial<CredentialChange>,
  options: { ending?: LoginSelection; now: number },
): Promise<RevocationRow[]> {
  const [, ended] = await db.batch([
    expectRevision(db, credentials, { id, revision }),
    ...endLogins(db, options.ending ?? { loginIds: [] }, options.now),
    db
      .update(credentials)
      .set({ ...change, revision: revision + 1 })
      .where(eq(credentials.id, id)),
  ])
  return ended
}

/** The account of this user on the SIP gateway. */
export async function findImsCredential(db: Database, userId: string): Promise<CredentialRow | undefined> {
  const [row] = await db
    .select()
    .from(credentials)
    .where(and(eq(credentials.userId, userId), eq(credentials.type, 'ims')))
    .limit(1)
  return row
}

/** Removes a credential, as it was read, with the logins that were made with it. */
export async function deleteCredential(
  db: Database,
  { credential, user }: Pick<CredentialInDomain, 'credential' | 'user'>,
  now: number,
): Promise<RevocationRow[]> {
  const [, ended] = await db.batch([
    expectRevision(db, credentials, credential),
    ...endLogins(db, { credentialId: credential.id }, now),
    db.delete(credentials).where(eq(credentials.id, credential.id)),
    ...(credential.type === 'basic' && user?.role === 'platform-admin' ? [expectPlatformAdminWithLogin(db)] : []),
  ])
  return ended
}
