import type { InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type { LeaveReason, RoomEndReason } from '#shared/protocol/wapi/room.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import type { ChangeBuilder } from './change.ts'
import { candidatesOf, isRightfulOwner, joinedById, joinedOf, liveInvitesOf, presentOfSession, publicationsOf } from './queries.ts'
import { callRecord } from './record.ts'
import { guestDomains, recordFor } from './shared-record.ts'
import type { Joined, User } from './state.ts'
import { participantView } from './views.ts'

/** Steps that several transitions of a room share. Each adds to a change under construction. */

/** How long an ended room answers latecomers before it is forgotten, in milliseconds. */
const memoryOfEndedRoom = 60_000

export interface Entrant {
  readonly user: User
  readonly sessionId: string
  readonly loginId: string
  /** For a new participant; an existing one keeps its own. */
  readonly participantId: string
}

/** Makes the entrant, or the candidate it already is, a joined participant. */
export function admit(change: ChangeBuilder, entrant: Entrant, now: Timestamp): ChangeBuilder {
  const takesOver = change.state.room.ownerUserId !== entrant.user.userId && isRightfulOwner(change.state, entrant.user)
  if (takesOver) change.setRoom({ ownerUserId: entrant.user.userId })
  const { room } = change.state
  const present = presentOfSession(change.state, entrant.sessionId)
  const joined: Joined = {
    state: 'joined',
    participantId: present?.participantId ?? entrant.participantId,
    user: entrant.user,
    sessionId: entrant.sessionId,
    loginId: entrant.loginId,
    mediaEpoch: present?.mediaEpoch ?? room.epoch,
    media: present?.media ?? null,
    joinedAt: now,
    downSince: null,
  }
  change.put(joined).allow(entrant.user.userId, true).event('userJoin', participantView(joined, room))
  if (takesOver) change.event('roomChanged', { locked: room.locked, owner: joined.participantId })
  return change
    .effect({ type: 'enterHub', user: entrant.user, sessionId: entrant.sessionId, enteredAt: now })
    .effect({ type: 'offerAll', participantId: joined.participantId })
}

/** Takes a participant out without asking what follows for the room. */
export function remove(change: ChangeBuilder, who: { participantId: string; reason: LeaveReason }, now: Timestamp): void {
  const participant = joinedById(change.state, who.participantId)
  if (participant === undefined) return
  for (const publication of publicationsOf(change.state, participant.participantId)) {
    // Leaving says it already: no event per publication.
    change.removePublication(publication.publicationId).effect({ type: 'dropPublication', publicationId: publication.publicationId })
  }
  const { participantId, user, sessionId, joinedAt, media } = participant
  change
    // Told first, so that one who is put out hears why.
    .event('userLeft', { participantId, reason: who.reason })
    .put({ state: 'left', participantId, user, sessionId, joinedAt, leftAt: now, reason: who.reason })
    .alarm(`participant:${participantId}`, null)
    .effect({ type: 'leaveHub', user, sessionId })
    .effect({ type: 'disconnect', sessionId, reason: who.reason === 'revoked' ? 'unauthenticated' : who.reason })
  if (media?.hostId) change.effect({ type: 'dropParticipant', hostId: media.hostId, participantId })
  endInvitesFrom(change, participantId, now)
}

export function removeCandidate(change: ChangeBuilder, participantId: string): void {
  const participant = change.state.participants.get(participantId)
  if (participant?.state !== 'candidate') return
  change.removeParticipant(participantId)
  if (participant.media?.hostId) change.effect({ type: 'dropParticipant', hostId: participant.media.hostId, participantId })
}

/** `updateRoomOwnerWhenLeaves`: the one who has been here longest inherits the room. */
export function handOver(change: ChangeBuilder, leaverId: string): void {
  const { room, participants } = change.state
  const leaver = participants.get(leaverId)
  if (!room.settings.rooms.updateRoomOwnerWhenLeaves || leaver === undefined || leaver.user.userId !== room.ownerUserId) return
  const remaining = joinedOf(change.state)
  if (remaining.some((participant) => participant.user.userId === room.ownerUserId)) return
  const heir = remaining.toSorted((a, b) => a.joinedAt - b.joinedAt)[0]
  if (heir === undefined) return
  change.setRoom({ ownerUserId: heir.user.userId }).event('roomChanged', { locked: room.locked, owner: heir.participantId })
}

/** A room ends when all have left; a call also when one is left whom nobody is going to join. */
export function endWhenDone(change: ChangeBuilder, now: Timestamp): void {
  const { state } = change
  if (state.room.ended !== null) return
  const joined = joinedOf(state)
  if (joined.length === 0) {
    end(change, 'empty', now)
    return
  }
  if (state.room.kind !== 'call' || joined.length > 1 || liveInvitesOf(state).length > 0) return
  const others = [...state.participants.values()].some((participant) => participant.state === 'left')
  end(change, others ? 'lastParticipant' : 'unanswered', now)
}

export function end(change: ChangeBuilder, reason: RoomEndReason, now: Timestamp): void {
  if (change.state.room.ended !== null) return
  change.setRoom({ ended: { at: now, reason } })
  // Told first, while everybody is still there to hear it.
  change.event('roomDestroyed', { reason })
  for (const invite of liveInvitesOf(change.state)) endInvite(change, { inviteId: invite.inviteId, outcome: 'roomEnded' }, now)
  for (const invite of change.state.invites.values()) {
    for (const candidate of candidatesOf(change.state, invite.inviteId)) removeCandidate(change, candidate.participantId)
  }
  for (const participant of joinedOf(change.state)) remove(change, { participantId: participant.participantId, reason: 'roomEnded' }, now)
  for (const host of change.state.hosts.values()) change.removeHost(host.hostId).effect({ type: 'dropHost', hostId: host.hostId })
  const record = callRecord(change.state, { at: now, reason })
  change.effect({ type: 'record', record })
  for (const domain of guestDomains(change.state))
    change.effect({ type: 'shareRecord', ...domain, record: recordFor(domain.domainId, record) })
  change.alarm('forget', now + memoryOfEndedRoom)
}
export function endInvite(change: ChangeBuilder, request: { inviteId: string; outcome: InviteEndReason }, now: Timestamp): void {
  const invite = change.state.invites.get(request.inviteId)
  if (invite === undefined || invite.state === 'ended') return
  const { inviteId, to } = invite
  const { expiresAt: _, ...base } = invite
  change
    .putInvite({ ...base, state: 'ended', endedAt: now, outcome: request.outcome, acceptedBy: null })
    .alarm(`invite:${inviteId}`, null)
    .event('inviteDeclined', { inviteId, reason: request.outcome })
    .effect({ type: 'endInvite', user: to, inviteId, reason: request.outcome })
  for (const candidate of candidatesOf(change.state, inviteId)) {
    change.effect({ type: 'disconnect', sessionId: candidate.sessionId, reason: 'inviteEnded' })
    removeCandidate(change, candidate.participantId)
  }
}

/** Nobody waits for the answers to what a leaver had asked. */
export function endInvitesFrom(change: ChangeBuilder, participantId: string, now: Timestamp): void {
  for (const invite of liveInvitesOf(change.state)) {
    if (invite.fromParticipantId === participantId) endInvite(change, { inviteId: invite.inviteId, outcome: 'cancelled' }, now)
  }
}
