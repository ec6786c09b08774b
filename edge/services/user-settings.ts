import { AppError } from '#shared/errors/AppError.ts'
import { type DomainSettings, maxUserSettingsBytes, type UserSettings } from '#shared/protocol/sapi/user-settings.ts'
import { findUserSettings, writeUserSettings } from '#edge/db/d1/user-settings.ts'
import type { Actor } from '#edge/domain/identity/access.ts'
import type { Change } from './change.ts'
import { directory } from './directory.ts'
import { refuseBroken } from './refuse-broken.ts'
import type { Scope } from './scope.ts'

/** SET-1. Each user's settings are its own, for nobody else to read. */

export async function getSettings(scope: Scope, actor: Actor): Promise<UserSettings> {
  return (await ownSettings(scope, actor)).row?.data ?? {}
}

export async function changeSettings(scope: Scope, actor: Actor, by: Change<UserSettings, UserSettings>): Promise<UserSettings> {
  const { row } = await ownSettings(scope, actor)
  const data = await by.of(row?.data ?? {})
  if (new TextEncoder().encode(JSON.stringify(data)).byteLength > maxUserSettingsBytes)
    throw new AppError('payloadTooLarge', { context: { limit: maxUserSettingsBytes } })
  // Of two that write the first settings, one finds the other's.
  const unique = { reason: 'changedMeanwhile' }
  await refuseBroken(() => writeUserSettings(scope.db, { userId: actor.userId, from: row, data }), { unique })
  return data
}

/** What holds in the actor's domain, as of at most 30 s ago. */
export async function getDomainSettings(scope: Scope, actor: Actor): Promise<DomainSettings> {
  const { logins: _, quotas: __, ...settings } = (await directory(scope.env).policyOf(actor.domainId)).settings
  return settings
}

/** A client that acts for itself has no user, and no settings. */
async function ownSettings(scope: Scope, actor: Actor) {
  const found = await findUserSettings(scope.db, actor.userId)
  if (found === undefined) throw new AppError('notFound')
  return found
}
