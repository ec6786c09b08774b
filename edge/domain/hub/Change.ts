import type { HubEventBody, HubEventName, InviteEndReason } from '#shared/protocol/wapi/hub.ts'
import type { RoomAddress } from '../ports.ts'
import { type Call, type HubState, keptTombstones, type Ringing, type Session } from './state.ts'

/** What the object does once the state is committed; what others are told goes through the outbox. */
export type HubEffect =
  | {
      readonly type: 'event'
      readonly sessionIds: readonly string[]
      readonly event: HubEventName
      readonly resource: string
      readonly body: unknown
    }
  | { readonly type: 'forgetSession'; readonly sessionId: string }
  | { readonly type: 'answerInvite'; readonly room: RoomAddress; readonly inviteId: string; readonly answer: InviteAnswer }
  | { readonly type: 'revokeInRoom'; readonly room: RoomAddress; readonly loginId: string | null; readonly sessionId?: string }
  | { readonly type: 'returnLoan'; readonly loanId: string }

export type InviteAnswer = 'declined' | 'offline' | 'busy'

/** A step from one state to the next, with its effects in order. The state it was made from is not touched. */
export class Change {
  #state: HubState
  readonly #effects: HubEffect[] = []

  constructor(state: HubState) {
    this.#state = state
  }

  get state(): HubState {
    return this.#state
  }

  get effects(): readonly HubEffect[] {
    return this.#effects
  }

  set(part: Partial<HubState>): this {
    this.#state = { ...this.#state, ...part }
    return this
  }

  putSession(session: Session): this {
    const others = this.#state.sessions.filter(({ sessionId }) => sessionId !== session.sessionId)
    return this.set({ sessions: [...others, session] })
  }

  removeSession(sessionId: string): this {
    this.#effects.push({ type: 'forgetSession', sessionId })
    this.set({ sessions: this.#state.sessions.filter((session) => session.sessionId !== sessionId) })
    return this.#state.sessions.length === 0 ? this.endLoan() : this
  }

  putCall(call: Call): this {
    return this.set({ calls: [...this.#state.calls.filter((other) => !isSameCall(other, call.call)), call] })
  }

  removeCall(key: { roomId: string; sessionId: string }): this {
    this.set({ calls: this.#state.calls.filter((call) => !isSameCall(call, key)) })
    return this.tell('callLeft', { roomId: key.roomId, sessionId: key.sessionId })
  }

  /** Ends an invite here; `answer` is what its room is told, null where the room itself ended it. */
  endInvite(
    { invite, room }: Ringing,
    how: { reason: InviteEndReason; answer: InviteAnswer | null; exceptSessionId?: string | undefined },
  ): this {
    const { inviteId, roomId } = invite
    this.set({ ringing: this.#state.ringing.filter((other) => other.invite.inviteId !== inviteId) })
    this.bury(inviteId)
    this.tell('inviteEnded', { inviteId, roomId, reason: how.reason }, { exceptSessionId: how.exceptSessionId })
    if (how.answer !== null) this.#effects.push({ type: 'answerInvite', room, inviteId, answer: how.answer })
    return this
  }

  bury(inviteId: string): this {
    return this.set({ endedInvites: [...this.#state.endedInvites.filter((id) => id !== inviteId), inviteId].slice(-keptTombstones) })
  }

  revokeInRoom(room: RoomAddress, whose: { loginId: string | null; sessionId?: string }): this {
    this.#effects.push({ type: 'revokeInRoom', room, ...whose })
    return this
  }

  endLoan(): this {
    const { loanId } = this.#state
    if (loanId === null) return this
    this.#effects.push({ type: 'returnLoan', loanId })
    return this.set({ loanId: null })
  }

  /** An event to all sessions, online or not: those that come back read it later. */
  tell<Name extends HubEventName>(event: Name, body: HubEventBody<Name>, options: { exceptSessionId?: string | undefined } = {}): this {
    const sessionIds = this.#state.sessions.map(({ sessionId }) => sessionId).filter((sessionId) => sessionId !== options.exceptSessionId)
    const resource = 'inviteId' in body ? `/invites/${encodeURIComponent(body.inviteId)}` : `/rooms/${encodeURIComponent(body.roomId)}`
    if (sessionIds.length > 0) this.#effects.push({ type: 'event', sessionIds, event, resource, body })
    return this
  }
}

export const isSameCall = ({ call }: Call, key: { roomId: string; sessionId: string }): boolean =>
  call.roomId === key.roomId && call.sessionId === key.sessionId
