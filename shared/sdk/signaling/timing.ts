/** Milliseconds that govern a signaling socket. */
export interface SignalingTiming {
  /** A connection attempt that takes longer has failed. */
  readonly openTimeout: number
  /** Between keep-alives. */
  readonly pingInterval: number
  /** Silence after a keep-alive that means the connection is dead. */
  readonly pongTimeout: number
  /** As `pongTimeout`, when something hints that the network has changed. */
  readonly wakeTimeout: number
  /** Longest wait for an answer, reconnections included. */
  readonly requestTimeout: number
  /** Delay before the first reconnection; doubles per attempt. */
  readonly reconnectFirst: number
  readonly reconnectLongest: number
  /** Least delay after the server said that this client sends too much. */
  readonly penalty: number
}

export const defaultTiming: SignalingTiming = {
  openTimeout: 10_000,
  pingInterval: 10_000,
  pongTimeout: 5_000,
  wakeTimeout: 2_000,
  requestTimeout: 30_000,
  reconnectFirst: 100,
  reconnectLongest: 5_000,
  penalty: 5_000,
}

/**
 * Delay before reconnection number `attempt` (from 0): exponential, with the upper half of the range
 * random, so that the clients of a restarted server do not return at one instant.
 */
export function reconnectDelay(attempt: number, timing: SignalingTiming, random: () => number): number {
  const ceiling = Math.min(timing.reconnectLongest, timing.reconnectFirst * 2 ** Math.min(attempt, 16))
  return ceiling / 2 + (ceiling / 2) * random()
}
