import { expect, it } from 'vitest'
import { serverPorts, sharedPorts } from './ports.ts'

const range = { min: 40_000, max: 40_199 }

it('gives each worker its own port first, and others that no other worker tries', () => {
  const candidates = [0, 1, 2].map((index) => serverPorts(range, { index, workers: 3 }))
  expect(candidates.map(([first]) => first)).toEqual([40_000, 40_001, 40_002])
  expect(candidates.map((ports) => ports.length)).toEqual([17, 17, 17])
  expect(new Set(candidates.flat()).size).toBe(51)
})

it('stays within a range of few ports', () => {
  expect(serverPorts({ min: 40_000, max: 40_004 }, { index: 1, workers: 2 })).toEqual([40_001, 40_003])
})

it('leaves the rest to plain transports and pipes', () => {
  expect(sharedPorts(range, { workers: 2 })).toEqual({ min: 40_002, max: 40_199 })
})
