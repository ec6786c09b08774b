import { describe, expect, test } from 'vitest'
import { hueOf, initialsOf } from './avatar-look.ts'
import { formatDuration, isoDuration } from './format-duration.ts'

describe('initials', () => {
  test.each([
    ['Alice Moreau', 'AM'],
    ['alice', 'AL'],
    ['Ada King Lovelace', 'AL'],
    ['bob@example.com', 'BO'],
    ['jean-luc.picard', 'JP'],
    ['', '?'],
    ['李雷', '李雷'],
    ['👩‍👧 Mia', '👩‍👧M'],
  ])('of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
})

test('a hue is a property of the name', () => {
  expect(hueOf('bob@northwind')).toBe(hueOf('bob@northwind'))
  const hues = new Set(Array.from({ length: 100 }, (_, index) => hueOf(`user${String(index)}@northwind`)))
  expect(hues.size).toBeGreaterThan(18)
  for (const hue of hues) expect(hue).toSatisfy((value: number) => value >= 0 && value < 360)
})

describe('a length of time', () => {
  test.each([
    [-5, '0:00', 'PT0S'],
    [7_900, '0:07', 'PT7S'],
    [247_000, '4:07', 'PT4M7S'],
    [3_847_000, '1:04:07', 'PT1H4M7S'],
  ])('of %i ms is %s', (milliseconds, clock, iso) => {
    expect(formatDuration(milliseconds)).toBe(clock)
    expect(isoDuration(milliseconds)).toBe(iso)
  })
})
