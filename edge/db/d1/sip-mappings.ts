import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { sipUserKeys } from '#edge/domain/sip/sip-user.ts'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { sipMappings } from './schema/sip-mappings.ts'

export type SipMappingRow = typeof sipMappings.$inferSelect

export interface SipMappingInDomain {
  readonly mapping: SipMappingRow
  readonly domain: DomainRow
}

/** A user or a group, by id. */
export type SipOwner = { readonly userId: string } | { readonly groupId: string }

const withDomain = (db: Database) =>
  db.select({ mapping: sipMappings, domain: domains }).from(sipMappings).innerJoin(domains, eq(domains.id, sipMappings.domainId))

const isOf = (owner: SipOwner) => ('userId' in owner ? eq(sipMappings.userId, owner.userId) : eq(sipMappings.groupId, owner.groupId))

const isGood = (now: number) => or(isNull(sipMappings.expiresAt), gt(sipMappings.expiresAt, now))

export async function findSipMapping(db: Database, id: string): Promise<SipMappingInDomain | undefined> {
  const [row] = await withDomain(db).where(eq(sipMappings.id, id)).limit(1)
  return row
}

/** From an owner to its SIP identity. */
export async function findSipMappingOf(db: Database, owner: SipOwner, now: number): Promise<SipMappingInDomain | undefined> {
  const [row] = await withDomain(db)
    .where(and(isOf(owner), isGood(now)))
    .limit(1)
  return row
}

/** From a SIP identity to its owner: `sipUser` is the user part of a SIP URI, or `user@host`, which goes first. */
export async function findOwnerOf(
  db: Database,
  { domainId, sipUser }: { domainId: string; sipUser: string },
  now: number,
): Promise<SipMappingInDomain | undefined> {
  const [row] = await withDomain(db)
    .where(and(eq(sipMappings.domainId, domainId), inArray(sipMappings.userKey, [...sipUserKeys(sipUser)]), isGood(now)))
    .orderBy(desc(sql`length(${sipMappings.userKey})`))
    .limit(1)
  return row
}

export interface SipMappingFilter {
  readonly path?: string | undefined
  readonly domainId?: string | undefined
  readonly owner?: SipOwner | undefined
  readonly userKey?: string | undefined
}

export const listSipMappings = (db: Database, options: Page & SipMappingFilter): Promise<SipMappingInDomain[]> =>
  withDomain(db)
    .where(
      and(
        within(options.path),
        options.domainId === undefined ? undefined : eq(sipMappings.domainId, options.domainId),
        options.owner === undefined ? undefined : isOf(options.owner),
        options.userKey === undefined ? undefined : eq(sipMappings.userKey, options.userKey),
        options.after === undefined ? undefined : gt(sipMappings.id, options.after),
      ),
    )
    .orderBy(asc(sipMappings.id))
    .limit(options.limit)

/** In place of one that has expired; broken constraints tell of others. */
export async function insertSipMapping(db: Database, row: SipMappingRow): Promise<void> {
  const { domainId, userId, groupId, userKey, createdAt } = row
  const sameOwner = userId === null ? eq(sipMappings.groupId, groupId ?? '') : eq(sipMappings.userId, userId)
  const inTheWay = or(sameOwner, and(eq(sipMappings.domainId, domainId), eq(sipMappings.userKey, userKey)))
  await db.batch([
    db.delete(sipMappings).where(and(inTheWay, sql`${sipMappings.expiresAt} <= ${createdAt}`)),
    db.insert(sipMappings).values(row),
  ])
}

export type SipMappingChange = Omit<SipMappingRow, 'id' | 'revision' | 'createdAt'>

/** Changes a mapping as it was read. */
export async function updateSipMapping(db: Database, { id, revision }: SipMappingRow, change: SipMappingChange): Promise<void> {
  await db.batch([
    expectRevision(db, sipMappings, { id, revision }),
    db
      .update(sipMappings)
      .set({ ...change, revision: revision + 1 })
      .where(eq(sipMappings.id, id)),
  ])
}

export async function deleteSipMapping(db: Database, id: string): Promise<void> {
  await db.delete(sipMappings).where(eq(sipMappings.id, id))
}
