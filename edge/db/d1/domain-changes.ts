import { and, eq, gte, inArray, lt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { countReferences, type DomainRow, within } from './domains.ts'
import { noteEvent } from './outgoing-events.ts'
import { expectUsersWithin, type UserQuota } from './quotas.ts'
import type { LoginSelection } from './login-selections.ts'
import { endLogins, type RevocationRow } from './revocations.ts'
import { expectPath, expectPlatformAdmin, expectRevision } from './revision.ts'
import { credentials } from './schema/credentials.ts'
import { domainOrigins, domains } from './schema/domains.ts'
import { groups } from './schema/groups.ts'
import { users } from './schema/users.ts'

/** Changes of domains; lookups are in domains.ts. */

export async function insertDomain(
  db: Database,
  { row, parent, origins }: { row: DomainRow; parent: DomainRow | undefined; origins: readonly string[] },
): Promise<void> {
  const note = noteEvent(db, { type: 'domain.created', domainId: row.id, data: dataOf(row), now: row.createdAt })
  await db.batch([db.insert(domains).values(row), note, ...underParent(db, parent), ...originInserts(db, row.id, origins)])
}

export interface DomainUpdate {
  /** As it was. */
  readonly from: DomainRow
  /** As it shall be, with the path under its parent. */
  readonly to: DomainRow
  readonly parent: DomainRow | undefined
  readonly origins: readonly string[]
  readonly ending: LoginSelection | undefined
  /** Of users, where the domain comes to. */
  readonly quotas: readonly UserQuota[]
  readonly now: number
}

/** Replaces a domain and its origins, moves its descendants with it, and ends logins where asked. */
export async function updateDomain(
  db: Database,
  { from, to, parent, origins, ending, quotas, now }: DomainUpdate,
): Promise<RevocationRow[]> {
  const { id, path: _, createdAt: __, ...values } = to
  const [, ended] = await db.batch([
    expectRevision(db, domains, from),
    ...endLogins(db, ending ?? { loginIds: [] }, now),
    ...underParent(db, parent),
    expectPath(db, from),
    db
      .update(domains)
      .set({ ...values, revision: from.revision + 1 })
      .where(eq(domains.id, id)),
    db
      .update(domains)
      .set({ path: sql`${to.path} || substr(${domains.path}, ${from.path.length + 1})` })
      .where(and(gte(domains.path, from.path), lt(domains.path, `${from.path}\u{10ffff}`), sql`${from.path} <> ${to.path}`)),
    expectUsersWithin(db, quotas),
    db.delete(domainOrigins).where(eq(domainOrigins.domainId, id)),
    noteEvent(db, { type: 'domain.updated', domainId: id, data: dataOf(to), now }),
    ...originInserts(db, id, origins),
    ...(to.disabled && !from.disabled ? [expectPlatformAdmin(db)] : []),
  ])
  return ended
}

export interface DeletedDomains {
  readonly ended: RevocationRow[]
  readonly removed: { readonly domains: number; readonly users: number; readonly credentials: number; readonly logins: number }
}

/**
 * Removes a domain; with `cascade` also its descendants and all their users. Without, the database
 * refuses (foreign key) while there are any.
 */
export async function deleteDomains(db: Database, row: DomainRow, options: { cascade: boolean; now: number }): Promise<DeletedDomains> {
  const counted = await countReferences(db, row.path)
  const ids = db.select({ id: domains.id }).from(domains).where(within(row.path))
  const { cascade, now } = options
  // Its own endpoints go with it: those that hear of it are its ancestors'.
  const note = noteEvent(db, { type: 'domain.deleted', domainId: row.id, data: { ...dataOf(row), cascade }, now })
  if (!cascade) {
    const removal = db.delete(domains).where(eq(domains.id, row.id))
    const [, ended] = await db.batch([expectRevision(db, domains, row), ...endLogins(db, { domainId: row.id }, now), note, removal])
    return { ended, removed: { ...counted, domains: 1 } }
  }
  const [, ended] = await db.batch([
    expectRevision(db, domains, row),
    ...endLogins(db, { path: row.path }, now),
    note,
    db.delete(credentials).where(inArray(credentials.domainId, ids)),
    db.delete(groups).where(inArray(groups.domainId, ids)),
    db.delete(users).where(inArray(users.domainId, ids)),
    db.delete(domains).where(within(row.path)),
    expectPlatformAdmin(db),
  ])
  return { ended, removed: { ...counted, domains: counted.domains + 1 } }
}

const dataOf = ({ id, name }: DomainRow) => ({ domainId: id, domain: name })

/** The parent was read before, and may have moved or gone meanwhile. */
const underParent = (db: Database, parent: DomainRow | undefined) => (parent === undefined ? [] : [expectPath(db, parent)])

/** A statement each: the database takes 100 parameters. */
const originInserts = (db: Database, domainId: string, origins: readonly string[]) =>
  origins.map((pattern) => db.insert(domainOrigins).values({ pattern, domainId }))
