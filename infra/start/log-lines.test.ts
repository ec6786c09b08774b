import { describe, expect, it } from 'vitest'
import { summarizeLogLine } from './log-lines.ts'

const record = (fields: object): string => JSON.stringify({ time: '2026-01-01T00:00:00Z', event: 'room.lost', ...fields })

describe('summarizeLogLine', () => {
  it('shows warnings and errors with their fields', () => {
    expect(summarizeLogLine(record({ level: 'warn', roomId: 'r1', component: 'room' }), { isError: false })).toBe(
      'warn room.lost {"roomId":"r1"}',
    )
    expect(summarizeLogLine(record({ level: 'error' }), { isError: true })).toBe('error room.lost')
  })

  it('hides the rest', () => {
    expect(summarizeLogLine(record({ level: 'info' }), { isError: false })).toBeUndefined()
    expect(summarizeLogLine(record({ level: 'debug' }), { isError: true })).toBeUndefined()
    expect(summarizeLogLine('plain text', { isError: false })).toBeUndefined()
  })

  it('shows what a child says on stderr and is no record', () => {
    expect(summarizeLogLine('Error: no', { isError: true })).toBe('Error: no')
    expect(summarizeLogLine('{ not json', { isError: true })).toBe('{ not json')
    expect(summarizeLogLine(' ', { isError: true })).toBeUndefined()
  })
})
