import type { SessionContext } from '#shared/protocol/wapi/hub.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import type { RoomAddress } from '../ports.ts'
import { Change } from './Change.ts'
import { giveUpUnreachable } from './invites.ts'
import { type HubState, keptTombstones, maxSessions, type Owner, type Session } from './state.ts'

/** A device opens its session, or comes back to it. An unknown id is created as it is, so that a device keeps its identity. */
export function openSession(
  state: HubState,
  request: { sessionId: string; owner: Owner; loginId: string; context: SessionContext },
  now: Timestamp,
): Result<Change, 'rateLimited'> {
  const { sessionId, owner, loginId, context } = request
  const known = findSession(state, sessionId)
  const change = new Change(state).set({ owner })
  if (known === undefined && state.sessions.length >= maxSessions) {
    const longestGone = state.sessions.filter((session) => session.state === 'offline').toSorted((a, b) => a.lostAt - b.lostAt)[0]
    if (longestGone === undefined) return err('rateLimited')
    change.removeSession(longestGone.sessionId)
  }
  const openedAt = known?.openedAt ?? now
  return ok(change.putSession({ state: 'online', sessionId, loginId, context, openedAt }))
}

export function updateContext(state: HubState, sessionId: string, context: SessionContext): Change {
  const session = findSession(state, sessionId)
  const change = new Change(state)
  return session === undefined ? change : change.putSession({ ...session, context })
}

/** Its socket is gone; the session waits for it to come back. */
export function sessionLost(state: HubState, sessionId: string, now: Timestamp): Change {
  const session = findSession(state, sessionId)
  const change = new Change(state)
  if (session?.state !== 'online') return change
  const { loginId, context, openedAt } = session
  change.putSession({ state: 'offline', sessionId, loginId, context, openedAt, lostAt: now })
  return giveUpUnreachable(change, now)
}

/** The device says goodbye. Its calls are its own to leave; what it leaves open, the rooms end. */
export function closeSession(state: HubState, sessionId: string, now: Timestamp): Change {
  return giveUpUnreachable(new Change(state).removeSession(sessionId), now)
}

/** A login, or with null each, has lost its right to be here and in every room that this hub knows of. */
export function revoke(state: HubState, loginId: string | null, now: Timestamp): Change {
  const change = new Change(state)
  const revoked = state.sessions.filter((session) => loginId === null || session.loginId === loginId)
  const logins = loginId === null ? revoked.map((session) => session.loginId) : [loginId]
  change.set({ revokedLogins: [...new Set([...state.revokedLogins, ...logins])].slice(-keptTombstones) })
  for (const { sessionId } of revoked) change.removeSession(sessionId)
  for (const room of roomsOf(state)) change.revokeInRoom(room, { loginId })
  return giveUpUnreachable(change, now)
}

/** One session is ended from elsewhere, here and in every room that this hub knows of; its login goes on. */
export function endSession(state: HubState, sessionId: string, now: Timestamp): Change {
  const change = new Change(state)
  if (findSession(state, sessionId) === undefined) return change
  for (const room of roomsOf(state)) change.revokeInRoom(room, { loginId: null, sessionId })
  return giveUpUnreachable(change.removeSession(sessionId), now)
}

const roomsOf = (state: HubState): RoomAddress[] => [
  ...new Map([...state.calls, ...state.ringing].map(({ room }) => [room.room, room])).values(),
]

export const isRevoked = (state: HubState, loginId: string): boolean => state.revokedLogins.includes(loginId)

export const findSession = (state: HubState, sessionId: string): Session | undefined =>
  state.sessions.find((session) => session.sessionId === sessionId)

/** Whether nothing here is worth keeping: anonymous users do not come back, and some never came. */
export const isForgettable = ({ owner, sessions, ringing, calls }: HubState): boolean =>
  (owner === null || owner.role === 'anonymous') && sessions.length + ringing.length + calls.length === 0
