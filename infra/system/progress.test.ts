import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withProgress } from './progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('withProgress', () => {
  it('says nothing of what takes under a second', async () => {
    const lines: string[] = []
    const work = withProgress(
      'Working',
      (line) => lines.push(line),
      () => new Promise((resolve) => setTimeout(resolve, 900, 'result')),
    )
    await vi.advanceTimersByTimeAsync(900)
    expect(await work).toBe('result')
    expect(lines).toEqual([])
  })

  it('says whole lines with elapsed seconds and the detail, and how it ended', async () => {
    const lines: string[] = []
    const work = withProgress(
      'Working',
      (line) => lines.push(line),
      async (detail) => {
        await new Promise((resolve) => setTimeout(resolve, 2_000))
        detail('step 2 of 3')
        await new Promise((resolve) => setTimeout(resolve, 6_000))
      },
    )
    await vi.advanceTimersByTimeAsync(8_000)
    await work
    expect(lines).toEqual(['Working … 1 s', 'Working … 6 s (step 2 of 3)', 'Working: done in 8 s'])
  })

  it('tells a failure apart and passes it on', async () => {
    const lines: string[] = []
    const work = withProgress(
      'Working',
      (line) => lines.push(line),
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_500))
        throw new Error('no')
      },
    )
    const failure = expect(work).rejects.toThrow('no')
    await vi.advanceTimersByTimeAsync(1_500)
    await failure
    expect(lines.at(-1)).toBe('Working: failed after 2 s')
  })
})
