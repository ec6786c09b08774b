import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { ledgerName, monthOf } from '#edge/domain/object-names.ts'
import type { Scope } from './scope.ts'
import { ledger } from './stubs.ts'

/** What an admin is about to do. */
export interface Intent {
  readonly actor: Identity
  /** Id of the operation. */
  readonly operation: string
  /** Path and query: never a secret, as a body may be. */
  readonly target: string
  readonly address: string | undefined
  readonly traceId: string
}

export interface Audit {
  /** Behind the answer. An outcome that cannot be noted stays unknown; the intent stands. */
  finish(outcome: { status: number; created?: string | undefined }): void
}

const longestTarget = 1024

/**
 * Writes down that an admin is about to change something, before anything is changed: even a process that
 * dies at once leaves a trace of it (OPS-1). Kept in the ledger of the actor's domain and month.
 * @throws AppError `unavailable` where it cannot be written down; then the change must not be made.
 */
export async function beginAudit(scope: Scope, { actor, operation, target, address, traceId }: Intent): Promise<Audit> {
  const id = newId()
  const at = scope.clock.now()
  const { userId, username, role, loginId, domainId, jurisdiction } = actor
  const log = () => ledger(scope.env, ledgerName(domainId, monthOf(at)), jurisdiction === undefined ? {} : { jurisdiction })
  const entry = {
    id,
    at,
    userId,
    username,
    role,
    loginId,
    address: address ?? null,
    traceId,
    operation,
    target: target.slice(0, longestTarget),
  }
  try {
    await log().beginAudit({ ...entry, status: null, finished: null, created: null })
  } catch (cause) {
    throw new AppError('unavailable', { cause })
  }
  return {
    finish({ status, created }) {
      scope.defer(log().finishAudit({ id, status, created: created ?? null, finished: scope.clock.now() }))
    },
  }
}
