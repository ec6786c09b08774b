import type { Timestamp } from '#shared/time/clock.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import type { InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type { LeaveReason, RoomEventBody, RoomEventName } from '#shared/protocol/wapi/room.ts'
import type { Access, Host, Invite, Participant, Publication, RoomRecord, RoomState, User } from './state.ts'

/** `audience`: the sessions that were joined at that point of the change. */
type RoomEventEffect = {
  readonly [Name in RoomEventName]: {
    readonly type: 'event'
    readonly event: Name
    readonly body: RoomEventBody<Name>
    readonly audience: readonly string[]
  }
}[RoomEventName]

/** What the world must be told after a change. Data only: the object carries them out. */
export type RoomEffect =
  /** To its audience, in order, with the next sequence number. */
  | RoomEventEffect
  /** Through the outbox. */
  | {
      readonly type: 'endInvite'
      readonly user: User
      readonly inviteId: string
      readonly reason: InviteEndReason
      readonly exceptSessionId?: string
    }
  | { readonly type: 'enterHub'; readonly user: User; readonly sessionId: string; readonly enteredAt: Timestamp }
  | { readonly type: 'leaveHub'; readonly user: User; readonly sessionId: string }
  | { readonly type: 'record'; readonly record: CallRecord }
  /** What a domain of others who were there may know of the call. */
  | { readonly type: 'shareRecord'; readonly record: CallRecord; readonly domainId: string; readonly jurisdiction?: Jurisdiction }
  /** The participant's connection has no more business here. */
  | { readonly type: 'disconnect'; readonly sessionId: string; readonly reason: DisconnectReason }
  | { readonly type: 'alarm'; readonly name: AlarmName; readonly at: Timestamp | null }
  /** Media that a host need no longer hold. */
  | { readonly type: 'dropParticipant'; readonly hostId: string; readonly participantId: string }
  | { readonly type: 'dropPublication'; readonly publicationId: string }
  | { readonly type: 'dropHost'; readonly hostId: string }
  | { readonly type: 'pausePublication'; readonly publicationId: string; readonly paused: boolean }
  /** Hosts that stay drop their pipes to this one. */
  | { readonly type: 'closePipes'; readonly hostId: string }
  /** The participant may now receive what others publish. */
  | { readonly type: 'offerAll'; readonly participantId: string }
  /** The others may now receive it. */
  | { readonly type: 'offerPublication'; readonly publicationId: string }

export type DisconnectReason = LeaveReason | 'inviteEnded' | 'unauthenticated'

/** Alarms of a room: the watchdog per invite, `removeAfter` per participant, the end of an ended room's memory. */
export type AlarmName = `invite:${string}` | `participant:${string}` | `host:${string}` | 'forget'

export interface RoomChange {
  readonly state: RoomState
  readonly effects: readonly RoomEffect[]
}

/** Collects the next state and its effects. Mutable inside one transition, invisible outside. */
export class ChangeBuilder {
  #room: RoomRecord
  readonly #participants: Map<string, Participant>
  readonly #publications: Map<string, Publication>
  readonly #invites: Map<string, Invite>
  readonly #hosts: Map<string, Host>
  readonly #access: Map<string, Access>
  readonly #effects: RoomEffect[] = []

  constructor(state: RoomState) {
    this.#room = state.room
    this.#participants = new Map(state.participants)
    this.#publications = new Map(state.publications)
    this.#invites = new Map(state.invites)
    this.#hosts = new Map(state.hosts)
    this.#access = new Map(state.access)
  }

  /** The state so far. */
  get state(): RoomState {
    return {
      room: this.#room,
      participants: this.#participants,
      publications: this.#publications,
      invites: this.#invites,
      hosts: this.#hosts,
      access: this.#access,
    }
  }

  setRoom(change: Partial<RoomRecord>): this {
    this.#room = { ...this.#room, ...change }
    return this
  }

  put(participant: Participant): this {
    this.#participants.set(participant.participantId, participant)
    return this
  }

  removeParticipant(participantId: string): this {
    this.#participants.delete(participantId)
    return this
  }

  putPublication(publication: Publication): this {
    this.#publications.set(publication.publicationId, publication)
    return this
  }

  removePublication(publicationId: string): this {
    this.#publications.delete(publicationId)
    return this
  }

  putInvite(invite: Invite): this {
    this.#invites.set(invite.inviteId, invite)
    return this
  }

  removeInvite(inviteId: string): this {
    this.#invites.delete(inviteId)
    return this
  }

  putHost(host: Host): this {
    this.#hosts.set(host.hostId, host)
    return this
  }

  removeHost(hostId: string): this {
    this.#hosts.delete(hostId)
    return this
  }

  allow(userId: string, allowed: boolean): this {
    this.#access.set(userId, { userId, allowed })
    return this
  }

  effect(effect: RoomEffect): this {
    this.#effects.push(effect)
    return this
  }

  event<Name extends RoomEventName>(event: Name, body: RoomEventBody<Name>): this {
    // Of an ended room nothing is told but that it has ended.
    if (this.#room.ended !== null && event !== 'roomDestroyed') return this
    const audience = [...this.#participants.values()]
      .filter((participant) => participant.state === 'joined')
      .map(({ sessionId }) => sessionId)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The pair is one member of the union by construction, which the compiler cannot see through a generic name.
    return this.effect({ type: 'event', event, body, audience } as RoomEventEffect)
  }

  alarm(name: AlarmName, at: Timestamp | null): this {
    return this.effect({ type: 'alarm', name, at })
  }

  build(): RoomChange {
    return { state: this.state, effects: this.#effects }
  }
}
