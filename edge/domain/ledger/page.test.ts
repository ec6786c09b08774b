import { describe, expect, it } from 'vitest'
import { fromCursor, ledgerQuerySchema, toCursor } from './page.ts'

const position = { endedAt: 1_795_000_000_000, callId: '0190a7b2-0000-7000-8000-000000000001' }

describe('a query of the ledger', () => {
  it('takes up where the page before ended', () => {
    const { cursor } = ledgerQuerySchema.parse({ cursor: toCursor(position), limit: 50 })
    expect(fromCursor(cursor ?? '')).toEqual(position)
  })

  it.each([
    ['a cursor of another making', { cursor: 'x', limit: 1 }],
    ['a cursor of SQL', { cursor: "1.' OR 1=1 --", limit: 1 }],
    ['no limit', { limit: 0 }],
    ['too large a limit', { limit: 10_000 }],
  ])('does not take %s', (_what, query) => {
    expect(ledgerQuerySchema.safeParse(query).success).toBe(false)
  })
})
