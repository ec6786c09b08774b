import { AppError } from '#shared/errors/AppError.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { JoinResult } from '#shared/protocol/wapi/room.ts'
import { type RoomEntry, roomEntrySchema } from '#edge/domain/forwarding.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { DirectoryPort, RoomAddress, UserHubPort } from '#edge/domain/ports.ts'
import { joinedById, presentOfSession } from '#edge/domain/room/queries.ts'
import type { Joined, Present, RoomState, User } from '#edge/domain/room/state.ts'
import type { Entrant } from '#edge/domain/room/steps.ts'
import { roomSnapshot } from '#edge/domain/room/views.ts'
import type { AnswerLog } from '#edge/objects/kit/AnswerLog.ts'
import type { ClientConnection } from '#edge/objects/kit/ClientConnection.ts'
import type { EventLog } from '#edge/objects/kit/EventLog.ts'
import type { HostFleet } from './HostFleet.ts'
import type { MediaConductor } from './MediaConductor.ts'
import type { RoomStore } from './RoomStore.ts'

/** What the handlers of requests work with. */
export interface RoomContext {
  readonly store: RoomStore
  readonly events: EventLog
  readonly answers: AnswerLog
  readonly conductor: MediaConductor
  readonly fleet: HostFleet
  readonly directory: DirectoryPort
  readonly logger: Logger
  hubOf(user: User): UserHubPort
  signTicket(user: User, room: RoomAddress): Promise<string>
  newId(): string
}

/** A request whose shape and resource have been checked. */
export interface RoomCall<Body> {
  readonly connection: ClientConnection
  readonly params: Readonly<Record<string, string>>
  readonly body: Body
}

export function entryOf(connection: ClientConnection): RoomEntry {
  return roomEntrySchema.parse(connection.data['entry'])
}

export function userOf(identity: Identity): User {
  const { userId, domainId, username, displayName, jurisdiction } = identity
  return {
    userId,
    domainId,
    username,
    ...(displayName === undefined ? {} : { displayName }),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
  }
}

/**
 * Who comes in on this connection. A session id that another user has in this room is somebody else's.
 * @throws AppError `roomNotFound`
 */
export function entrantOf(context: RoomContext, connection: ClientConnection, sessionId: string): Entrant {
  const { identity } = connection
  const { current } = context.store
  const present = current === null ? undefined : presentOfSession(current, sessionId)
  if (present !== undefined && present.user.userId !== identity.userId) throw new AppError('roomNotFound')
  return { user: userOf(identity), sessionId, loginId: identity.loginId, participantId: context.newId() }
}

/** The participant or candidate of this connection. @throws AppError `sessionRequired`, `notParticipant` */
export function presentOn(context: RoomContext, connection: ClientConnection): Present {
  if (connection.sessionId === null) throw new AppError('sessionRequired')
  const present = presentOfSession(context.store.open, connection.sessionId)
  if (present === undefined) throw new AppError('notParticipant')
  return present
}

/** @throws AppError `sessionRequired`, `notParticipant` */
export function joinedOn(context: RoomContext, connection: ClientConnection): Joined {
  const present = presentOn(context, connection)
  const joined = joinedById(context.store.open, present.participantId)
  if (joined === undefined) throw new AppError('notParticipant')
  return joined
}

export const addressOf = (state: RoomState): RoomAddress => ({
  room: state.room.room,
  ...(state.room.jurisdiction === undefined ? {} : { jurisdiction: state.room.jurisdiction }),
})

/**
 * Binds the connection to its session and tells the client where it stands. Where the client still has
 * what came before, the events it missed are sent ahead of this answer.
 */
export async function enter(
  context: RoomContext,
  connection: ClientConnection,
  options: { sessionId: string; lastSeq?: number },
): Promise<JoinResult> {
  const { sessionId, lastSeq } = options
  const joined = presentOfSession(context.store.open, sessionId)
  if (joined?.state !== 'joined') throw new AppError('notParticipant')
  connection.bind({ sessionId, data: connection.data })
  const missed = lastSeq === undefined ? undefined : context.events.since(lastSeq)
  for (const event of missed ?? []) connection.send(event)
  const snapshot = roomSnapshot(context.store.open, { seq: context.store.seq })
  const { participantId, mediaEpoch } = joined
  const ticket = await context.signTicket(joined.user, addressOf(context.store.open))
  return { participantId, resumed: missed !== undefined, snapshot, mediaEpoch, ticket }
}
