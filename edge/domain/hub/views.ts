import type { SessionContext, SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
import type { Timestamp } from '#shared/time/clock.ts'
import { sessionCapabilities } from '../capabilities.ts'
import type { HubState, Owner, Session } from './state.ts'

/** All that a device needs to know, as of its event number `seq`. */
export function snapshotOf(state: HubState, options: { session: Session; owner: Owner; seq: number }): SessionSnapshot {
  const { session, owner, seq } = options
  const { userId, username, displayName } = owner
  return {
    sessionId: session.sessionId,
    seq,
    user: {
      userId,
      username,
      ...(displayName === undefined ? {} : { displayName }),
      domain: username.slice(username.lastIndexOf('@') + 1),
    },
    capabilities: sessionCapabilities(owner.capabilities, session.context.capabilities ?? []),
    invites: state.ringing.map(({ invite }) => invite),
    calls: state.calls.map(({ call }) => call),
  }
}

/** A session as its hub describes it to the REST API. */
export interface SessionDescription {
  readonly sessionId: string
  readonly loginId: string
  readonly openedAt: Timestamp
  /** When its connection was lost; null: it is connected. */
  readonly lostAt: Timestamp | null
  readonly context: SessionContext
  readonly calls: readonly { readonly roomId: string; readonly enteredAt: Timestamp }[]
}

/** The oldest first. */
export const descriptionsOf = ({ sessions, calls }: HubState): SessionDescription[] =>
  sessions
    .toSorted((a, b) => a.openedAt - b.openedAt)
    .map((session) => {
      const { sessionId, loginId, openedAt, context } = session
      const inCalls = calls.filter(({ call }) => call.sessionId === sessionId)
      return {
        sessionId,
        loginId,
        openedAt,
        lostAt: session.state === 'offline' ? session.lostAt : null,
        context,
        calls: inCalls.map(({ call }) => ({ roomId: call.roomId, enteredAt: call.enteredAt })),
      }
    })
