const first = 500
const cap = 60_000

/** Milliseconds to wait before try number `attempts + 1`: doubling from 0.5 s to 60 s, of which a random upper half is waited. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  const full = Math.min(cap, first * 2 ** Math.min(Math.max(attempts - 1, 0), 20))
  return Math.round(full * (0.5 + random() / 2))
}
