import type { Caller } from '#shared/protocol/wapi/hub.ts'
import type { InviteView, ParticipantView, PublicationView, RoomSnapshot } from '#shared/protocol/wapi/room.ts'
import { joinedOf } from './queries.ts'
import type { Joined, LiveInvite, Publication, RoomRecord, RoomState, User } from './state.ts'

/** What participants may see of the room's records. User ids stay inside. */

export function callerView(user: User): Caller {
  return { username: user.username, ...(user.displayName === undefined ? {} : { displayName: user.displayName }) }
}

export function participantView(participant: Joined, room: RoomRecord): ParticipantView {
  return {
    participantId: participant.participantId,
    ...callerView(participant.user),
    owner: participant.user.userId === room.ownerUserId,
    connected: participant.downSince === null,
    joinedAt: participant.joinedAt,
  }
}

export function publicationView({ publicationId, participantId, source, kind, paused }: Publication): PublicationView {
  return { publicationId, participantId, source, kind, paused }
}

export function inviteView(invite: LiveInvite): InviteView {
  return {
    inviteId: invite.inviteId,
    from: { participantId: invite.fromParticipantId, ...callerView(invite.from) },
    to: callerView(invite.to),
    media: invite.media,
    createdAt: invite.createdAt,
    expiresAt: invite.expiresAt,
  }
}

export function roomSnapshot(state: RoomState, options: { seq: number }): RoomSnapshot {
  const { room } = state
  return {
    roomId: room.roomId,
    callId: room.callId,
    kind: room.kind,
    locked: room.locked,
    participantsLimit: room.settings.rooms.participantsLimit,
    videoCodec: room.videoCodec,
    createdAt: room.createdAt,
    seq: options.seq,
    participants: joinedOf(state).map((participant) => participantView(participant, room)),
    publications: [...state.publications.values()].filter((publication) => publication.announced).map(publicationView),
    invites: [...state.invites.values()].filter((invite) => invite.state === 'ringing').map(inviteView),
  }
}
