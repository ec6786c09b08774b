import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { RoomEndReason } from '#shared/protocol/wapi/room.ts'
import type { Invite, Left, Participant, RoomState } from './state.ts'

const hasLeft = (participant: Participant): participant is Left => participant.state === 'left'

const hasEnded = (invite: Invite): invite is Extract<Invite, { state: 'ended' }> => invite.state === 'ended'

/** The call record of a room that everybody has left and no invite rings in any more. */
export function callRecord(state: RoomState, end: { at: number; reason: RoomEndReason }): CallRecord {
  const { room } = state
  return {
    callId: room.callId,
    roomId: room.roomId,
    domainId: room.domainId,
    kind: room.kind,
    createdAt: room.createdAt,
    endedAt: end.at,
    endReason: end.reason,
    participants: [...state.participants.values()].filter(hasLeft).map(({ participantId, user, joinedAt, leftAt, reason }) => ({
      participantId,
      userId: user.userId,
      domainId: user.domainId,
      username: user.username,
      joinedAt,
      leftAt,
      reason,
    })),
    invites: [...state.invites.values()].filter(hasEnded).map(({ inviteId, fromParticipantId, to, createdAt, endedAt, outcome }) => ({
      inviteId,
      from: fromParticipantId,
      to: { userId: to.userId, domainId: to.domainId, username: to.username },
      createdAt,
      endedAt,
      outcome,
    })),
  }
}
