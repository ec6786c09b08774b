/** Bounds of the wait between two tries, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number
  readonly lastMs: number
}

export const linkBackoff: BackoffBounds = { firstMs: 50, lastMs: 2000 }

/**
 * Milliseconds to wait before try number `attempt` (0: the first try after a failure). Doubles up
 * to the bound; the upper half is drawn at random, so that hosts which lost the same edge come back
 * spread out. `random` gives a number in [0, 1).
 */
export function backoffMs(attempt: number, options: { bounds: BackoffBounds; random: () => number }): number {
  const { firstMs, lastMs } = options.bounds
  const ceiling = Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 30))
  return ceiling / 2 + (ceiling / 2) * options.random()
}
