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
  if (known === undefined && unlessInACall && isInAnotherCall(state, room.room)) return { outcome: 'inACall', change }
  const reservedUntil = unlessInACall && known?.reservedUntil !== null ? now + reservation : null
  change.putCall({ call, room, reservedUntil })
  if (known === undefined) change.tell('callEntered', call)
  if (onlyOneDeviceWithInvitations) {
    const others = change.state.ringing.filter((ringing) => ringing.room.room !== room.room)
    for (const ringing of others) change.endInvite(ringing, { reason: 'busy', answer: 'busy' })
  }
  return { outcome: 'entered', change }
}

/**
 * Whether the user is in a call elsewhere. A call whose device has lost its socket does not count: who closed
 * a tab without hanging up may call again at once, though the room keeps its place until `removeAfter`.
 */
export function isInAnotherCall(state: HubState, room: string): boolean {
  return state.calls.some(({ call, room: address }) => {
    const session = state.sessions.find(({ sessionId }) => sessionId === call.sessionId)
    return address.room !== room && session?.state !== 'offline'
  })
}

export function leaveRoom(state: HubState, key: { roomId: string; sessionId: string }): Change {
  const change = new Change(state)
  return state.calls.some((call) => isSameCall(call, key)) ? change.removeCall(key) : change
}
