import { describe, expect, it } from 'vitest'
import { reservationMs, Reservations } from './Reservations.ts'
import { seededRandom } from './testing/random.ts'

describe('Reservations', () => {
  it('count in full when given and fade to nothing', () => {
    const reservations = new Reservations()
    reservations.add(8, { at: 1_000_000 })
    expect(reservations.total(1_000_000)).toBe(8)
    expect(reservations.total(1_000_000 + reservationMs / 2)).toBeCloseTo(4)
    expect(reservations.total(1_000_000 + reservationMs)).toBe(0)
  })

  it('are spent by growth, oldest first, and never below nothing', () => {
    const reservations = new Reservations()
    reservations.add(4, { at: 0 })
    reservations.add(4, { at: 3000 })
    reservations.spend(5)
    expect(reservations.total(3000)).toBeCloseTo(3)
    reservations.spend(100)
    expect(reservations.total(3000)).toBe(0)
    reservations.add(2, { at: 4000 })
    expect(reservations.total(4000)).toBe(2)
  })

  it('agree with the plain sum over all promises, whatever happens', () => {
    const random = seededRandom(7)
    const reservations = new Reservations()
    let plain: { at: number; consumers: number }[] = []
    for (let now = 1_700_000_000_000; now < 1_700_000_000_000 + 400_000; now += Math.floor(random() * 300)) {
      const consumers = 1 + Math.floor(random() * 50)
      reservations.add(consumers, { at: now })
      plain.push({ at: now, consumers })
      plain = plain.filter((promise) => promise.at + reservationMs > now)
      if (random() < 0.2) {
        // Only what is fresh is left to spend, as everything else has been asked for and dropped.
        reservations.total(now)
        let left = Math.floor(random() * 200)
        reservations.spend(left)
        for (const promise of plain) {
          const taken = Math.min(left, promise.consumers)
          promise.consumers -= taken
          left -= taken
        }
      }
      const expected = plain.reduce((sum, promise) => sum + promise.consumers * (1 - (now - promise.at) / reservationMs), 0)
      expect(reservations.total(now)).toBeCloseTo(expected, 5)
    }
  })
})
