import type { ErrorCode } from '#shared/errors/codes.ts'
import type { VideoCodec } from '#shared/protocol/media.ts'
import type { Settings } from '#shared/protocol/settings.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import type { LeaveReason, RoomKind } from '#shared/protocol/wapi/room.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { ChangeBuilder, type RoomChange } from './change.ts'
import { isFull, isRightfulOwner, joinedById, joinedOf, mayModerate, presentOf, presentOfSession } from './queries.ts'
import type { Joined, RoomRecord, RoomState, User } from './state.ts'
import { admit, end, endWhenDone, type Entrant, handOver, remove, removeCandidate } from './steps.ts'

export function createRoom(
  options: {
    room: string
    roomId: string
    domainId: string
    jurisdiction?: Jurisdiction
    callId: string
    kind: RoomKind
    videoCodec: VideoCodec
    settings: Settings
    rightfulOwnerUserId?: string
    creator: Entrant
  },
  now: Timestamp,
): RoomChange {
  const { creator, ...rest } = options
  const room: RoomRecord = {
    ...rest,
    locked: false,
    ownerUserId: options.settings.rooms.setOwner ? creator.user.userId : null,
    createdAt: now,
    // From the clock, so that it rises also across the lives of a room whose hosts remember the last one.
    epoch: now,
    ended: null,
  }
  const empty = new Map<string, never>()
  const change = new ChangeBuilder({ room, participants: empty, publications: empty, invites: empty, hosts: empty, access: empty })
  change.allow(creator.user.userId, true)
  change.event('roomCreated', { roomId: room.roomId, callId: room.callId })
  admit(change, creator, now)
  return change.build()
}

/** Who may come in without being rung. `open`: the room is a conference that its whole domain may enter. */
export function mayEnter(state: RoomState, user: User, options: { open: boolean }): boolean {
  const access = state.access.get(user.userId)
  if (access !== undefined) return access.allowed
  return options.open && user.domainId === state.room.domainId
}

/** Joins, or comes back: the same session is the same participant. */
export function join(state: RoomState, entrant: Entrant, options: { open: boolean }, now: Timestamp): Result<RoomChange, ErrorCode> {
  const present = presentOfSession(state, entrant.sessionId)
  if (present?.state === 'joined') {
    if (present.user.userId !== entrant.user.userId) return err('roomNotFound')
    return ok(comeBack(state, present))
  }
  if (!mayEnter(state, entrant.user, options)) return err('roomNotFound')
  if (state.room.ended !== null) return err('roomEnded')
  const owns = entrant.user.userId === state.room.ownerUserId || isRightfulOwner(state, entrant.user)
  if (state.room.locked && !owns) return err('roomLocked')
  if (isFull(state)) return err('roomFull')
  return ok(admit(new ChangeBuilder(state), entrant, now).build())
}

function comeBack(state: RoomState, participant: Joined): RoomChange {
  const change = new ChangeBuilder(state)
  if (participant.downSince !== null) {
    change
      .put({ ...participant, downSince: null })
      .alarm(`participant:${participant.participantId}`, null)
      .event('userUp', { participantId: participant.participantId })
  }
  return change.build()
}

/** The session's socket is gone. A candidate's transports go with it: it makes new ones when it comes back. */
export function connectionLost(state: RoomState, sessionId: string, now: Timestamp): RoomChange {
  const change = new ChangeBuilder(state)
  const participant = presentOfSession(state, sessionId)
  if (participant === undefined) return change.build()
  if (participant.state === 'candidate') {
    removeCandidate(change, participant.participantId)
    return change.build()
  }
  if (participant.downSince !== null) return change.build()
  const removeAfter = state.room.settings.rooms.removeAfter
  change
    .put({ ...participant, downSince: now })
    .event('userDown', { participantId: participant.participantId })
    .alarm(`participant:${participant.participantId}`, now + removeAfter)
  return change.build()
}

/** `removeAfter` has passed since the socket was lost. */
export function removeAfterPassed(state: RoomState, participantId: string, now: Timestamp): RoomChange {
  const participant = joinedById(state, participantId)
  if (participant === undefined || participant.downSince === null) return { state, effects: [] }
  return leave(state, { participantId, reason: 'connectionLost' }, now)
}

export function leave(state: RoomState, who: { participantId: string; reason: LeaveReason }, now: Timestamp): RoomChange {
  const change = new ChangeBuilder(state)
  remove(change, who, now)
  handOver(change, who.participantId)
  endWhenDone(change, now)
  return change.build()
}

export function kick(state: RoomState, request: { by: Joined; participantId: string }, now: Timestamp): Result<RoomChange, ErrorCode> {
  if (!mayModerate(state, request.by)) return err('notRoomOwner')
  const participant = joinedById(state, request.participantId)
  if (participant === undefined) return err('participantNotFound')
  const change = new ChangeBuilder(state).allow(participant.user.userId, false)
  return ok(leave(change.state, { participantId: participant.participantId, reason: 'kicked' }, now))
}

export function setLocked(state: RoomState, request: { by: Joined; locked: boolean }): Result<RoomChange, ErrorCode> {
  if (!mayModerate(state, request.by)) return err('notRoomOwner')
  const change = new ChangeBuilder(state)
  if (state.room.locked !== request.locked) {
    change.setRoom({ locked: request.locked }).event('roomChanged', { locked: request.locked, owner: ownerParticipant(state) })
  }
  return ok(change.build())
}

export function endByOwner(state: RoomState, request: { by: Joined }, now: Timestamp): Result<RoomChange, ErrorCode> {
  if (!mayModerate(state, request.by)) return err('notRoomOwner')
  const change = new ChangeBuilder(state)
  end(change, 'ended', now)
  return ok(change.build())
}

/** A call whose invites could none be placed ends; everything else goes on. */
export function endIfAlone(state: RoomState, now: Timestamp): RoomChange {
  const change = new ChangeBuilder(state)
  endWhenDone(change, now)
  return change.build()
}

/**
 * A user's login, or all of its logins (`loginId` null), lost its right to be here; or one session of them was
 * ended, and leaves: its login is good, and its device must not come back with it.
 */
export function revoke(
  state: RoomState,
  whose: { userId: string; loginId: string | null; sessionId?: string | undefined },
  now: Timestamp,
): RoomChange {
  const change = new ChangeBuilder(state)
  const isEnded = whose.sessionId !== undefined
  for (const participant of presentOf(state)) {
    if (participant.user.userId !== whose.userId) continue
    if (whose.loginId !== null && participant.loginId !== whose.loginId) continue
    if (whose.sessionId !== undefined && participant.sessionId !== whose.sessionId) continue
    if (participant.state === 'candidate') {
      change.effect({ type: 'disconnect', sessionId: participant.sessionId, reason: isEnded ? 'left' : 'unauthenticated' })
      removeCandidate(change, participant.participantId)
    } else {
      remove(change, { participantId: participant.participantId, reason: isEnded ? 'left' : 'revoked' }, now)
      handOver(change, participant.participantId)
    }
  }
  endWhenDone(change, now)
  return change.build()
}

function ownerParticipant(state: RoomState): string | null {
  return joinedOf(state).find((participant) => participant.user.userId === state.room.ownerUserId)?.participantId ?? null
}
