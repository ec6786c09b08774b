import type { Transport } from '#shared/protocol/sapi/reachability.ts'
import type { SessionDescription } from './views.ts'

/**
 * Which transports reach a user (REACH-1): each connected device, and each that has told a push token for as
 * long as the hub keeps its session.
 */
export function transportsOf(sessions: readonly SessionDescription[]): Transport[] {
  return sessions.flatMap(({ lostAt, context }) => {
    const device = context.platform === undefined ? {} : { platform: context.platform }
    const connection: Transport[] = lostAt === null ? [{ type: 'connection', ...device }] : []
    return context.pushToken === undefined ? connection : [...connection, { type: 'push', ...device }]
  })
}

/** The same for somebody who need not know whose device it is: each kind once. */
export const kindsOf = (transports: readonly Transport[]): Transport[] =>
  (['connection', 'push'] as const).filter((type) => transports.some((transport) => transport.type === type)).map((type) => ({ type }))
