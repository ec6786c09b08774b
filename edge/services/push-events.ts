import { eventTypeSchema } from '#shared/protocol/sapi/events.ts'
import { eventsHandedOver, listPendingEvents, mayHaveNotedSince, type OutgoingEventRow } from '#edge/db/d1/outgoing-events.ts'
import { listHookTargets } from '#edge/db/d1/webhooks.ts'
import { idsInPath } from '#edge/domain/identity/domain-chain.ts'
import { type QueuedEvent, queuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import { type HookTarget, mayHear } from '#edge/domain/webhooks/routing.ts'
import { hookTargets } from './hook-targets.ts'
import type { Scope } from './scope.ts'

/** A request that noted something is over by then. */
const longestRequest = 30_000
const batch = 50
const pageSize = 200
const mostPages = 20

/** A hand-over that takes longer has not lived to its end. */
const longestPush = 10_000

/** The hand-over under way in this isolate, if any, and whether more was noted meanwhile. */
let current: { readonly since: number; more: boolean } | undefined

/**
 * After a request that may have noted events: hands them over, behind the answer. Of many requests at once
 * one does it for all.
 */
export function pushNotedEvents(scope: Scope): void {
  const now = scope.clock.now()
  if (!mayHaveNotedSince(now - longestRequest)) return
  if (current === undefined || current.since < now - longestPush) scope.defer(pushUntilDone(scope))
  else current.more = true
}

async function pushUntilDone(scope: Scope): Promise<void> {
  const own = { since: scope.clock.now(), more: true }
  current = own
  try {
    while (own.more) {
      own.more = false
      await pushEvents(scope)
    }
  } finally {
    if (current === own) current = undefined
  }
}

/**
 * Hands noted events of the configuration to the objects of the endpoints that take them, in order per
 * domain, and forgets them once all have committed. Two at once do no harm: each reads a domain's events
 * from the first, and endpoints know what they have. What cannot be handed over is left for the next time.
 */
export async function pushEvents(scope: Scope): Promise<void> {
  const failed = new Set<string>()
  for (let page = 0; page < mostPages; page++) {
    const rows = await listPendingEvents(scope.db, { limit: pageSize, except: [...failed] })
    if (rows.length === 0) return
    for (const [domainId, ofDomain] of Map.groupBy(rows, (row) => row.domainId)) {
      if (!(await pushDomain(scope, domainId, ofDomain))) failed.add(domainId)
    }
  }
}

/** @returns false where an endpoint's object could not commit what is its. */
async function pushDomain(scope: Scope, domainId: string, rows: readonly OutgoingEventRow[]): Promise<boolean> {
  try {
    const shares = await sharesOf(scope, rows)
    const handed = await Promise.allSettled(shares.map((share) => hand(scope, share)))
    for (const result of handed) if (result.status === 'rejected') throw result.reason
    await eventsHandedOver(scope.db, { domainId, upTo: rows.at(-1)?.seq ?? 0, now: scope.clock.now() })
    return true
  } catch (error) {
    scope.logger.warn('events.notHandedOver', { domainId, error })
    return false
  }
}

interface Share {
  readonly target: HookTarget
  readonly events: QueuedEvent[]
}

/** What each endpoint is to get, in order. The path of a domain may change from one event to the next. */
async function sharesOf(scope: Scope, rows: readonly OutgoingEventRow[]): Promise<Share[]> {
  const shares = new Map<string, Share>()
  const known = new Map<string, HookTarget[]>()
  for (const row of rows) {
    const targets = known.get(row.path) ?? (await listHookTargets(scope.db, idsInPath(row.path)))
    known.set(row.path, targets)
    const event = queuedEventOf(row)
    if (event === undefined) continue
    for (const target of targets.filter((candidate) => mayHear(candidate, row))) {
      const share = shares.get(target.endpointId) ?? { target, events: [] }
      shares.set(target.endpointId, share)
      share.events.push(event)
    }
  }
  return [...shares.values()]
}

async function hand(scope: Scope, { target, events }: Share): Promise<void> {
  for (let start = 0; start < events.length; start += batch) await hookTargets(scope.env).hand(target, events.slice(start, start + batch))
}

/** Undefined: of a type that a newer version noted, which this one cannot tell of. */
function queuedEventOf({ id, type, data, domainId, seq, occurredAt }: OutgoingEventRow): QueuedEvent | undefined {
  const known = eventTypeSchema.safeParse(type)
  if (!known.success) return undefined
  const place = { eventId: id, domainId, lane: `domain:${domainId}`, stream: `domain:${domainId}`, seq, at: occurredAt }
  return queuedEvent({ type: known.data, data }, place)
}
