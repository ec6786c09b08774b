import { AppError } from '#shared/errors/AppError.ts'
import type { OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import type { RequestOf, ResponseOf } from '#shared/protocol/wapi/operation.ts'
import type { InviteView, roomOperations } from '#shared/protocol/wapi/room.ts'
import type { UserAddress } from '#edge/domain/ports.ts'
import {
  accept,
  cancel,
  decline,
  inviteNotPlaced,
  inviteRings,
  placeInvite,
  prepare as prepareCandidate,
} from '#edge/domain/room/invites.ts'
import { presentOfSession } from '#edge/domain/room/queries.ts'
import type { Joined, LiveInvite } from '#edge/domain/room/state.ts'
import { callerView, inviteView } from '#edge/domain/room/views.ts'
import { addressOf, enter, entrantOf, joinedOn, type RoomCall, type RoomContext, userOf } from './room-context.ts'

type Request<Name extends keyof typeof roomOperations> = RequestOf<(typeof roomOperations)[Name]>
type Response<Name extends keyof typeof roomOperations> = ResponseOf<(typeof roomOperations)[Name]>

interface InviteOrder {
  readonly by: Joined
  /** Role of the inviter: anonymous callers are told less. */
  readonly role: Role
  readonly to: string
  readonly media: OfferedMedia
}

/**
 * Finds the callee, notes the invite, rings the callee's devices.
 * @throws AppError `userUnknown`, `userOffline`, `userBusy`, `userUnreachable`, `roomFull`, `roomLocked`, `alreadyInvited`, `alreadyParticipant`
 */
export async function placeAndRing(context: RoomContext, order: InviteOrder): Promise<InviteView> {
  const { by, to, media } = order
  const callee = await context.directory.findUser(to, { domainId: by.user.domainId })
  if (callee === undefined) throw new AppError(isToldMore(order) ? 'userUnknown' : 'userUnreachable')
  // A hub exists only once its user has connected, and ringing must not make one.
  if (!callee.hasHub) throw offline(order, callee)
  const inviteId = context.newId()
  const { hasHub: _, ...user } = callee
  context.store.applyOrRefuse(placeInvite(context.store.open, { inviteId, by, to: user, media }, context.store.clock.now()))
  const invite = context.store.open.invites.get(inviteId)
  if (invite === undefined || invite.state === 'ended') throw new AppError('inviteEnded')
  try {
    const outcome = await ring(context, { invite, callee: user })
    if (outcome === 'offline') throw offline(order, callee)
    if (outcome === 'busy') throw new AppError('userBusy')
  } catch (error) {
    context.store.apply(inviteNotPlaced(context.store.state, inviteId))
    throw error
  }
  context.store.apply(inviteRings(context.store.state, inviteId))
  return inviteView(invite)
}

async function ring(context: RoomContext, options: { invite: LiveInvite; callee: UserAddress }): Promise<'ringing' | 'offline' | 'busy'> {
  const { invite, callee } = options
  const { roomId } = context.store.open.room
  const room = addressOf(context.store.open)
  const [ticket, policy] = await Promise.all([context.signTicket(callee, room), context.directory.policyOf(callee.domainId)])
  return context.hubOf(callee).ring({
    invite: {
      inviteId: invite.inviteId,
      roomId,
      from: callerView(invite.from),
      media: invite.media,
      ticket,
      createdAt: invite.createdAt,
      expiresAt: invite.expiresAt,
    },
    room,
    user: callee,
    settings: policy.settings.invites,
  })
}

/** Inside a domain, users may know who exists; anonymous callers and strangers may not (DOM-4). */
function isToldMore({ by, role, to }: InviteOrder): boolean {
  if (role === 'anonymous' || to.startsWith('wac-user:')) return false
  const domain = domainPart(to)
  return domain === undefined || domain === domainPart(by.user.username)
}

function offline(order: InviteOrder, callee: UserAddress): AppError {
  const isColleague = order.role !== 'anonymous' && callee.domainId === order.by.user.domainId
  return new AppError(isColleague ? 'userOffline' : 'userUnreachable')
}

function domainPart(username: string): string | undefined {
  const at = username.lastIndexOf('@')
  return at < 0 ? undefined : username.slice(at + 1).toLowerCase()
}

export async function invite(context: RoomContext, call: RoomCall<Request<'invite'>>): Promise<InviteView> {
  const by = joinedOn(context, call.connection)
  return placeAndRing(context, { ...call.body, by, role: call.connection.identity.role })
}

export async function cancelInvite(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'cancelInvite'>> {
  const by = joinedOn(context, call.connection)
  context.store.applyOrRefuse(cancel(context.store.open, inviteIdOf(call), by, context.store.clock.now()))
  return {}
}

export async function prepare(context: RoomContext, call: RoomCall<Request<'prepare'>>): Promise<Response<'prepare'>> {
  const { connection, body } = call
  const entrant = entrantOf(context, connection, body.sessionId)
  context.store.applyOrRefuse(prepareCandidate(context.store.state, inviteIdOf(call), entrant))
  connection.bind({ sessionId: body.sessionId, data: connection.data })
  const present = presentOfSession(context.store.open, body.sessionId)
  if (present === undefined) throw new AppError('inviteNotFound')
  return { participantId: present.participantId, mediaEpoch: present.mediaEpoch }
}

export async function acceptInvite(context: RoomContext, call: RoomCall<Request<'acceptInvite'>>): Promise<Response<'acceptInvite'>> {
  const { connection, body } = call
  const entrant = entrantOf(context, connection, body.sessionId)
  context.store.applyOrRefuse(accept(context.store.state, inviteIdOf(call), entrant, context.store.clock.now()))
  return enter(context, connection, { sessionId: body.sessionId })
}

export async function declineInvite(context: RoomContext, call: RoomCall<unknown>): Promise<Response<'declineInvite'>> {
  const user = userOf(call.connection.identity)
  context.store.applyOrRefuse(decline(context.store.state, inviteIdOf(call), user, context.store.clock.now()))
  return {}
}

const inviteIdOf = (call: RoomCall<unknown>): string => call.params['inviteId'] ?? ''
