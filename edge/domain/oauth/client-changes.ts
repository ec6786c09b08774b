import type { ClientData } from '#shared/protocol/sapi/clients.ts'
import { hasRole } from '../identity/access.ts'

type Powers = Pick<ClientData, 'role' | 'scopes' | 'grantTypes'>

/** Whether a client loses something by being registered anew, so that the tokens it has say too much. */
export const isReduced = (before: Powers, after: Powers): boolean =>
  !hasRole(after, before.role) ||
  (after.scopes !== undefined && (before.scopes === undefined || !isSubset(before.scopes, after.scopes))) ||
  !isSubset(before.grantTypes, after.grantTypes)

/** What a client may still be given of what it was granted once. Without `scopes`, it is registered for any. */
export const stillGranted = (granted: readonly string[], { scopes, grantTypes }: Pick<ClientData, 'scopes' | 'grantTypes'>): string[] =>
  granted.filter(
    (name) => (scopes?.some((scope) => scope === name) ?? true) && (name !== 'offline_access' || grantTypes.includes('refresh_token')),
  )

const isSubset = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one))
