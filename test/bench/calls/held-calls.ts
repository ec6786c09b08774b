import type { LoadGenerator } from '../load/LoadGenerator.ts'

/** A way to hold calls between two parties each, whose media is the load generator's. */
export interface HeldCalls {
  readonly name: string
  readonly generator: LoadGenerator
  /** Processes that carry the calls, by part. */
  readonly pids: () => Readonly<Record<string, readonly number[]>>
  /** Signs in whoever shall hold this many calls in all. */
  prepare(calls: number): Promise<void>
  /** Adds calls to those held; gives the milliseconds that each took until both sides received. */
  add(count: number): Promise<readonly number[]>
}

/** What each call carries, in both directions. */
export type CallKind = 'audio' | 'audio+video'
