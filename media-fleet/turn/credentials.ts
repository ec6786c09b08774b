import { createHmac } from 'node:crypto'

/** Seconds that credentials open allocations for. An allocation that was made lives on by its refreshes (RFC 8656 §7). */
export const credentialsLifetime = 12 * 3600

export interface TurnCredentials {
  readonly username: string
  readonly credential: string
}

/**
 * Credentials that say themselves when they end, by the secret that the edge's host shares with its TURN
 * server (draft-uberti-behave-turn-rest-00 §2.2). The server counts a user's allocations by its username.
 */
export function turnCredentials(secret: string, options: { name: string; now: number }): TurnCredentials {
  const username = `${Math.floor(options.now / 1000) + credentialsLifetime}:${options.name}`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}
