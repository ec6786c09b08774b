/**
 * How a meeting's room is named (MEET-1). `wac-meeting:<id>` is its id everywhere. A meeting's link says more, as
 * `wac-meeting:<id>.<key>`: the key lets in whoever is not one of the meeting's users. It travels where tickets
 * do (versions.ts) and is no part of the room's id, so that nobody inside is shown it. Where the meeting's domain
 * takes visitors, `@<domain>` behind it tells whose visitor a stranger is.
 */
export interface MeetingAddress {
  readonly meetingId: string
  /** 128 random bits, base64url. */
  readonly key?: string | undefined
  /** Of which one may be a visitor. */
  readonly domain?: string | undefined
}

const prefix = 'wac-meeting:'
const address =
  /^wac-meeting:([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:\.([\w-]{22})(?:@([a-z0-9.-]{1,253}))?)?$/

/** A ticket (a JWT) is longer, and has dots. */
export const isMeetingKey = (text: string): boolean => /^[\w-]{22}$/.test(text)

export const meetingUri = (meetingId: string): string => `${prefix}${meetingId}`

/** As in the meeting's link. */
export const meetingAddress = ({ meetingId, key, domain }: { meetingId: string; key: string; domain?: string | undefined }): string =>
  `${meetingUri(meetingId)}.${key}${domain === undefined ? '' : `@${domain}`}`

/** Undefined: it names no meeting. */
export function parseMeetingAddress(text: string): MeetingAddress | undefined {
  const [, meetingId, key, domain] = address.exec(text) ?? []
  return meetingId === undefined ? undefined : { meetingId, key, domain }
}
