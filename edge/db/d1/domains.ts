import { and, asc, count, eq, gt, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { type DomainChain, idsInPath } from '#edge/domain/identity/domain-chain.ts'
import type { Database } from './database.ts'
import { credentials } from './schema/credentials.ts'
import { domainOrigins, domains } from './schema/domains.ts'
import { logins } from './schema/logins.ts'
import { users } from './schema/users.ts'

export type DomainRow = typeof domains.$inferSelect

export async function findDomain(db: Database, id: string): Promise<DomainRow | undefined> {
  const [row] = await db.select().from(domains).where(eq(domains.id, id)).limit(1)
  return row
}

export async function findDomainByName(db: Database, name: string): Promise<DomainRow | undefined> {
  const [row] = await db.select().from(domains).where(eq(domains.name, name.toLowerCase())).limit(1)
  return row
}

/** The domain with all its ancestors. */
export async function findChain(db: Database, id: string): Promise<DomainChain<DomainRow> | undefined> {
  const own = await findDomain(db, id)
  return own === undefined ? undefined : chainOf(db, own)
}

export async function chainOf(db: Database, own: DomainRow): Promise<DomainChain<DomainRow>> {
  const ancestorIds = idsInPath(own.path).slice(0, -1)
  if (ancestorIds.length === 0) return [own]
  const ancestors = await db.select().from(domains).where(inArray(domains.id, ancestorIds))
  const [root, ...rest] = [...ancestors, own].toSorted((a, b) => a.path.length - b.path.length)
  return root === undefined ? [own] : [root, ...rest]
}

/** All domains at or under a path; `undefined`: of the deployment. */
export const within = (path: string | undefined): SQL | undefined =>
  path === undefined ? undefined : and(gte(domains.path, path), lt(domains.path, `${path}\u{10ffff}`))

/** How many levels there are at and under a path. */
export async function heightOf(db: Database, path: string): Promise<number> {
  const levels = sql<number>`max(length(${domains.path}) - length(replace(${domains.path}, '/', '')))`
  const [row] = await db.select({ levels }).from(domains).where(within(path))
  return (row?.levels ?? 0) - idsInPath(path).length
}

export interface Page {
  /** Id after which the page begins. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface DomainFilter {
  readonly path?: string | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly parentId?: string | undefined
  /** Part of the name. */
  readonly q?: string | undefined
}

export const listDomains = (db: Database, options: Page & DomainFilter): Promise<DomainRow[]> =>
  db
    .select()
    .from(domains)
    .where(
      and(
        within(options.path),
        options.id === undefined ? undefined : eq(domains.id, options.id),
        options.name === undefined ? undefined : eq(domains.name, options.name),
        options.parentId === undefined ? undefined : eq(domains.parentId, options.parentId),
        options.q === undefined ? undefined : sql`instr(${domains.name}, ${options.q.toLowerCase()}) > 0`,
        options.after === undefined ? undefined : gt(domains.id, options.after),
      ),
    )
    .orderBy(asc(domains.id))
    .limit(options.limit)

export const listOrigins = (db: Database, domainIds: readonly string[]): Promise<{ pattern: string; domainId: string }[]> =>
  inChunks(domainIds, (chunk) =>
    db.select().from(domainOrigins).where(inArray(domainOrigins.domainId, chunk)).orderBy(asc(domainOrigins.pattern)),
  )

export async function namesOf(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await inChunks(ids, (chunk) =>
    db.select({ id: domains.id, name: domains.name }).from(domains).where(inArray(domains.id, chunk)),
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** The database takes 100 parameters a statement. */
async function inChunks<Row>(values: readonly string[], query: (chunk: string[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for (let start = 0; start < values.length; start += 90) rows.push(...(await query(values.slice(start, start + 90))))
  return rows
}

/** Domains that claim one of these patterns. */
export const findByOrigins = (db: Database, patterns: readonly string[]): Promise<{ pattern: string; domain: DomainRow }[]> =>
  db
    .select({ pattern: domainOrigins.pattern, domain: domains })
    .from(domainOrigins)
    .innerJoin(domains, eq(domains.id, domainOrigins.domainId))
    .where(inArray(domainOrigins.pattern, [...patterns]))

/** What refers to the domains at or under a path. */
export async function countReferences(
  db: Database,
  path: string,
): Promise<{ domains: number; users: number; credentials: number; logins: number }> {
  const [children, members, secrets, open] = await db.batch([
    db.select({ n: count() }).from(domains).where(within(path)),
    db.select({ n: count() }).from(users).innerJoin(domains, eq(domains.id, users.domainId)).where(within(path)),
    db.select({ n: count() }).from(credentials).innerJoin(domains, eq(domains.id, credentials.domainId)).where(within(path)),
    db.select({ n: count() }).from(logins).innerJoin(domains, eq(domains.id, logins.domainId)).where(within(path)),
  ])
  const n = (rows: { n: number }[]) => rows[0]?.n ?? 0
  return { domains: n(children) - 1, users: n(members), credentials: n(secrets), logins: n(open) }
}
