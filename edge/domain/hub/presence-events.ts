import type { Happening } from '../webhooks/queued-event.ts'
import type { HubState } from './state.ts'

/**
 * A user's first login and last logout (HOOK-1): its first session opens, its last one is over. A session
 * outlives a short loss of connection, so nothing is told of that. Anonymous users come and go untold.
 */
export function presenceEventOf(before: HubState, after: HubState): { domainId: string; userId: string; happening: Happening } | undefined {
  const online = after.sessions.length > 0
  const owner = online ? after.owner : before.owner
  if (before.sessions.length > 0 === online || owner?.domainId === undefined || owner.role === 'anonymous') return undefined
  const { userId, username, domainId } = owner
  return { domainId, userId, happening: { type: online ? 'user.online' : 'user.offline', data: { userId, username } } }
}
