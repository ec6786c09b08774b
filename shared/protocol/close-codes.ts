/** WebSocket close codes of Ringway's sockets (RFC 6455 §7.4.2: 4000-4999 are private use). */
export const closeCodes = {
  /** The session, participant or room is over; do not reconnect. */
  ended: 4000,
  /** The access token expired or was revoked; log in again. */
  unauthenticated: 4401,
  forbidden: 4403,
  /** A newer connection of the same session took over. */
  replaced: 4409,
  /** The connection sent nothing useful for too long or too much too fast. */
  misbehaved: 4429,
} as const
