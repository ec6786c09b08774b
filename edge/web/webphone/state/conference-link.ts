import { meetingUri, parseMeetingAddress } from '#shared/protocol/meeting-address.ts'
import { defaultSettings } from '#shared/protocol/settings.ts'

const { quickConferencePrefix, quickConferenceDigits } = defaultSettings.conferences

/** A new conference's id (CONF-2): nobody can guess it, so that its link is its key. */
export function newConferenceId(random: (size: number) => Uint8Array): string {
  let digits = ''
  while (digits.length < quickConferenceDigits) {
    for (const byte of random(quickConferenceDigits)) {
      // 250 is the largest multiple of ten in a byte; using more would favour the low digits.
      if (byte < 250 && digits.length < quickConferenceDigits) digits += String(byte % 10)
    }
  }
  return `${quickConferencePrefix}${digits}`
}

/** The address that opens the webphone on a conference. */
export const conferenceLink = (roomId: string, origin: string): string => `${origin}/?room=${encodeURIComponent(roomId)}`

/** The id of the room that a link leads to: a meeting's link holds more than that (shared/protocol/meeting-address.ts). */
export function roomIdOf(address: string): string {
  const meeting = parseMeetingAddress(address)
  return meeting === undefined ? address : meetingUri(meeting.meetingId)
}

export const isMeeting = (address: string): boolean => parseMeetingAddress(address) !== undefined

/** Whose visitor one may be to follow this link. Undefined: one needs an account. */
export const visitedDomain = (address: string): string | undefined => parseMeetingAddress(address)?.domain

/** Finds a conference in what somebody pasted: its link, its id, or its digits with or without spaces. Null: there is none. */
export function parseConference(text: string): string | null {
  const trimmed = text.trim()
  if (isMeeting(trimmed)) return trimmed
  const fromLink = /[?&]room=([^&#\s]+)/u.exec(trimmed)?.[1]
  const id = fromLink === undefined ? trimmed.replace(/[\s-]+(?=\d)/gu, '') : decode(fromLink)
  if (isMeeting(id) || /^[a-z][a-z0-9-]*\d{4,64}$/u.test(id)) return id
  if (new RegExp(`^\\d{${String(quickConferenceDigits)}}$`, 'u').test(id)) return `${quickConferencePrefix}${id}`
  return null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Its digits in groups of five, for reading out. */
export function readableConference(roomId: string): string {
  const digits = /\d+$/u.exec(roomId)?.[0] ?? roomId
  return digits.replace(/(\d{5})(?=\d)/gu, '$1 ')
}
