import { describe, expect, it } from 'vitest'
import { gracePeriod, type KeySlot, leadTime, missingSlots, publishedSlots, signingPeriod, signingSlot } from './key-rotation.ts'

const start = 1_000_000_000_000
const slots = (keys: readonly KeySlot[]) => keys.map((key) => key.slot)

describe('a new deployment', () => {
  it('creates the key that signs now and the one after it', () => {
    expect(missingSlots([], start)).toEqual([
      { slot: 1, activatesAt: start },
      { slot: 2, activatesAt: start + signingPeriod },
    ])
  })

  it('signs with the first even where its clock is behind the one that made it', () => {
    expect(signingSlot(missingSlots([], start), start - 5_000)?.slot).toBe(1)
  })
})

describe('over three periods, looked at every hour', () => {
  it('always publishes two keys, signs with one known for a day, and keeps each until its last token has expired', () => {
    let keys: KeySlot[] = []
    const lastSigned = new Map<number, number>()
    const firstPublished = new Map<number, number>()
    for (let now = start; now < start + 3 * signingPeriod + 2 * gracePeriod; now += 3_600_000) {
      keys = [...keys, ...missingSlots(keys, now)]
      const published = slots(publishedSlots(keys, now))
      const signing = signingSlot(keys, now)?.slot ?? 0
      expect(published).toHaveLength(2)
      expect(published).toContain(signing)
      lastSigned.set(signing, now)
      for (const slot of published) if (!firstPublished.has(slot)) firstPublished.set(slot, now)
      if (signing > 1) expect(now - (firstPublished.get(signing) ?? now)).toBeGreaterThanOrEqual(leadTime)
      for (const [slot, at] of lastSigned) if (now < at + 24 * 3_600_000) expect(published).toContain(slot)
    }
    expect([...lastSigned.keys()]).toEqual([1, 2, 3, 4])
  })
})

describe('a deployment that nobody used for years', () => {
  it('signs on with the key that was next until the one after it has been published long enough', () => {
    const keys = missingSlots([], start)
    const now = start + 20 * signingPeriod
    const all = [...keys, ...missingSlots(keys, now)]
    expect(slots(publishedSlots(all, now)).length).toBe(2)
    expect(signingSlot(all, now)?.slot).toBe(2)
    expect(signingSlot(all, now + leadTime)?.slot).toBe(3)
  })
})
