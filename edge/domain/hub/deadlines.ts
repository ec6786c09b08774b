import type { Timestamp } from '#shared/time/clock.ts'
import { Change } from './Change.ts'
import { giveUpUnreachable, reachableUntil } from './invites.ts'
import { type HubState, type HubTiming, inviteGrace, type Ringing, type Session } from './state.ts'

/** When the passing of time next changes something; null: never. */
export function nextDeadline(state: HubState, timing: HubTiming): Timestamp | null {
  const deadlines = [
    ...state.sessions.map((session) => endOfSession(state, session, timing)),
    ...state.ringing.flatMap((ringing) => [endOfInvite(ringing), reachableUntil(state, ringing)]),
    ...state.calls.map((call) => call.reservedUntil),
  ]
  const due = deadlines.filter((at) => at !== null)
  return due.length === 0 ? null : Math.min(...due)
}

/** What time alone has changed by `now`. Doing it again, or late, comes to the same. */
export function expire(state: HubState, now: Timestamp, timing: HubTiming): Change {
  const change = new Change(state)
  for (const { call, reservedUntil } of state.calls) {
    if (reservedUntil !== null && reservedUntil <= now) change.removeCall(call)
  }
  for (const session of change.state.sessions) {
    if (isPast(endOfSession(change.state, session, timing), now)) change.removeSession(session.sessionId)
  }
  for (const ringing of change.state.ringing) {
    if (isPast(endOfInvite(ringing), now)) change.endInvite(ringing, { reason: 'timeout', answer: null })
  }
  return giveUpUnreachable(change, now)
}

/** A session in a call lives as long as the room keeps the call. */
function endOfSession(state: HubState, session: Session, timing: HubTiming): Timestamp | null {
  if (session.state === 'online') return null
  if (state.calls.some(({ call }) => call.sessionId === session.sessionId)) return null
  return session.lostAt + timing.sessionTtl
}

/** The room ends its invites; this is for a room that was lost with them. */
const endOfInvite = ({ invite }: Ringing): Timestamp | null => (invite.expiresAt === null ? null : invite.expiresAt + inviteGrace)

const isPast = (at: Timestamp | null, now: Timestamp): boolean => at !== null && at <= now
