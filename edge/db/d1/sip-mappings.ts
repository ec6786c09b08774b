import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { ownerUriOf, type SipOwner } from '#edge/domain/sip/owner.ts'
import { sipUserKeys } from '#edge/domain/sip/sip-user.ts'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { noteEvent } from './outgoing-events.ts'
import { expectDomain, expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { groups } from './schema/groups.ts'
import { sipMappings } from './schema/sip-mappings.ts'
import { users } from './schema/users.ts'

export type SipMappingRow = typeof sipMappings.$inferSelect

export interface SipMappingInDomain {
  readonly mapping: SipMappingRow
  readonly domain: DomainRow
}

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
    expectOwner(db, row),
    db.delete(sipMappings).where(and(inTheWay, sql`${sipMappings.expiresAt} <= ${createdAt}`)),
    db.insert(sipMappings).values(row),
    noteEvent(db, eventOf('sipMapping.created', row, createdAt)),
  ])
}

export type SipMappingChange = Omit<SipMappingRow, 'id' | 'revision' | 'createdAt'>

/** Changes a mapping as it was read. */
export async function updateSipMapping(db: Database, from: SipMappingRow, change: SipMappingChange, now: number): Promise<void> {
  const { id, revision, domainId } = from
  const moved = domainId !== change.domainId
  await db.batch([
    expectRevision(db, sipMappings, from),
    expectOwner(db, change),
    ...(moved ? [noteEvent(db, eventOf('sipMapping.deleted', from, now))] : []),
    db
      .update(sipMappings)
      .set({ ...change, revision: revision + 1 })
      .where(eq(sipMappings.id, id)),
    noteEvent(db, eventOf(moved ? 'sipMapping.created' : 'sipMapping.updated', { id, ...change }, now)),
  ])
}

export async function deleteSipMapping(db: Database, row: SipMappingRow, now: number): Promise<void> {
  await db.batch([
    db.delete(sipMappings).where(eq(sipMappings.id, row.id)),
    noteEvent(db, eventOf('sipMapping.deleted', row, now), { ifChanged: true }),
  ])
}

/** The owner was looked up before, and may have moved to another domain meanwhile. */
const expectOwner = (db: Database, { userId, groupId, domainId }: Pick<SipMappingRow, 'userId' | 'groupId' | 'domainId'>) =>
  userId === null ? expectDomain(db, groups, { id: groupId ?? '', domainId }) : expectDomain(db, users, { id: userId, domainId })

const eventOf = (
  type: 'sipMapping.created' | 'sipMapping.updated' | 'sipMapping.deleted',
  mapping: Pick<SipMappingRow, 'id' | 'domainId' | 'userId' | 'groupId' | 'username'>,
  now: number,
) => ({
  type,
  domainId: mapping.domainId,
  data: { mappingId: mapping.id, ownerUri: ownerUriOf(mapping), username: mapping.username },
  now,
})
