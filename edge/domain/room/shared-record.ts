import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import type { RoomState } from './state.ts'

/** What the domains of guests learn of a call: their users' history is kept with them (CDR-1, DOM-4). */

/** The domains other than the room's of whoever was in it or was rung. */
export function guestDomains({ room, participants, invites }: RoomState): { domainId: string; jurisdiction?: Jurisdiction }[] {
  const people = [
    ...[...participants.values()].filter(({ state }) => state === 'left').map(({ user }) => user),
    ...[...invites.values()].map(({ to }) => to),
  ].filter(({ domainId }) => domainId !== room.domainId)
  const found = new Map(people.map(({ domainId, jurisdiction }) => [domainId, jurisdiction]))
  return [...found].map(([domainId, jurisdiction]) => ({ domainId, ...(jurisdiction === undefined ? {} : { jurisdiction }) }))
}

interface Person {
  readonly userId: string
  readonly domainId: string
  readonly username: string
}

/**
 * The record as the users of one domain could know the call: themselves, who was there at the same time or
 * rang them, and the invites from and to them. Participants see the names of others, not their ids.
 */
export function recordFor(domainId: string, record: CallRecord): CallRecord {
  const isOwn = (person: Person) => person.domainId === domainId
  const own = record.participants.filter(isOwn)
  const ownIds = new Set(own.map(({ participantId }) => participantId))
  const invites = record.invites.filter(({ from, to }) => isOwn(to) || ownIds.has(from))
  const inviters = new Set(invites.map(({ from }) => from))
  const named = <Of extends Person>(person: Of): Of => (isOwn(person) ? person : { ...person, userId: '', domainId: '' })
  return {
    ...record,
    domainId: '',
    participants: record.participants.filter((one) => inviters.has(one.participantId) || own.some((mine) => overlap(mine, one))).map(named),
    invites: invites.map((invite) => ({ ...invite, to: named(invite.to) })),
  }
}

interface Stay {
  readonly joinedAt: number
  readonly leftAt: number
}

export const overlap = (a: Stay, b: Stay): boolean => a.joinedAt <= b.leftAt && b.joinedAt <= a.leftAt
