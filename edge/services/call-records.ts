import { AppError } from '#shared/errors/AppError.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { type CallHistoryEntry, type GetCallRecordQuery, type ListCallRecordsQuery, maxRange } from '#shared/protocol/sapi/cdrs.ts'
import type { PageQuery } from '#shared/protocol/sapi/paging.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { userIdOf } from '#edge/domain/identity/group-target.ts'
import { historyEntry } from '#edge/domain/ledger/call-history.ts'
import { csvHeader, csvLines } from '#edge/domain/ledger/csv.ts'
import { monthsOf, rangeOf } from '#edge/domain/ledger/months.ts'
import { day } from '#edge/domain/ledger/retention.ts'
import { timeOf } from '#edge/domain/ledger/call-time.ts'
import { type Calls, ledgerOf, walkLedgers } from './ledgers.ts'
import { directory } from './directory.ts'
import type { PageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { askedDomain } from './visible-domains.ts'

/** CDR-1. */

/** Calls of one domain, newest first, for its admins. */
export async function listCallRecords(scope: Scope, actor: Actor, query: ListCallRecordsQuery): Promise<PageOf<CallRecord>> {
  return walkLedgers(scope, { ...(await callsOf(scope, actor, query)), cursor: query.cursor, limit: query.limit })
}

/** All of them as a file, read while it is sent; what can be refused is, before anything is sent. */
export async function exportCallRecords(scope: Scope, actor: Actor, query: ListCallRecordsQuery): Promise<ReadableStream<Uint8Array>> {
  const calls = await callsOf(scope, actor, query)
  const read = (cursor: string | undefined) => walkLedgers(scope, { ...calls, cursor, limit: 200 })
  const encoder = new TextEncoder()
  const first = await read(query.cursor)
  let { next } = first
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(csvHeader + first.items.map(csvLines).join('')))
      if (next === undefined) controller.close()
    },
    async pull(controller) {
      const page = await read(next)
      if (page.items.length > 0) controller.enqueue(encoder.encode(page.items.map(csvLines).join('')))
      next = page.next
      if (next === undefined) controller.close()
    },
  })
}

export async function getCallRecord(scope: Scope, actor: Actor, callId: string, query: GetCallRecordQuery): Promise<CallRecord> {
  const domain = await askedDomain(scope, actor, query.domain)
  const began = timeOf(callId)
  const now = scope.clock.now()
  // A call is kept under the month of its end, which is that of its beginning or one soon after.
  const months =
    query.month === undefined
      ? monthsOf({ from: began ?? now, to: Math.min((began ?? now) + maxRange, now + 1) }).toReversed()
      : [query.month]
  for (const month of months) {
    const record = await ledgerOf(scope, domain, month).find(callId)
    if (record !== null) return record
  }
  throw new AppError('notFound')
}

/** A user's own calls, newest first, in whoever's rooms they were. */
export async function listCallHistory(scope: Scope, actor: Actor, { cursor, limit }: PageQuery): Promise<PageOf<CallHistoryEntry>> {
  const { domainId, settings, jurisdiction = null } = await directory(scope.env).policyOf(actor.domainId)
  const now = scope.clock.now()
  const from = now - settings.calls.callHistoryDays * day
  const { userId } = actor
  const { items, next } = await walkLedgers(scope, { domain: { id: domainId, jurisdiction }, from, to: now + 1, userId, cursor, limit })
  return { items: items.map((record) => historyEntry(record, userId)), next }
}

async function callsOf(scope: Scope, actor: Actor, { domain, month, from, to, user }: ListCallRecordsQuery): Promise<Calls> {
  const now = scope.clock.now() + 1
  const whole = month === undefined ? { from: 0, to: now } : rangeOf(month)
  if (month === undefined && from === undefined) throw AppError.invalidField('month', 'Either this or from must be there')
  const range = {
    from: Math.max(from ?? 0, whole.from),
    to: Math.min(to ?? whole.to, month === undefined ? Number.MAX_SAFE_INTEGER : whole.to),
  }
  if (range.to - range.from > maxRange) throw AppError.invalidField('from', 'At most 366 days before to')
  return { domain: await askedDomain(scope, actor, domain), ...range, userId: user === undefined ? undefined : userIdOf(user) }
}
