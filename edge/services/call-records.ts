import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import { ledgerQuerySchema } from '#edge/domain/ledger/page.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import type { PageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { ledger } from './stubs.ts'
import { administeredDomainNamed, ownDomain } from './visible-domains.ts'
import { AppError } from '#shared/errors/AppError.ts'

/** CDR-1: calls of one domain and month, newest first, for its admins. */
export async function listCallRecords(
  scope: Scope,
  actor: Actor,
  query: { month: string; domain?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<PageOf<CallRecord>> {
  const domain = query.domain === undefined ? await ownDomain(scope, actor) : await administeredDomainNamed(scope, actor, query.domain)
  const asked = ledgerQuerySchema.safeParse({ limit: query.limit, cursor: query.cursor })
  if (!asked.success) throw AppError.invalidRequest(asked.error)
  const where = domain.jurisdiction === null ? {} : { jurisdiction: domain.jurisdiction }
  const page = await ledger(scope.env, ledgerName(domain.id, query.month), where).list(asked.data)
  return { items: page.records, next: page.cursor ?? undefined }
}
