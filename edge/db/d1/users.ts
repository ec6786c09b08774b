import { and, asc, count, eq, gt, ne, sql } from 'drizzle-orm'
import { searchable } from '#edge/domain/identity/search.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { countGroupsOf, departures } from './group-departures.ts'
import { noteUserEvent } from './outgoing-events.ts'
import { expectUsersWithin, type UserQuota } from './quotas.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { expectPlatformAdmin, expectRevision } from './revision.ts'
import { contacts } from './schema/contacts.ts'
import { credentials } from './schema/credentials.ts'
import { domains } from './schema/domains.ts'
import { logins } from './schema/logins.ts'
import { meetings } from './schema/meetings.ts'
import { sipMappings } from './schema/sip-mappings.ts'
import { users } from './schema/users.ts'

export type UserRow = typeof users.$inferSelect

export interface UserInDomain {
  readonly user: UserRow
  readonly domain: DomainRow
}

/** `domain` is a name. */
export type UserKey =
  | { readonly userId: string }
  | { readonly username: string; readonly domainId: string }
  | { readonly username: string; readonly domain: string }

const withDomain = (db: Database) =>
  db.select({ user: users, domain: domains }).from(users).innerJoin(domains, eq(domains.id, users.domainId))

export async function findUser(db: Database, key: UserKey): Promise<UserInDomain | undefined> {
  const [row] = await withDomain(db).where(conditionOf(key)).limit(1)
  return row
}

function conditionOf(key: UserKey) {
  if ('userId' in key) return eq(users.id, key.userId)
  const username = eq(users.username, key.username.toLowerCase())
  return and(username, 'domainId' in key ? eq(users.domainId, key.domainId) : eq(domains.name, key.domain.toLowerCase()))
}

/** Not `like`: D1 takes patterns of at most 50 bytes. */
const matching = (q: string | undefined) => (q === undefined || q === '' ? undefined : sql`instr(${users.search}, ${searchable(q)}) > 0`)

export interface UserFilter {
  /** Part of the user name or alias. */
  readonly q?: string | undefined
  readonly role?: Role | undefined
  readonly username?: string | undefined
  readonly email?: string | undefined
  readonly disabled?: boolean | undefined
  /** Only those who ever connected. */
  readonly hasHub?: true | undefined
}

/** Users of all domains at or under `path`, or of the deployment, by id. */
export const listUsers = (
  db: Database,
  options: Page & UserFilter & { path?: string | undefined; domainId?: string | undefined },
): Promise<UserInDomain[]> =>
  withDomain(db)
    .where(
      and(
        within(options.path),
        options.role === undefined ? undefined : eq(users.role, options.role),
        options.username === undefined ? undefined : eq(users.username, options.username),
        options.email === undefined ? undefined : eq(users.email, options.email),
        options.disabled === undefined ? undefined : eq(users.disabled, options.disabled),
        options.hasHub === undefined ? undefined : eq(users.hasHub, options.hasHub),
        options.domainId === undefined ? undefined : eq(users.domainId, options.domainId),
        matching(options.q),
        options.after === undefined ? undefined : gt(users.id, options.after),
      ),
    )
    .orderBy(asc(users.id))
    .limit(options.limit)

/** Fails where there would be more users than the quotas allow. */
export async function insertUser(db: Database, row: UserRow, { quotas = [] }: { quotas?: readonly UserQuota[] } = {}): Promise<void> {
  await db.batch([
    db.insert(users).values(row),
    noteUserEvent(db, { type: 'user.created', userId: row.id, now: row.createdAt }),
    expectUsersWithin(db, quotas),
  ])
}

/** What an admin may set. */
export type UserChange = Omit<UserRow, 'id' | 'hasHub' | 'revision' | 'createdAt' | 'lastLogin'>

/**
 * Replaces what an admin may set of a user as it was read, and where asked ends its logins in the same
 * transaction. `forgetHub`: the user moves to where its hub is not.
 */
export async function updateUser(
  db: Database,
  from: UserRow,
  change: UserChange,
  options: { endLogins: boolean; forgetHub: boolean; quotas: readonly UserQuota[]; now: number },
): Promise<RevocationRow[]> {
  const { id, revision } = from
  const values = { ...change, revision: revision + 1, ...(options.forgetHub ? { hasHub: false } : {}) }
  const expected = expectRevision(db, users, from)
  const update = db.update(users).set(values).where(eq(users.id, id))
  const note = noteUserEvent(db, { type: 'user.updated', userId: id, now: options.now })
  const administered = expectAdministered(db, from)
  if (!options.endLogins) {
    await db.batch([expected, update, note, ...administered])
    return []
  }
  const moveCredentials = db.update(credentials).set({ domainId: change.domainId }).where(eq(credentials.userId, id))
  const ending = endLogins(db, { userId: id }, options.now)
  if (change.domainId === from.domainId) {
    const [, ended] = await db.batch([expected, ...ending, update, note, moveCredentials, ...administered])
    return ended
  }
  const moveContacts = db.update(contacts).set({ domainId: change.domainId }).where(eq(contacts.ownerId, id))
  const moveMapping = db.update(sipMappings).set({ domainId: change.domainId }).where(eq(sipMappings.userId, id))
  const leaveGroups = departures(db, { userId: id, now: options.now })
  const enough = expectUsersWithin(db, options.quotas)
  const moves = [moveCredentials, moveContacts, moveMapping]
  const [, ended] = await db.batch([expected, ...ending, ...leaveGroups, update, note, ...moves, enough, ...administered])
  return ended
}

/** Two who take each other's role away at once would leave nobody with it. */
const expectAdministered = (db: Database, { role }: UserRow) => (role === 'platform-admin' ? [expectPlatformAdmin(db)] : [])

/** Removes a user, as it was read, with its credentials and logins. */
export async function deleteUser(
  db: Database,
  user: UserRow,
  now: number,
): Promise<{ ended: RevocationRow[]; credentials: number; logins: number; contacts: number; groups: number; meetings: number }> {
  const { id } = user
  const [, secrets, mappings, open, book, made, left, ended] = await db.batch([
    expectRevision(db, users, user),
    db.select({ n: count() }).from(credentials).where(eq(credentials.userId, id)),
    db.select({ n: count() }).from(sipMappings).where(eq(sipMappings.userId, id)),
    db.select({ n: count() }).from(logins).where(eq(logins.userId, id)),
    db
      .select({ n: count() })
      .from(contacts)
      .where(and(eq(contacts.ownerId, id), eq(contacts.removed, false))),
    db.select({ n: count() }).from(meetings).where(eq(meetings.userId, id)),
    countGroupsOf(db, id),
    ...endLogins(db, { userId: id }, now),
    ...departures(db, { userId: id, now }),
    noteUserEvent(db, { type: 'user.deleted', userId: id, now }),
    db.delete(users).where(eq(users.id, id)),
    ...expectAdministered(db, user),
  ])
  const n = (rows: { n: number }[]) => rows[0]?.n ?? 0
  return { ended, credentials: n(secrets) + n(mappings), logins: n(open), contacts: n(book), groups: n(left), meetings: n(made) }
}

/** Whether an enabled platform admin remains beside this user, or outside all domains at or under `path`. */
export async function hasOtherPlatformAdmin(db: Database, except: { userId: string } | { path: string }): Promise<boolean> {
  const [row] = await db
    .select({ n: count() })
    .from(users)
    .innerJoin(domains, eq(domains.id, users.domainId))
    .where(
      and(
        eq(users.role, 'platform-admin'),
        eq(users.disabled, false),
        'userId' in except ? ne(users.id, except.userId) : sql`not (${within(except.path)})`,
      ),
    )
  return (row?.n ?? 0) > 0
}

export async function hasPlatformAdminWithin(db: Database, path: string): Promise<boolean> {
  const rows = await withDomain(db)
    .where(and(eq(users.role, 'platform-admin'), eq(users.disabled, false), within(path)))
    .limit(1)
  return rows.length > 0
}

/** Notes that the user's hub exists. Anonymous users have no record but their login. */
export async function markHub(db: Database, options: { userId: string; anonymous: boolean }): Promise<void> {
  if (options.anonymous) await db.update(logins).set({ hasHub: true }).where(eq(logins.userId, options.userId))
  else
    await db
      .update(users)
      .set({ hasHub: true })
      .where(and(eq(users.id, options.userId), eq(users.hasHub, false)))
}
