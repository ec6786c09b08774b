import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultIceTiming, IceWatch } from './IceWatch.ts'

let restarts: string[]
let reports: string[]
let restart: () => Promise<void>
let watch: IceWatch

beforeEach(() => {
  vi.useFakeTimers()
  restarts = []
  reports = []
  restart = () => Promise.resolve()
  watch = new IceWatch({
    restart: (direction) => {
      restarts.push(direction)
      return restart()
    },
    report: (direction) => reports.push(direction),
  })
  watch.handleState('send', 'connecting')
  watch.handleState('send', 'connected')
})

afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

test('a transport that recovers by itself is left alone', () => {
  watch.handleState('send', 'disconnected')
  vi.advanceTimersByTime(defaultIceTiming.patience - 1)
  watch.handleState('send', 'connected')
  vi.advanceTimersByTime(60_000)
  expect([restarts, reports]).toEqual([[], []])
})

test('one that does not is restarted once, and reported when that fails too', () => {
  watch.handleState('send', 'disconnected')
  vi.advanceTimersByTime(defaultIceTiming.patience)
  expect(restarts).toEqual(['send'])
  vi.advanceTimersByTime(defaultIceTiming.deadline)
  expect(reports).toEqual(['send'])
  watch.handleState('send', 'failed')
  vi.advanceTimersByTime(60_000)
  expect([restarts, reports]).toEqual([['send'], ['send']])
})

test('failing means restarting at once, and failing again reporting at once', () => {
  watch.handleState('send', 'failed')
  expect(restarts).toEqual(['send'])
  watch.handleState('send', 'failed')
  expect(reports).toEqual(['send'])
})

test('a restart that worked earns another one', () => {
  watch.handleState('send', 'failed')
  watch.handleState('send', 'connected')
  watch.handleState('send', 'failed')
  expect([restarts, reports]).toEqual([['send', 'send'], []])
})

test('a restart that the server refuses is reported', async () => {
  restart = () => Promise.reject(new Error('refused'))
  watch.handleState('send', 'failed')
  await vi.waitFor(() => expect(reports).toEqual(['send']))
})

test('a transport that never connects is treated likewise', () => {
  watch.handleState('recv', 'connecting')
  vi.advanceTimersByTime(defaultIceTiming.setUp)
  expect(restarts).toEqual(['recv'])
  vi.advanceTimersByTime(defaultIceTiming.deadline)
  expect(reports).toEqual(['recv'])
})

test('a transport that the server would not connect is given up without a restart', () => {
  watch.handleRefused('recv')
  watch.handleRefused('recv')
  expect([restarts, reports]).toEqual([[], ['recv']])
})

test('a hint saves the patience, but not for one that is still being set up', () => {
  watch.handleState('send', 'disconnected')
  watch.handleState('recv', 'connecting')
  watch.hurry()
  expect(restarts).toEqual(['send'])
})

test('after closing nothing happens any more', () => {
  watch.handleState('send', 'disconnected')
  watch.close()
  watch.handleState('send', 'failed')
  watch.handleRefused('recv')
  vi.advanceTimersByTime(60_000)
  expect([restarts, reports]).toEqual([[], []])
})
