import { describe, expect, test } from 'vitest'
import { tileGrid } from './tile-grid.ts'

const gap = 12
const boxes = { desktop: { width: 1336, height: 700 }, phone: { width: 374, height: 690 }, strip: { width: 1900, height: 200 } }

describe.each(Object.entries(boxes))('in a %s box', (_, box) => {
  test.each(Array.from({ length: 30 }, (_unused, index) => index + 1))('%i tiles fit without overlap', (count) => {
    const { columns, rows, width, height } = tileGrid({ ...box, count, gap })
    expect(columns * rows).toBeGreaterThanOrEqual(count)
    expect(columns * width + (columns - 1) * gap).toBeLessThanOrEqual(box.width)
    expect(rows * height + (rows - 1) * gap).toBeLessThanOrEqual(box.height)
    expect(width).toBeGreaterThan(0)
    expect(height).toBeGreaterThan(0)
  })

  test.each([1, 2, 3, 4, 6, 9])('%i tiles are neither wider than a camera nor taller than a portrait', (count) => {
    const { width, height } = tileGrid({ ...box, count, gap })
    expect(width / height).toBeLessThanOrEqual(16 / 9 + 0.02)
    expect(width / height).toBeGreaterThanOrEqual(4 / 5 - 0.02)
  })
})

test('two stand beside each other on a wide page and above each other on a tall one', () => {
  expect(tileGrid({ ...boxes.desktop, count: 2, gap }).columns).toBe(2)
  expect(tileGrid({ ...boxes.phone, count: 2, gap }).columns).toBe(1)
})

test('a box without room gives tiles without size', () => {
  expect(tileGrid({ width: 0, height: 0, count: 3, gap })).toMatchObject({ width: 0, height: 0 })
})
