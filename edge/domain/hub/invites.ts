import type { IncomingInvite, InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type { Settings } from '#shared/protocol/settings.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import type { RingOutcome, RoomAddress } from '../ports.ts'
import { isInAnotherCall } from './calls.ts'
import { Change } from './Change.ts'
import type { HubState, Ringing, Session } from './state.ts'

/** Rings all sessions. The same invite again is still ringing; one that has ended does not ring any more. */
export function ring(
  state: HubState,
  request: { invite: IncomingInvite; room: RoomAddress; settings: Settings['invites'] },
  now: Timestamp,
): { outcome: RingOutcome; change: Change } {
  const { invite, room, settings } = request
  const change = new Change(state)
  if (findRinging(state, invite.inviteId) !== undefined) return { outcome: 'ringing', change }
  const ringing: Ringing = { invite, room, removeAfter: settings.removeAfter }
  if (state.endedInvites.includes(invite.inviteId) || !isReachable(state, ringing, now)) return { outcome: 'offline', change }
  if (isInAnotherCall(state, room.room) && !settings.allowInvitesWhileInCall) return { outcome: 'busy', change }
  change.set({ ringing: [...state.ringing, ringing] }).tell('inviteReceived', invite)
  return { outcome: 'ringing', change }
}

/** The room's word that an invite is over. */
export function endInvite(
  state: HubState,
  request: { inviteId: string; reason: InviteEndReason; exceptSessionId?: string | undefined },
): Change {
  const { inviteId, reason, exceptSessionId } = request
  const change = new Change(state)
  const ringing = findRinging(state, inviteId)
  // The ring of an invite that was cancelled at once may still be on its way.
  if (ringing === undefined) return change.bury(inviteId)
  return change.endInvite(ringing, { reason, answer: null, exceptSessionId })
}

/** A device's word, for all devices of the user. */
export function declineInvite(state: HubState, inviteId: string): Result<Change, 'inviteNotFound'> {
  const ringing = findRinging(state, inviteId)
  if (ringing === undefined) return err('inviteNotFound')
  return ok(new Change(state).endInvite(ringing, { reason: 'declined', answer: 'declined' }))
}

/** Gives up invites that no device is left for. */
export function giveUpUnreachable(change: Change, now: Timestamp): Change {
  for (const ringing of change.state.ringing) {
    if (!isReachable(change.state, ringing, now)) change.endInvite(ringing, { reason: 'offline', answer: 'offline' })
  }
  return change
}

/** Until when the devices of the user count as rung; null while one of them is online. */
export function reachableUntil(state: HubState, ringing: Ringing): Timestamp | null {
  let until = 0
  for (const session of state.sessions) {
    if (session.state === 'online') return null
    until = Math.max(until, session.lostAt + ringing.removeAfter)
  }
  return until
}

const isReachable = (state: HubState, ringing: Ringing, now: Timestamp): boolean =>
  state.sessions.some((session) => countsAsRung(session, ringing, now))

const countsAsRung = (session: Session, ringing: Ringing, now: Timestamp): boolean =>
  session.state === 'online' || session.lostAt + ringing.removeAfter > now

const findRinging = (state: HubState, inviteId: string): Ringing | undefined =>
  state.ringing.find(({ invite }) => invite.inviteId === inviteId)
