import type { SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
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
