import { assertNever } from '#shared/result/result.ts'
import type { Happening } from '../webhooks/queued-event.ts'
import type { RoomEffect } from './change.ts'
import type { RoomState, User } from './state.ts'

/**
 * What of a change the endpoints of the room's domain are told (HOOK-1), thin: ids and state. Undefined:
 * nothing. `state` is the one after the change, which still knows who has left and which invites are over.
 */
export function hookEventOf(effect: RoomEffect, state: RoomState): Happening | undefined {
  if (effect.type === 'record') return { type: 'call.ended', data: effect.record }
  if (effect.type !== 'event') return undefined
  const { roomId, callId, kind, ownerUserId } = state.room
  const room = { roomId, callId }
  switch (effect.event) {
    case 'roomCreated':
      return { type: 'roomCreated', data: { ...room, kind, owner: ownerUserId } }
    case 'roomDestroyed':
      return { type: 'roomDestroyed', data: { ...room, reason: effect.body.reason } }
    case 'userJoin': {
      const { participantId } = effect.body
      return { type: 'userJoin', data: { ...room, participantId, ...personOf(userIn(state, participantId)) } }
    }
    case 'userLeft': {
      const { participantId, reason } = effect.body
      return { type: 'userLeft', data: { ...room, participantId, userId: userIn(state, participantId).userId, reason } }
    }
    case 'userDown':
    case 'userUp': {
      const { participantId } = effect.body
      return { type: effect.event, data: { ...room, participantId, userId: userIn(state, participantId).userId } }
    }
    case 'inviteCreated': {
      const { inviteId, from } = effect.body
      const invite = state.invites.get(inviteId)
      if (invite === undefined) throw new TypeError('An invite that is told of is known')
      return { type: 'inviteCreated', data: { ...room, inviteId, from: from.participantId, to: personOf(invite.to) } }
    }
    case 'inviteDeclined':
      return { type: 'inviteDeclined', data: { ...room, inviteId: effect.body.inviteId, reason: effect.body.reason } }
    case 'inviteCompleted': {
      const { inviteId, participantId } = effect.body
      return { type: 'inviteCompleted', data: { ...room, inviteId, participantId } }
    }
    // Of media, and of who may enter, nothing is told.
    case 'roomChanged':
    case 'publicationAdded':
    case 'publicationChanged':
    case 'publicationRemoved':
    case 'mediaMoved':
      return undefined
    default:
      return assertNever(effect)
  }
}

function userIn(state: RoomState, participantId: string): User {
  const participant = state.participants.get(participantId)
  if (participant === undefined) throw new TypeError('A participant that is told of is known')
  return participant.user
}

const personOf = ({ userId, domainId, username }: User) => ({ userId, domainId, username })
