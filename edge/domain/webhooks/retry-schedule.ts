const second = 1000
const minute = 60 * second
const hour = 60 * minute

/**
 * Pauses before the next attempt, after each that failed: soon at first, for what comes behind waits with
 * it, then over three days. Behind the last the event is dead: kept in the log, for replay, and sent no more.
 */
const pauses: readonly number[] = [
  second,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** Attempts that an event gets at most. */
export const maxTries = pauses.length + 1

/** Milliseconds to wait after attempt number `tries`, of which up to a tenth is random; undefined: there is no further one. */
export function pauseAfter(tries: number, random: () => number): number | undefined {
  const pause = pauses[tries - 1]
  return pause === undefined ? undefined : Math.round(pause * (0.95 + random() / 10))
}
