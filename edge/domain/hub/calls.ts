import type { ActiveCall } from '#shared/protocol/wapi/hub.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import type { RoomAddress } from '../ports.ts'
import { Change, isSameCall } from './Change.ts'
import { type HubState, reservation } from './state.ts'

export interface EnterRoomRequest {
  readonly call: ActiveCall
  readonly room: RoomAddress
  readonly unlessInACall: boolean
  readonly onlyOneDeviceWithInvitations: boolean
}

/**
 * Notes that a session is in a room. With `unlessInACall` the room is only about to be created: such a
 * call lapses unless the room confirms it, so that a creation that failed does not leave its user busy.
 */
export function enterRoom(state: HubState, request: EnterRoomRequest, now: Timestamp): { outcome: 'entered' | 'inACall'; change: Change } {
  const { call, room, unlessInACall, onlyOneDeviceWithInvitations } = request
  const change = new Change(state)
  const known = state.calls.find((other) => isSameCall(other, call))
  if (known === undefined && unlessInACall && state.calls.length > 0) return { outcome: 'inACall', change }
  const reservedUntil = unlessInACall && known?.reservedUntil !== null ? now + reservation : null
  change.putCall({ call, room, reservedUntil })
  if (known === undefined) change.tell('callEntered', call)
  if (onlyOneDeviceWithInvitations) {
    const others = change.state.ringing.filter((ringing) => ringing.room.room !== room.room)
    for (const ringing of others) change.endInvite(ringing, { reason: 'busy', answer: 'busy' })
  }
  return { outcome: 'entered', change }
}

export function leaveRoom(state: HubState, key: { roomId: string; sessionId: string }): Change {
  const change = new Change(state)
  return state.calls.some((call) => isSameCall(call, key)) ? change.removeCall(key) : change
}
