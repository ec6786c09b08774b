import { AppError } from '#shared/errors/AppError.ts'
import { isMeetingKey } from '#shared/protocol/meeting-address.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import type { RoomEntry } from '#edge/domain/forwarding.ts'
import type { Identity } from '#edge/domain/identity.ts'
import { isIdOfRoom, nameOfRoom, parseRoomId } from '#edge/domain/room-ids.ts'
import type { DomainPolicy } from '#edge/domain/ports.ts'
import type { Env } from '#edge/env.ts'
import { directory } from './directory.ts'
import { enterMeeting } from './meetings/enter-meeting.ts'

export interface RoomQuestion {
  readonly roomId: string
  /** A room ticket, where the client holds one; or for a meeting, the key of its link. */
  readonly ticket?: string | undefined
  /** Whether the caller has come in already, and only says something. */
  readonly connected?: boolean
  readonly identity: Identity
  /** Of the identity's domain. */
  readonly policy: DomainPolicy
}

/**
 * The room's object that an id means for this caller: the one of a ticket that is the caller's own, else
 * one of the caller's domain.
 * @throws AppError `roomNotFound`, for whatever reason: what exists elsewhere is not told. Who may know of a meeting
 * is told `meetingNotStarted`, `meetingEnded`, or `serviceNotEnabled`.
 */
export async function roomEntry(env: Env, question: RoomQuestion): Promise<RoomEntry> {
  const { ticket } = question
  return ticket === undefined || isMeetingKey(ticket) ? ownRoom(env, question) : roomOfTicket(env, { ...question, ticket })
}

async function roomOfTicket(env: Env, { roomId, ticket, identity, policy }: RoomQuestion & { ticket: string }): Promise<RoomEntry> {
  const claims = await readTicket(env, ticket)
  if (claims.sub !== identity.userId || !isIdOfRoom(roomId, claims.room)) throw new AppError('roomNotFound')
  const { room, jurisdiction } = claims
  return { room, roomId, ...(jurisdiction === undefined ? {} : { jurisdiction }), settings: policy.settings, via: 'ticket' }
}

async function readTicket(env: Env, ticket: string) {
  try {
    return await tokenService(env).verifyRoomTicket(ticket)
  } catch (thrown) {
    const error = AppError.from(thrown)
    // Only the access token speaks of who the caller is; a bad ticket opens nothing, and that is all.
    throw error.status === 401 ? new AppError('roomNotFound', { cause: thrown }) : error
  }
}

async function ownRoom(env: Env, { roomId, ticket: key, connected = false, identity, policy }: RoomQuestion): Promise<RoomEntry> {
  const id = parseRoomId(roomId, policy.settings.conferences)
  if (id === undefined || (key !== undefined && id.kind !== 'meeting')) throw new AppError('roomNotFound')
  const { domainId } = identity
  const isUser = id.kind === 'uuid' && policy.settings.rooms.userIdAsRoomId && (await isUserOf(env, { userId: id.uuid, domainId }))
  const { jurisdiction, settings } = policy
  return {
    room: nameOfRoom(id, { domainId, isUser }),
    roomId,
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
    settings,
    via: 'own',
    // Those inside may finish, whatever has become of the meeting.
    ...(id.kind === 'meeting' && !connected
      ? { meeting: await enterMeeting(env, { meetingId: id.meetingId, key, identity, policy }) }
      : {}),
  }
}

async function isUserOf(env: Env, { userId, domainId }: { userId: string; domainId: string }): Promise<boolean> {
  const user = await directory(env).findUser(`wac-user:${userId}`, { domainId })
  return user?.domainId === domainId
}
