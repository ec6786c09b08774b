import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { LoginFailureReason } from '#shared/protocol/sapi/login-control.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import { findDomainByName } from '#edge/db/d1/domains.ts'
import { insertUnrecorded, listUnrecorded, removeUnrecorded, type UnrecordedFailure } from '#edge/db/d1/login-failures.ts'
import { noteEvent } from '#edge/db/d1/outgoing-events.ts'
import type { AlarmRule } from '#edge/domain/ledger/login-alarms.ts'
import { type FailedLogin, failedLoginSchema } from '#edge/domain/ledger/login-failures.ts'
import { ledgerName, monthOf } from '#edge/domain/object-names.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import { directory } from '../directory.ts'
import type { Scope } from '../scope.ts'
import { ledger } from '../stubs.ts'

/** Longer names are nobody's. */
const longestAccount = 320
/** A failure that nobody has recorded after this long is recorded by whoever comes by. */
const patience = 15_000
const atOnce = 80

/**
 * A failed login always leaves a stat (AUTH-4). It is noted before the answer, so that it is not lost, and
 * reaches the ledger of its domain behind it; the note goes once it is there. Of accounts of no domain, the
 * default domain's admins learn.
 */
export async function noteFailedLogin(
  scope: Scope,
  failed: {
    reason: LoginFailureReason
    account: string
    domainId?: string | undefined
    userId?: string | undefined
    address: string | undefined
  },
): Promise<void> {
  const failure: FailedLogin = {
    id: newId(),
    at: scope.clock.now(),
    domainId: failed.domainId ?? null,
    reason: failed.reason,
    account: failed.account.slice(0, longestAccount),
    userId: failed.userId ?? null,
    address: failed.address ?? null,
  }
  const row = { id: failure.id, at: failure.at, failure }
  await insertUnrecorded(scope.db, row)
  scope.logger.warn('login.failed', { ...failure })
  scope.defer(record(scope, row))
}

/** Records what those who noted it did not live to record. */
export async function recordFailedLogins(scope: Scope): Promise<void> {
  for (const row of await listUnrecorded(scope.db, { before: scope.clock.now() - patience, limit: atOnce })) await record(scope, row)
}

async function record(scope: Scope, row: UnrecordedFailure): Promise<void> {
  const failure = failedLoginSchema.parse(row.failure)
  const { account, at, address } = failure
  const policy = await policyOf(scope, failure)
  if (policy === undefined) return void (await removeUnrecorded(scope.db, row.id))
  const { alarm: rule } = policy.settings.logins
  const alarm = await ledgerOf(scope, policy, at).loginFailed(failure, {
    rule,
    before: await failuresBefore(scope, policy, { account, at, rule }),
  })
  const recorded = removeUnrecorded(scope.db, row.id)
  if (alarm === null) return void (await recorded)
  const { failures, seconds } = alarm
  const data = { username: account, address, failures, seconds }
  // Whoever removes the note notes the event: somebody else may be recording the same failure.
  const event = noteEvent(scope.db, { type: 'login.alarm', domainId: policy.domainId, data, now: scope.clock.now() }, { ifChanged: true })
  await scope.db.batch([recorded, event])
  scope.logger.warn('login.alarm', { domainId: policy.domainId, ...data })
}

/** Of the domain that the account names, else of the default one. Undefined: the domain is gone, and its ledger with it. */
async function policyOf(scope: Scope, { domainId, account }: FailedLogin): Promise<DomainPolicy | undefined> {
  const named = async (name: string) => (await findDomainByName(scope.db, name))?.id
  const id = domainId ?? (await named(account.slice(account.lastIndexOf('@') + 1))) ?? (await named(scope.env.RINGWAY_DEFAULT_DOMAIN))
  if (id === undefined) return undefined
  try {
    return await directory(scope.env).policyOf(id)
  } catch (thrown) {
    if (AppError.from(thrown).code === 'notFound') return undefined
    throw thrown
  }
}

/** A group of failures may have begun in the month before. */
async function failuresBefore(
  scope: Scope,
  policy: DomainPolicy,
  { account, at, rule }: { account: string; at: number; rule: AlarmRule },
): Promise<readonly number[]> {
  const since = at - rule.seconds * 1000
  return monthOf(since) === monthOf(at) ? [] : ledgerOf(scope, policy, since).failuresSince(account, since)
}

function ledgerOf(scope: Scope, { domainId, jurisdiction }: { domainId: string; jurisdiction?: Jurisdiction }, at: number) {
  return ledger(scope.env, ledgerName(domainId, monthOf(at)), jurisdiction === undefined ? {} : { jurisdiction })
}
