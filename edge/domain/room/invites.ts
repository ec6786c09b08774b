import type { ErrorCode } from '#shared/errors/codes.ts'
import type { InviteEndReason, OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { ChangeBuilder, type RoomChange } from './change.ts'
import { candidatesOf, isFull, joinedOf, liveInvitesOf, mayModerate, presentOfSession } from './queries.ts'
import type { Joined, RoomState, User } from './state.ts'
import { admit, endInvite, endWhenDone, type Entrant, removeCandidate } from './steps.ts'
import { inviteView } from './views.ts'

/** INV-1, INV-2. The room's single thread decides who accepted first. */

/** Notes the invite before the callee's hub is asked, so that an answer can never come too early. */
export function placeInvite(
  state: RoomState,
  request: { inviteId: string; by: Joined; to: User; media: OfferedMedia },
  now: Timestamp,
): Result<RoomChange, ErrorCode> {
  if (state.room.ended !== null) return err('roomEnded')
  if (state.room.locked && !mayModerate(state, request.by)) return err('roomLocked')
  if (joinedOf(state).some((participant) => participant.user.userId === request.to.userId)) return err('alreadyParticipant')
  if (liveInvitesOf(state).some((invite) => invite.to.userId === request.to.userId)) return err('alreadyInvited')
  if (isFull(state)) return err('roomFull')
  const watchdog = state.room.settings.invites.watchdog
  const expiresAt = watchdog === null ? null : now + watchdog
  const change = new ChangeBuilder(state).putInvite({
    state: 'placing',
    inviteId: request.inviteId,
    fromParticipantId: request.by.participantId,
    from: request.by.user,
    to: request.to,
    media: request.media,
    createdAt: now,
    expiresAt,
  })
  if (expiresAt !== null) change.alarm(`invite:${request.inviteId}`, expiresAt)
  return ok(change.build())
}

/** The callee's hub rings. Someone may have accepted, declined or cancelled meanwhile. */
export function inviteRings(state: RoomState, inviteId: string): RoomChange {
  const invite = state.invites.get(inviteId)
  if (invite?.state !== 'placing') return { state, effects: [] }
  const ringing = { ...invite, state: 'ringing' as const }
  return new ChangeBuilder(state).putInvite(ringing).event('inviteCreated', inviteView(ringing)).build()
}

/** The callee's hub does not ring: the inviter is told by the answer to its request, the others nothing. */
export function inviteNotPlaced(state: RoomState, inviteId: string): RoomChange {
  if (state.invites.get(inviteId)?.state !== 'placing') return { state, effects: [] }
  return new ChangeBuilder(state).removeInvite(inviteId).alarm(`invite:${inviteId}`, null).build()
}

/** A rung device connects its room socket and may negotiate media. */
export function prepare(state: RoomState, inviteId: string, entrant: Entrant): Result<RoomChange, ErrorCode> {
  const invite = state.invites.get(inviteId)
  if (invite === undefined || invite.to.userId !== entrant.user.userId) return err('inviteNotFound')
  if (invite.state === 'ended') return err(endedCode(invite.outcome))
  const present = presentOfSession(state, entrant.sessionId)
  if (present?.state === 'joined') return err('alreadyParticipant')
  const change = new ChangeBuilder(state)
  change.put({
    state: 'candidate',
    participantId: present?.participantId ?? entrant.participantId,
    user: entrant.user,
    sessionId: entrant.sessionId,
    loginId: entrant.loginId,
    mediaEpoch: present?.mediaEpoch ?? state.room.epoch,
    media: present?.media ?? null,
    inviteId,
  })
  return ok(change.build())
}

/** First accept wins; the same session again is told that it has won. */
export function accept(state: RoomState, inviteId: string, entrant: Entrant, now: Timestamp): Result<RoomChange, ErrorCode> {
  const invite = state.invites.get(inviteId)
  if (invite === undefined || invite.to.userId !== entrant.user.userId) return err('inviteNotFound')
  if (invite.state === 'ended') {
    const mine = invite.outcome === 'accepted' && invite.acceptedBy === entrant.sessionId
    return mine && presentOfSession(state, entrant.sessionId)?.state === 'joined'
      ? ok({ state, effects: [] })
      : err(endedCode(invite.outcome))
  }
  if (isFull(state)) return err('roomFull')
  const change = new ChangeBuilder(state)
  if (invite.state === 'placing') change.event('inviteCreated', inviteView(invite))
  admit(change, entrant, now)
  const participantId = presentOfSession(change.state, entrant.sessionId)?.participantId ?? entrant.participantId
  const { expiresAt: _, ...base } = invite
  change
    .putInvite({ ...base, state: 'ended', endedAt: now, outcome: 'accepted', acceptedBy: entrant.sessionId })
    .alarm(`invite:${inviteId}`, null)
    .event('inviteCompleted', { inviteId, participantId })
    .effect({ type: 'endInvite', user: invite.to, inviteId, reason: 'acceptedElsewhere', exceptSessionId: entrant.sessionId })
  for (const candidate of candidatesOf(change.state, inviteId)) {
    change.effect({ type: 'disconnect', sessionId: candidate.sessionId, reason: 'inviteEnded' })
    removeCandidate(change, candidate.participantId)
  }
  return ok(change.build())
}

/** The callee says no on one device: it counts for all of them. */
export function decline(state: RoomState, inviteId: string, user: User, now: Timestamp): Result<RoomChange, ErrorCode> {
  const invite = state.invites.get(inviteId)
  if (invite === undefined || invite.to.userId !== user.userId) return err('inviteNotFound')
  if (invite.state === 'ended') return err(endedCode(invite.outcome))
  return ok(conclude(state, inviteId, 'declined', now))
}

/** Its inviter or the owner takes it back. */
export function cancel(state: RoomState, inviteId: string, by: Joined, now: Timestamp): Result<RoomChange, ErrorCode> {
  const invite = state.invites.get(inviteId)
  if (invite === undefined) return err('inviteNotFound')
  if (invite.fromParticipantId !== by.participantId && !mayModerate(state, by)) return err('notRoomOwner')
  if (invite.state === 'ended') return err(endedCode(invite.outcome))
  return ok(conclude(state, inviteId, 'cancelled', now))
}

/** Watchdog (INV-2), or the hub's word that no device rings any more. Too late is no harm. */
export function conclude(state: RoomState, inviteId: string, outcome: InviteEndReason, now: Timestamp): RoomChange {
  const change = new ChangeBuilder(state)
  endInvite(change, { inviteId, outcome }, now)
  endWhenDone(change, now)
  return change.build()
}

const endedCode = (outcome: InviteEndReason): ErrorCode => (outcome === 'accepted' ? 'inviteAcceptedElsewhere' : 'inviteEnded')
