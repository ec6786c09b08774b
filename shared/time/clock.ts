/** Milliseconds since the Unix epoch. */
export type Timestamp = number

/** Time as a port: pure logic gets `now` as an argument, everything else asks a clock. */
export interface Clock {
  now(): Timestamp
}

export const systemClock: Clock = { now: () => Date.now() }
