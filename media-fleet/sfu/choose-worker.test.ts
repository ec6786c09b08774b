import { expect, it } from 'vitest'
import { chooseWorker } from './choose-worker.ts'

const choose = (...workers: [load: number, servesRoom: boolean][]) =>
  chooseWorker(
    workers.map(([load, servesRoom]) => ({ load, servesRoom })),
    { spillLoad: 100 },
  )

it('puts a new room on the idlest worker', () => {
  expect(choose([30, false], [10, false], [20, false])).toBe(1)
})

it('keeps a room together while its worker is not much busier', () => {
  expect(choose([110, true], [10, false])).toBe(0)
})

it('lets a room span another worker when its own is much busier', () => {
  expect(choose([111, true], [10, false])).toBe(1)
})

it('takes the idlest of the workers a room already spans', () => {
  expect(choose([90, true], [50, true], [10, false])).toBe(1)
})

it('has no answer without workers', () => {
  expect(choose()).toBeUndefined()
})
