import { AppError } from '#shared/errors/AppError.ts'
import { hookEventSchema } from '#shared/protocol/sapi/events.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import type { HookStatus, LoggedDelivery, LoggedEvent } from '#shared/protocol/sapi/webhooks.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { type PageOf, pageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { administeredWebhook, stubOf } from './webhooks.ts'

/** HOOK-1: what an endpoint was sent, and what waits. */

export async function webhookStatus(scope: Scope, actor: Actor, id: string): Promise<HookStatus> {
  const { breaker, openUntil, goneSince, waiting, dead, oldestWaiting } = await (await objectFor(scope, actor, id)).status()
  return { breaker, openUntil, goneSince, waiting, dead, oldestWaiting }
}

/** @throws AppError `conflict` where it is not in use. */
export async function testWebhook(scope: Scope, actor: Actor, id: string): Promise<{ eventId: string }> {
  const found = await administeredWebhook(scope, actor, id)
  if (!found.webhook.enabled) throw new AppError('conflict', { context: { reason: 'disabled' } })
  return { eventId: await stubOf(scope, found).test() }
}

export async function replayWebhook(scope: Scope, actor: Actor, id: string, options: { after: string }): Promise<{ events: number }> {
  const after = options.after === '' ? 0 : positionOf(options.after)
  return { events: await (await objectFor(scope, actor, id)).replay(after) }
}

/** Oldest first. */
export async function listWebhookEventsFor(scope: Scope, actor: Actor, id: string, query: PageQuery): Promise<PageOf<LoggedEvent>> {
  const after = query.cursor === undefined ? 0 : positionOf(query.cursor)
  const rows = await (await objectFor(scope, actor, id)).events({ after, limit: query.limit + 1 })
  return pageOf(rows, {
    limit: query.limit,
    cursorOf: ({ position }) => String(position),
    view: ({ position, state, attempts, body }) => ({
      cursor: String(position),
      state,
      attempts,
      event: hookEventSchema.parse(JSON.parse(body)),
    }),
  })
}

/** Latest first. */
export async function listWebhookDeliveriesFor(scope: Scope, actor: Actor, id: string, query: PageQuery): Promise<PageOf<LoggedDelivery>> {
  const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : positionOf(query.cursor)
  const rows = await (await objectFor(scope, actor, id)).deliveries({ before, limit: query.limit + 1 })
  return pageOf(rows, {
    limit: query.limit,
    cursorOf: (row) => String(row.id),
    view: ({ eventId, type, attempt, at, duration, status, error, response }) => ({
      ...{ eventId, type, attempt, at, duration, status, error, response },
    }),
  })
}

const objectFor = async (scope: Scope, actor: Actor, id: string) => stubOf(scope, await administeredWebhook(scope, actor, id))

/** @throws AppError `invalidRequest` for what no list has named. */
function positionOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor))
    throw new AppError('invalidRequest', { context: { issues: [{ path: 'cursor', message: 'Not one that a list has named' }] } })
  return Number(cursor)
}
