/** A connection that is held and does nothing but answer for being alive. */
export interface HeldSession {
  readonly isOpen: boolean
  readonly pongs: number
  ping(): void
  close(): void
}

/** Two clients of which the first tells the second something, again and again. */
export interface EventPair {
  /** Resolves with the milliseconds from sending until the second client had it. */
  tell(): Promise<number>
  close(): void
}

/** Two clients of which the first invites the second, which declines, again and again. */
export interface InvitePair {
  /** One invite from its beginning until the inviter knows the answer; milliseconds until it rang, and in all. */
  invite(): Promise<{ readonly ringMs: number; readonly totalMs: number }>
  close(): void
}

/** One server under measurement. */
export interface SignalingSide {
  readonly name: string
  /** Processes that serve, by part. */
  readonly pids: Readonly<Record<string, readonly number[]>>
  openSession(index: number): Promise<HeldSession>
  openEventPair(index: number): Promise<EventPair>
  openInvitePair(index: number): Promise<InvitePair>
}
