import { type Actor, administers, isAdmin } from '../identity/access.ts'

/** Who may do what with a meeting (MEET-1). */
export interface MeetingAccess {
  readonly id: string
  /** Its creator. */
  readonly userId: string
  /** Of the creator, who may have moved since. */
  readonly domainId: string
  /** Users invited who are of the same domain. */
  readonly users: readonly string[]
  readonly validSince: number
  readonly validUntil: number
}

const isOf = (person: Pick<Actor, 'userId' | 'domainId'>, meeting: MeetingAccess): boolean =>
  person.domainId === meeting.domainId && (person.userId === meeting.userId || meeting.users.includes(person.userId))

/** `path` is that of the meeting's domain. */
export const mayRead = (actor: Actor, meeting: MeetingAccess, path: string): boolean =>
  isOf(actor, meeting) || (isAdmin(actor) && administers(actor, path))

export const mayChange = (actor: Actor, meeting: MeetingAccess, path: string): boolean =>
  (actor.userId === meeting.userId && actor.domainId === meeting.domainId) || (isAdmin(actor) && administers(actor, path))

export type Entrance = 'open' | 'notStarted' | 'ended' | 'unknown'

/**
 * Whether somebody may enter the room now: its creator, the users invited, and whoever of the domain, visitors
 * too, holds the meeting's link. To everybody else there is no such meeting, at whatever time.
 */
export function entranceOf(meeting: MeetingAccess, comer: { userId: string; domainId: string; holdsLink: boolean }, now: number): Entrance {
  const known = isOf(comer, meeting) || (comer.holdsLink && comer.domainId === meeting.domainId)
  if (!known) return 'unknown'
  if (now < meeting.validSince) return 'notStarted'
  return now < meeting.validUntil ? 'open' : 'ended'
}
