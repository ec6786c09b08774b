import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import { KeepAlive } from './KeepAlive.ts'
import { defaultTiming } from './timing.ts'

const { pingInterval, pongTimeout, wakeTimeout } = defaultTiming
let asked: string[]
let deaths: number
let subject: KeepAlive

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  deaths = 0
  subject = new KeepAlive({ timing: defaultTiming, send: (message) => asked.push(message), dead: () => (deaths += 1) })
  subject.start()
})

afterEach(() => {
  subject.stop()
  vi.useRealTimers()
})

test('asks again an interval after each answer', () => {
  for (const times of [1, 2, 3]) {
    vi.advanceTimersByTime(pingInterval)
    expect(asked).toEqual(Array.from({ length: times }, () => keepAlive.request))
    expect(subject.handleMessage(keepAlive.response)).toBe(true)
  }
  expect(deaths).toBe(0)
})

test('takes any message for an answer', () => {
  vi.advanceTimersByTime(pingInterval)
  expect(subject.handleMessage('{"event":"e"}')).toBe(false)
  vi.advanceTimersByTime(pongTimeout)
  expect(deaths).toBe(0)
})

test('gives a silent connection up, once', () => {
  vi.advanceTimersByTime(pingInterval + pongTimeout)
  expect(deaths).toBe(1)
  vi.advanceTimersByTime(60 * pingInterval)
  expect([deaths, asked.length]).toEqual([1, 1])
})

test('sets the timer of the next question in the task of the answer, never in that of a timer', () => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  vi.advanceTimersByTime(pingInterval)
  // Within the timer's own task only the deadline is set.
  expect(set.mock.calls.map(([, delay]) => delay)).toEqual([pongTimeout])
  subject.handleMessage(keepAlive.response)
  expect(set.mock.calls.map(([, delay]) => delay)).toEqual([pongTimeout, pingInterval])
})

test('a probe asks at once and waits less', () => {
  subject.probe()
  subject.probe()
  expect(asked).toHaveLength(2)
  vi.advanceTimersByTime(wakeTimeout)
  expect(deaths).toBe(1)
})

test('is quiet once stopped', () => {
  subject.stop()
  vi.advanceTimersByTime(10 * pingInterval)
  expect([asked.length, deaths]).toEqual([0, 0])
})
