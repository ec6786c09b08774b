/**
 * Requests of a tenant, counted in windows of fixed length (OPS-1). One object per quota hands out leases:
 * leave for so many requests until the end of its window. Whoever holds a lease counts by itself, so that
 * most requests ask nobody. No more is ever handed out in a window than the limit, each leave is used at
 * most once, and none after its window: the holder counts the time that is left from when it asked, which
 * was before the object answered, so that clocks that differ change nothing.
 */
export const windowLength = 10_000

export interface QuotaState {
  /** Number of the window. */
  readonly window: number
  readonly granted: number
}

export interface Lease {
  /** 0: the window is used up. */
  readonly granted: number
  /** Milliseconds until the window ends, when it was granted. */
  readonly endsIn: number
}

/** A clock that went back stays in the window that it has reached. */
export function grantLease(
  state: QuotaState | undefined,
  { limit, want, now }: { limit: number; want: number; now: number },
): { state: QuotaState; lease: Lease } {
  const window = Math.max(Math.floor(now / windowLength), state?.window ?? 0)
  const before = state?.window === window ? state.granted : 0
  const available = Math.max(limit - before, 0)
  // Of what is nearly used up, less is handed out at a time, so that less is left unused elsewhere.
  const granted = Math.min(want, Math.ceil(available / 2))
  return { state: { window, granted: before + granted }, lease: { granted, endsIn: (window + 1) * windowLength - now } }
}

/** How much to ask for at a time: a twentieth of the limit, so that one request in so many asks. */
export const blockOf = (limit: number): number => Math.max(1, Math.min(Math.ceil(limit / 20), 1_000))

export type Spending = { readonly kind: 'spent' } | { readonly kind: 'refused'; readonly retryAfter: number } | { readonly kind: 'ask' }

/** What one isolate holds of one quota. Times are its own. */
export class LeasePool {
  #left = 0
  /** What is left, or that nothing is left anywhere, holds until then. */
  #until = 0
  #usedUp = false

  /** `retryAfter` in milliseconds. */
  spend(now: number): Spending {
    if (now >= this.#until) return { kind: 'ask' }
    if (this.#left > 0) {
      this.#left--
      return { kind: 'spent' }
    }
    return this.#usedUp ? { kind: 'refused', retryAfter: this.#until - now } : { kind: 'ask' }
  }

  /** `askedAt`: before the object granted it. `now`: after. */
  add({ granted, endsIn }: Lease, { askedAt, now }: { askedAt: number; now: number }): void {
    const until = askedAt + endsIn
    if (now >= until) return
    // What is held and has not ended is of the same window, of which the earlier end is the safe one.
    const isHeld = now < this.#until
    this.#left = (isHeld ? this.#left : 0) + granted
    this.#until = isHeld ? Math.min(this.#until, until) : until
    this.#usedUp = granted === 0
  }
}
