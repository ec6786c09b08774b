import type { Timestamp } from '#shared/time/clock.ts'

/** What carries a connection's messages to its client. */
export interface Channel {
  /** False once it is known to be gone. Sending to a dead channel does nothing. */
  readonly open: boolean
  send(text: string): void
  /** Idempotent. */
  close(code: number, reason: string): void
  /** Keeps the connection's state beside the channel, where it survives hibernation if the channel does. */
  save(state: unknown): void
  /** The opposite of `save`: the connection is over, and must not come back after hibernation. */
  forget(): void
  /** When a keep-alive was last heard, in ms since the epoch; infinite where the channel itself notices a client that has gone. */
  heardAt(): Timestamp | undefined
}
