/**
 * How a meeting's room is named (MEET-1). `wac-meeting:<id>` is its id everywhere; with `.<key>` behind it, as in
 * the meeting's link, it also carries the secret that lets in whoever is not one of the meeting's users. The key
 * travels where tickets do (versions.ts) and is no part of the room's id, so that nobody inside is shown it.
 */
export interface MeetingAddress {
  readonly meetingId: string
  /** 128 random bits, base64url. */
  readonly key?: string
}

const prefix = 'wac-meeting:'
const address = /^wac-meeting:([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:\.([\w-]{22}))?$/

/** A ticket (a JWT) is longer, and has dots. */
export const isMeetingKey = (text: string): boolean => /^[\w-]{22}$/.test(text)

export const meetingUri = (meetingId: string): string => `${prefix}${meetingId}`

export const meetingAddress = ({ meetingId, key }: MeetingAddress): string =>
  key === undefined ? meetingUri(meetingId) : `${meetingUri(meetingId)}.${key}`

/** Undefined: it names no meeting. */
export function parseMeetingAddress(text: string): MeetingAddress | undefined {
  const [, meetingId, key] = address.exec(text) ?? []
  if (meetingId === undefined) return undefined
  return key === undefined ? { meetingId } : { meetingId, key }
}
