import { noteRevoked } from '#edge/auth/revocations.ts'
import { confirmByHub, listPendingForHubs, type RevocationRow } from '#edge/db/d1/revocations.ts'
import type { Scope } from './scope.ts'
import { userHub } from './stubs.ts'

/** Hubs told at once: the platform opens at most six connections at a time. */
const parallel = 5
/** A hub that has not confirmed after this long is told again. */
const patience = 15_000

/**
 * What follows once logins have ended in the database: this isolate refuses their tokens from now on, and
 * their users' hubs close the sockets. Whatever a hub does not confirm stays pending and is told again.
 */
export function announceEnded(scope: Scope, ended: readonly RevocationRow[]): void {
  if (ended.length === 0) return
  noteRevoked(ended)
  scope.logger.info('logins.ended', { count: ended.length })
  scope.defer(tellHubs(scope, ended))
}

/** Tells the hubs that have not confirmed yet, in case the one who should have told them did not live to do so. */
export async function retellHubs(scope: Scope): Promise<void> {
  await tellHubs(scope, await listPendingForHubs(scope.db, { before: scope.clock.now() - patience, limit: 80 }))
}

async function tellHubs(scope: Scope, ended: readonly RevocationRow[]): Promise<void> {
  const pending = ended.filter((row) => row.hubPending)
  for (let start = 0; start < pending.length; start += parallel) {
    const told = await Promise.all(pending.slice(start, start + parallel).map((row) => tellHub(scope, row)))
    await confirmByHub(
      scope.db,
      told.filter((loginId) => loginId !== undefined),
    )
  }
}

async function tellHub(scope: Scope, { userId, loginId, jurisdiction }: RevocationRow): Promise<string | undefined> {
  try {
    await userHub(scope.env, { userId, ...(jurisdiction === null ? {} : { jurisdiction }) }).revoke({ loginId })
    return loginId
  } catch (error) {
    scope.logger.warn('logins.hubNotTold', { userId, loginId, error })
    return undefined
  }
}
