import { AppError } from '#shared/errors/AppError.ts'
import { toErrorBody } from '#shared/errors/error-body.ts'
import type { RoomKind, roomOperations, RoomSnapshot } from '#shared/protocol/wapi/room.ts'
import type { RequestOf, ResponseOf } from '#shared/protocol/wapi/operation.ts'
import type { RoomEntry } from '#edge/domain/forwarding.ts'
import { domainOfRoom } from '#edge/domain/object-names.ts'
import { createRoom as newRoom, endByOwner, endIfAlone, join as joinRoom, kick, leave, setLocked } from '#edge/domain/room/membership.ts'
import { muteOther } from '#edge/domain/room/publications.ts'
import { presentOfSession } from '#edge/domain/room/queries.ts'
import { roomSnapshot } from '#edge/domain/room/views.ts'
import type { ClientConnection } from '#edge/objects/kit/ClientConnection.ts'
import { placeAndRing } from './invite-handlers.ts'
import { enter, entrantOf, entryOf, joinedOn, type RoomCall, type RoomContext } from './room-context.ts'

type Request<Name extends keyof typeof roomOperations> = RequestOf<(typeof roomOperations)[Name]>
type Response<Name extends keyof typeof roomOperations> = ResponseOf<(typeof roomOperations)[Name]>

/** Whose participants come one by one, each on their own: the first of them makes the room. */
const isConference = (entry: RoomEntry): boolean => /^[cm]:/.test(entry.room)

/**
 * Whether this comer needs no invite: a whole domain may enter a conference by its number (CONF-2), and a
 * meeting whoever the Worker let through (MEET-1). A ticket to a meeting lets back in who has been in.
 */
const isOpenTo = (entry: RoomEntry): boolean => entry.room.startsWith('c:') || entry.meeting !== undefined

/** A connection may have waited since the Worker looked at the time. @throws AppError `meetingEnded` */
function checkTime({ meeting }: RoomEntry, now: number): void {
  if (meeting !== undefined && now >= meeting.validUntil)
    throw new AppError('meetingEnded', { context: { validUntil: meeting.validUntil } })
}

/** Creates, or for a repeated request finds, the room, and joins it. Invites are placed afterwards, since they take longer. */
export async function createAndEnter(context: RoomContext, call: RoomCall<Request<'createRoom'>>): Promise<Response<'createRoom'>['join']> {
  const { connection, body } = call
  const entry = entryOf(connection)
  const { current } = context.store
  if (current !== null && current.room.ended === null) {
    const present = presentOfSession(current, body.sessionId)
    if (present?.state !== 'joined' || present.user.userId !== connection.identity.userId) throw new AppError('roomExists')
  } else {
    const kind = isConference(entry) ? 'conference' : body.kind
    await begin(context, connection, { ...body, kind })
  }
  return enter(context, connection, { sessionId: body.sessionId })
}

/** The result per invite, in the order of the request. */
export async function placeInvites(
  context: RoomContext,
  call: RoomCall<Request<'createRoom'>>,
): Promise<Response<'createRoom'>['invites']> {
  const by = joinedOn(context, call.connection)
  const placed = await Promise.allSettled(
    call.body.invites.map((invite) => placeAndRing(context, { ...invite, by, role: call.connection.identity.role })),
  )
  const { current } = context.store
  const nobody = placed.length > 0 && placed.every((outcome) => outcome.status === 'rejected')
  if (nobody && current !== null && current.room.ended === null) context.store.apply(endIfAlone(current, context.store.clock.now()))
  return placed.map((outcome) => {
    if (outcome.status === 'fulfilled') return { invite: outcome.value }
    const error = AppError.from(outcome.reason)
    if (error.status >= 500) context.logger.error('invite.fault', { error: outcome.reason })
    return { error: toErrorBody(error) }
  })
}

async function begin(
  context: RoomContext,
  connection: ClientConnection,
  options: { sessionId: string; kind: RoomKind; videoCodec?: Request<'createRoom'>['videoCodec'] },
): Promise<void> {
  const entry = entryOf(connection)
  // A ticket leads to a room that exists; whoever it leads nowhere may not make one there.
  if (entry.via !== 'own') throw new AppError('roomNotFound')
  checkTime(entry, context.store.clock.now())
  const { room, roomId, jurisdiction, settings } = entry
  const creator = entrantOf(context, connection, options.sessionId)
  const now = context.store.clock.now()
  const address = { room, ...(jurisdiction === undefined ? {} : { jurisdiction }) }
  const entered = await context.hubOf(creator.user).enterRoom({
    call: { roomId, sessionId: options.sessionId, ticket: await context.signTicket(creator.user, address), enteredAt: now },
    room: address,
    unlessInACall: settings.rooms.notInACall,
    onlyOneDeviceWithInvitations: settings.invites.onlyOneDeviceWithInvitations,
  })
  if (entered === 'inACall') throw new AppError('inACall')
  // Somebody else may have created it during the question.
  if (context.store.current !== null && context.store.current.room.ended === null) {
    context.store.applyOrRefuse(joinRoom(context.store.current, creator, { open: isOpenTo(entry) }, now))
    return
  }
  context.store.begin(
    newRoom(
      {
        room,
        roomId,
        domainId: domainOfRoom(room),
        ...(jurisdiction === undefined ? {} : { jurisdiction }),
        callId: context.newId(),
        kind: options.kind,
        videoCodec: options.videoCodec ?? settings.rooms.videoCodec,
        settings,
        ...(entry.meeting === undefined ? {} : { rightfulOwnerUserId: entry.meeting.creatorId }),
        creator,
      },
      now,
    ),
  )
  context.fleet.prepare()
}

export async function join(context: RoomContext, call: RoomCall<Request<'join'>>): Promise<Response<'join'>> {
  const { connection, body } = call
  const entry = entryOf(connection)
  const { current } = context.store
  const open = isOpenTo(entry)
  if (open && (current === null || current.room.ended !== null)) {
    await begin(context, connection, { sessionId: body.sessionId, kind: 'conference' })
    return enter(context, connection, { sessionId: body.sessionId })
  }
  const entrant = entrantOf(context, connection, body.sessionId)
  const wasHere = presentOfSession(context.store.state, body.sessionId)?.state === 'joined'
  if (!wasHere) checkTime(entry, context.store.clock.now())
  context.store.applyOrRefuse(joinRoom(context.store.state, entrant, { open }, context.store.clock.now()))
  // A newcomer has no earlier state that events could bring up to date.
  const lastSeq = wasHere ? body.lastSeq : undefined
  return enter(context, connection, { sessionId: body.sessionId, ...(lastSeq === undefined ? {} : { lastSeq }) })
}

export async function getRoom(context: RoomContext, call: RoomCall<unknown>): Promise<RoomSnapshot> {
  joinedOn(context, call.connection)
  return roomSnapshot(context.store.open, { seq: context.store.seq })
}

export async function updateRoom(context: RoomContext, call: RoomCall<Request<'updateRoom'>>): Promise<RoomSnapshot> {
  const by = joinedOn(context, call.connection)
  context.store.applyOrRefuse(setLocked(context.store.open, { by, locked: call.body.locked }))
  return roomSnapshot(context.store.open, { seq: context.store.seq })
}

export async function endRoom(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'endRoom'>> {
  const by = joinedOn(context, call.connection)
  context.store.applyOrRefuse(endByOwner(context.store.open, { by }, context.store.clock.now()))
  return {}
}

export async function removeParticipant(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'removeParticipant'>> {
  const by = joinedOn(context, call.connection)
  const now = context.store.clock.now()
  const participantId = call.params['participantId'] ?? ''
  if (participantId === 'me' || participantId === by.participantId) {
    context.store.apply(leave(context.store.open, { participantId: by.participantId, reason: 'left' }, now))
  } else {
    context.store.applyOrRefuse(kick(context.store.open, { by, participantId }, now))
  }
  return {}
}

export async function muteParticipant(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'muteParticipant'>> {
  const by = joinedOn(context, call.connection)
  context.store.applyOrRefuse(muteOther(context.store.open, { by, participantId: call.params['participantId'] ?? '' }))
  return {}
}
