import { describe, expect, it } from 'vitest'
import { isSuccess, summaryLine } from './tally.ts'

const passed = { name: 'a', passed: true }
const failed = { name: 'b', passed: false }

describe('a tally', () => {
  it('counts both', () => {
    expect(summaryLine([passed, failed, passed])).toBe('2 passed, 1 failed')
    expect(summaryLine([])).toBe('0 passed, 0 failed')
  })

  it('is a success only if there is something and nothing of it failed', () => {
    expect(isSuccess([passed])).toBe(true)
    expect(isSuccess([passed, failed])).toBe(false)
    expect(isSuccess([])).toBe(false)
  })
})
