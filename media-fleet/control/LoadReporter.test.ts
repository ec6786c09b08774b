import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { HostLoad } from '#shared/protocol/fleet/host-link.ts'
import { LoadReporter } from './LoadReporter.ts'

const idle: HostLoad = { cpu: 0, rooms: 0, participants: 0, producers: 0, consumers: 0, draining: false }

let load = idle
const told: HostLoad[] = []

beforeEach(() => {
  vi.useFakeTimers()
  load = idle
  told.length = 0
})

afterEach(() => vi.useRealTimers())

it('tells a change once, at the next interval', () => {
  const reporter = LoadReporter.start({ measure: () => load, tell: (news) => told.push(news) })
  expect(reporter.current()).toEqual(idle)
  vi.advanceTimersByTime(10_000)
  expect(told).toEqual([])
  load = { ...idle, rooms: 1 }
  load = { ...idle, rooms: 2 }
  vi.advanceTimersByTime(1999)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual([{ ...idle, rooms: 2 }])
  vi.advanceTimersByTime(10_000)
  expect(told).toHaveLength(1)
  reporter.close()
  load = idle
  vi.advanceTimersByTime(10_000)
  expect(told).toHaveLength(1)
})

it('takes a little more processor time for no change', () => {
  const reporter = LoadReporter.start({ measure: () => load, tell: (news) => told.push(news) })
  reporter.current()
  for (const cpu of [0.02, 0.024, 0.061, 0.07, 0.97, 0.99]) {
    load = { ...idle, cpu }
    vi.advanceTimersByTime(2000)
  }
  expect(told.map(({ cpu }) => cpu)).toEqual([0.05, 0.95, 1])
  reporter.close()
})

it('tells at once what cannot wait', () => {
  const reporter = LoadReporter.start({ measure: () => load, tell: (news) => told.push(news) })
  load = { ...idle, draining: true }
  reporter.tellNow()
  reporter.tellNow()
  expect(told).toEqual([load])
  reporter.close()
})
