import { meetingUri, parseMeetingAddress } from '#shared/protocol/meeting-address.ts'
import type { Settings } from '#shared/protocol/settings.ts'
import { meetingRoomName, personalRoomName, quickConferenceName, roomName } from './object-names.ts'

/** What an id that a client names can mean in its own domain. */
export type RoomId =
  | { readonly kind: 'uuid'; readonly uuid: string }
  /** Digits of a quick conference (CONF-2). */
  | { readonly kind: 'quickConference'; readonly digits: string }
  /** `wac-meeting:<id>` (MEET-1). */
  | { readonly kind: 'meeting'; readonly meetingId: string }

/** In the one spelling that names of objects have: lower case. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Undefined: no room can have this id. */
export function parseRoomId(roomId: string, settings: Settings['conferences']): RoomId | undefined {
  if (uuid.test(roomId)) return { kind: 'uuid', uuid: roomId }
  const meeting = parseMeetingAddress(roomId)
  // The key of a link is no part of the id.
  if (meeting !== undefined) return meeting.key === undefined ? { kind: 'meeting', meetingId: meeting.meetingId } : undefined
  const { quickConferencePrefix, quickConferenceDigits } = settings
  if (!roomId.startsWith(quickConferencePrefix)) return undefined
  const digits = roomId.slice(quickConferencePrefix.length)
  return digits.length === quickConferenceDigits && /^\d+$/.test(digits) ? { kind: 'quickConference', digits } : undefined
}

/** Name of the object of a room in a domain. `isUser`: with `userIdAsRoomId`, the id is that of a user of the domain. */
export function nameOfRoom(id: RoomId, options: { domainId: string; isUser: boolean }): string {
  if (id.kind === 'quickConference') return quickConferenceName(options.domainId, id.digits)
  if (id.kind === 'meeting') return meetingRoomName(options.domainId, id.meetingId)
  return options.isUser ? personalRoomName(options.domainId, id.uuid) : roomName(options.domainId, id.uuid)
}

/** Whether a room's object, known from a ticket, can have this id. Digits are enough: the prefix is its own domain's. */
export function isIdOfRoom(roomId: string, name: string): boolean {
  const [kind, , own] = name.split(':')
  if (own === undefined || own === '') return false
  if (kind === 'm') return roomId === meetingUri(own)
  return kind === 'c' ? roomId.endsWith(own) : roomId === own
}
