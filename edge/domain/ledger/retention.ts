export const day = 86_400_000

/** A domain that keeps its records for less time from now on is heard after at most this long. */
const longest = 7 * day
const shortest = 3_600_000

/** When to look for records that have been kept long enough; undefined: there are none at all. Times in milliseconds. */
export function nextPurge({ oldest, keep, now }: { oldest: number | undefined; keep: number; now: number }): number | undefined {
  if (oldest === undefined) return undefined
  return Math.min(Math.max(oldest + keep, now + shortest), now + longest)
}
