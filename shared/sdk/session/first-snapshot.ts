import type { SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
import type { Session } from '../api/client.ts'
import { RingwayError } from '../RingwayError.ts'
import type { Hub } from './Hub.ts'

/**
 * Opens a hub. What its first snapshot makes is made in the same turn, so that no event falls in between.
 * Rejects where it is refused, or cannot be reached in time.
 */
export function firstSnapshot<Made>(hub: Hub, patience: number, make: (snapshot: SessionSnapshot) => Made): Promise<Made> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(RingwayError.ofDevice('networkUnreachable')), patience)
    const stop = hub.on('snapshot', (snapshot) => {
      stop()
      clearTimeout(timer)
      resolve(make(snapshot))
    })
    hub.on('ended', ({ reason, error }) => {
      clearTimeout(timer)
      reject(error ?? new RingwayError({ code: 'unauthenticated', message: `The session was refused: ${reason}.`, retryable: false }))
    })
    hub.open()
  })
}

export const sessionOf = ({ sessionId, user, capabilities }: SessionSnapshot): Session => ({
  sessionId,
  user: { ...user, displayName: user.displayName ?? user.username },
  capabilities,
})
