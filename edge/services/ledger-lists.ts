import type { AuditEntry } from '#shared/protocol/sapi/audit.ts'
import type { LoginAlarm, LoginFailure, LoginStat } from '#shared/protocol/sapi/login-control.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import type { LogPage, LogQuery } from '#edge/domain/ledger/login-failures.ts'
import { ledgerOf } from './ledgers.ts'
import type { PageOf } from './page.ts'
import type { Scope } from './scope.ts'
import { askedDomain } from './visible-domains.ts'

/** What the ledger of a domain and month keeps for its admins, newest first (AUTH-4, OPS-1). */

interface Query {
  readonly month: string
  readonly domain?: string | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

export const listLoginStats = (scope: Scope, actor: Actor, query: Query): Promise<PageOf<LoginStat>> =>
  listFrom(scope, actor, { query, read: async (of, page) => of.loginStats(page) })

export const listLoginFailures = (scope: Scope, actor: Actor, query: Query): Promise<PageOf<LoginFailure>> =>
  listFrom(scope, actor, { query, read: async (of, page) => of.loginFailures(page) })

export const listLoginAlarms = (scope: Scope, actor: Actor, query: Query): Promise<PageOf<LoginAlarm>> =>
  listFrom(scope, actor, { query, read: async (of, page) => of.loginAlarms(page) })

export const listAuditEntries = (scope: Scope, actor: Actor, query: Query): Promise<PageOf<AuditEntry>> =>
  listFrom(scope, actor, { query, read: async (of, page) => of.listAudit(page) })

async function listFrom<Entry>(
  scope: Scope,
  actor: Actor,
  { query, read }: { query: Query; read: (of: ReturnType<typeof ledgerOf>, page: LogQuery) => Promise<LogPage<Entry>> },
): Promise<PageOf<Entry>> {
  const domain = await askedDomain(scope, actor, query.domain)
  const { entries, cursor } = await read(ledgerOf(scope, domain, query.month), { after: query.cursor, limit: query.limit })
  return { items: entries, next: cursor ?? undefined }
}
