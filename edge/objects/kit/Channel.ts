/** What carries a connection's messages to its client. */
export interface Channel {
  /** False once it is known to be gone. Sending to a dead channel does nothing. */
  readonly open: boolean
  send(text: string): void
  /** Idempotent. */
  close(code: number, reason: string): void
  /** Keeps the connection's state beside the channel, where it survives hibernation if the channel does. */
  save(state: unknown): void
  /** When the client was last heard, keep-alives included; undefined where the channel cannot tell. */
  heardAt(): number | undefined
}
