import type { Timestamp } from '#shared/time/clock.ts'

/**
 * Which key pair signs, and which are published. Slots follow one another:
 *
 *   slot n    ├──── signs ────┼─ grace ─┤
 *   slot n+1  ├── published ──┼──────── signs ───────┼─ grace ─┤
 *   slot n+2                            ├─ published ┼─ …
 *
 * A key is published long before it signs, so that every verifier knows it by then, and stays published
 * until the last token it signed has expired. Hence there are always exactly two.
 */
export const signingPeriod = 30 * 24 * 3600_000
/** Longest lifetime of anything that is signed, and then some. */
export const gracePeriod = 25 * 3600_000

/** A key is published this long before it signs, at least. */
export const leadTime = 24 * 3600_000

export interface KeySlot {
  readonly slot: number
  readonly activatesAt: Timestamp
}

/** The slot that signs now: the last one whose time has come, or the first one of all (clocks may differ a little). */
export function signingSlot<Key extends KeySlot>(keys: readonly Key[], now: Timestamp): Key | undefined {
  const ordered = inOrder(keys)
  return ordered.findLast((key) => key.activatesAt <= now) ?? ordered[0]
}

/** The slots whose tokens are still good or will be. */
export function publishedSlots<Key extends KeySlot>(keys: readonly Key[], now: Timestamp): Key[] {
  const ordered = inOrder(keys)
  return ordered.filter((_, index) => {
    const successor = ordered[index + 1]
    return successor === undefined || successor.activatesAt + gracePeriod > now
  })
}

/** What must be created so that two keys are published: nothing, one slot, or the first two of a deployment. */
export function missingSlots(keys: readonly KeySlot[], now: Timestamp): KeySlot[] {
  const published = publishedSlots(keys, now)
  const missing: KeySlot[] = []
  let last = inOrder(keys).at(-1)
  while (published.length + missing.length < 2) {
    // Where nobody came by for longer than a period, the key that signs goes on until the next is known.
    const activatesAt = last === undefined ? now : Math.max(last.activatesAt + signingPeriod, now + leadTime)
    last = { slot: (last?.slot ?? 0) + 1, activatesAt }
    missing.push(last)
  }
  return missing
}

const inOrder = <Key extends KeySlot>(keys: readonly Key[]): Key[] => keys.toSorted((a, b) => a.slot - b.slot)
