import { AppError } from '#shared/errors/AppError.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { DomainRow } from '#edge/db/d1/domains.ts'
import { monthsOf } from '#edge/domain/ledger/months.ts'
import { fromCursor, ledgerQuerySchema, toCursor } from '#edge/domain/ledger/page.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import type { PageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { ledger } from './stubs.ts'

/** Calls that ended in `[from, to)`, of a whole domain or of one user. */
export interface Calls {
  readonly domain: Pick<DomainRow, 'id' | 'jurisdiction'>
  readonly from: number
  readonly to: number
  readonly userId?: string | undefined
}

/** What a domain keeps of one month, `2031-05`, where the domain lies. */
export const ledgerOf = (scope: Scope, { id, jurisdiction }: Calls['domain'], month: string) =>
  ledger(scope.env, ledgerName(id, month), jurisdiction === null ? {} : { jurisdiction })

/** One page, newest first, from as many months as it takes. @throws AppError `invalidRequest` for a cursor of another making. */
export async function walkLedgers(
  scope: Scope,
  { domain, from, to, userId, cursor, limit }: Calls & { cursor: string | undefined; limit: number },
): Promise<PageOf<CallRecord>> {
  const asked = ledgerQuerySchema.safeParse({ from, to, userId, cursor, limit })
  if (!asked.success) throw AppError.invalidRequest(asked.error)
  const latest = cursor === undefined ? to : Math.min(to, fromCursor(cursor).endedAt + 1)
  const items: CallRecord[] = []
  for (const month of monthsOf({ from, to: latest })) {
    // A full page asks the older months for one call more, to know whether another page follows.
    const page = await ledgerOf(scope, domain, month).list({ ...asked.data, limit: Math.max(1, limit - items.length) })
    const last = items.at(-1)
    if (items.length === limit && last !== undefined) {
      if (page.records.length > 0) return { items, next: toCursor(last) }
      continue
    }
    items.push(...page.records)
    if (page.cursor !== null) return { items, next: page.cursor }
  }
  return { items, next: undefined }
}
