import type { Source } from '#shared/protocol/media.ts'
import type { Candidate, Invite, Joined, LiveInvite, Participant, Present, Publication, RoomState, User } from './state.ts'

export const isJoined = (participant: Participant): participant is Joined => participant.state === 'joined'

export const isPresent = (participant: Participant): participant is Present => participant.state !== 'left'

export const isLiveInvite = (invite: Invite): invite is LiveInvite => invite.state !== 'ended'

export const joinedOf = (state: RoomState): Joined[] => [...state.participants.values()].filter(isJoined)

export const presentOf = (state: RoomState): Present[] => [...state.participants.values()].filter(isPresent)

export const liveInvitesOf = (state: RoomState): LiveInvite[] => [...state.invites.values()].filter(isLiveInvite)

export function presentOfSession(state: RoomState, sessionId: string): Present | undefined {
  return presentOf(state).find((participant) => participant.sessionId === sessionId)
}

export function presentById(state: RoomState, participantId: string): Present | undefined {
  const participant = state.participants.get(participantId)
  return participant !== undefined && isPresent(participant) ? participant : undefined
}

export function joinedById(state: RoomState, participantId: string): Joined | undefined {
  const participant = state.participants.get(participantId)
  return participant !== undefined && isJoined(participant) ? participant : undefined
}

export function candidatesOf(state: RoomState, inviteId: string): Candidate[] {
  return [...state.participants.values()].filter(
    (participant): participant is Candidate => participant.state === 'candidate' && participant.inviteId === inviteId,
  )
}

export function publicationsOf(state: RoomState, participantId: string): Publication[] {
  return [...state.publications.values()].filter((publication) => publication.participantId === participantId)
}

export function publicationOf(state: RoomState, participantId: string, source: Source): Publication | undefined {
  return publicationsOf(state, participantId).find((publication) => publication.source === source)
}

/** A publication flows only while its publisher's transports are of the generation that carries it. */
export function isLivePublication(state: RoomState, publication: Publication): boolean {
  return publication.announced && joinedById(state, publication.participantId)?.mediaEpoch === publication.mediaEpoch
}

/** Publications of others that are flowing. */
export function receivableBy(state: RoomState, participantId: string): Publication[] {
  return [...state.publications.values()].filter(
    (publication) => publication.participantId !== participantId && isLivePublication(state, publication),
  )
}

/** Where the domain's rooms have no owner, everybody may. */
export function mayModerate(state: RoomState, participant: Joined): boolean {
  return state.room.ownerUserId === null ? !state.room.settings.rooms.setOwner : state.room.ownerUserId === participant.user.userId
}

/** Whether the room falls to this user who comes in. */
export const isRightfulOwner = ({ room }: RoomState, user: User): boolean =>
  room.settings.rooms.setOwner && room.rightfulOwnerUserId === user.userId

export const isFull = (state: RoomState): boolean => joinedOf(state).length >= state.room.settings.rooms.participantsLimit
