import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import { eventTypeSchema } from '#shared/protocol/sapi/events.ts'
import type { HookTarget } from '#edge/domain/webhooks/routing.ts'
import type { Database } from './database.ts'
import { type DomainRow, type Page, within } from './domains.ts'
import { expectAtMost, expectRevision } from './revision.ts'
import { domains } from './schema/domains.ts'
import { webhooks } from './schema/webhooks.ts'

export type WebhookRow = typeof webhooks.$inferSelect

export interface WebhookInDomain {
  readonly webhook: WebhookRow
  readonly domain: DomainRow
}

const withDomain = (db: Database) =>
  db.select({ webhook: webhooks, domain: domains }).from(webhooks).innerJoin(domains, eq(domains.id, webhooks.domainId))

export async function findWebhook(db: Database, id: string): Promise<WebhookInDomain | undefined> {
  const [row] = await withDomain(db).where(eq(webhooks.id, id)).limit(1)
  return row
}

/** Endpoints of all domains at or under `path`, or of the deployment, by id. */
export const listWebhooks = (
  db: Database,
  options: Page & { path: string | undefined; onlyEnabled?: boolean },
): Promise<WebhookInDomain[]> =>
  withDomain(db)
    .where(
      and(
        within(options.path),
        options.onlyEnabled === true ? eq(webhooks.enabled, true) : undefined,
        options.after === undefined ? undefined : gt(webhooks.id, options.after),
      ),
    )
    .orderBy(asc(webhooks.id))
    .limit(options.limit)

/** Adds an endpoint. @throws where its domain has more than `most` then: a `revision` of constraints.ts. */
export async function insertWebhook(db: Database, row: WebhookRow, { most }: { most: number }): Promise<void> {
  await db.batch([db.insert(webhooks).values(row), expectAtMost(db, webhooks, { domainId: row.domainId, most })])
}

export const countWebhooks = (db: Database, domainId: string): Promise<number> => db.$count(webhooks, eq(webhooks.domainId, domainId))

/** Changes an endpoint as it was read. @throws where it was changed meanwhile: a `revision` of constraints.ts. */
export async function updateWebhook(
  db: Database,
  from: WebhookRow,
  change: Partial<Omit<WebhookRow, 'id' | 'domainId' | 'revision'>>,
): Promise<void> {
  const { id, revision } = from
  await db.batch([
    expectRevision(db, webhooks, from),
    db
      .update(webhooks)
      .set({ ...change, revision: revision + 1 })
      .where(eq(webhooks.id, id)),
  ])
}

/** Removes an endpoint as it was read. */
export async function deleteWebhook(db: Database, from: Pick<WebhookRow, 'id' | 'revision'>): Promise<void> {
  await db.batch([expectRevision(db, webhooks, from), db.delete(webhooks).where(eq(webhooks.id, from.id))])
}

/** What an endpoint's own answer (410) does: nobody's change is overwritten, and whoever has read it before must read again. */
export async function disableWebhook(db: Database, id: string): Promise<void> {
  await db
    .update(webhooks)
    .set({ enabled: false, revision: sql`${webhooks.revision} + 1` })
    .where(and(eq(webhooks.id, id), eq(webhooks.enabled, true)))
}

/** At most 90 domains: the database takes 100 parameters. */
export async function listHookTargets(db: Database, domainIds: readonly string[]): Promise<HookTarget[]> {
  const rows = await withDomain(db)
    .where(inArray(webhooks.domainId, [...domainIds]))
    .orderBy(asc(webhooks.id))
  return rows.map(({ webhook, domain }) => ({
    endpointId: webhook.id,
    domainId: domain.id,
    events: typesOf(webhook),
    includeChildren: webhook.includeChildren,
    jurisdiction: domain.jurisdiction,
  }))
}

/** A registrar hears of who is there, whatever was written down. Types that this version does not know are nothing it sends. */
function typesOf({ kind, events }: WebhookRow): HookTarget['events'] {
  if (kind === 'sipRegistrar') return ['user.online', 'user.offline']
  return events.length === 0 ? null : events.flatMap((type) => eventTypeSchema.safeParse(type).data ?? [])
}
