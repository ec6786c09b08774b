import { describe, expect, it } from 'vitest'
import { HostTable, reportExpiryMs } from './HostTable.ts'
import { hostReport } from './testing/reports.ts'

const need = { videoCodec: 'VP8' as const, exclude: [], size: 2 }
const first = { now: 0, random: () => 0 }

describe('HostTable', () => {
  it('spreads a burst that no load report can show yet', () => {
    const table = new HostTable()
    for (const hostId of ['a', 'b', 'c']) table.report(hostReport({ hostId }), { at: 0 })
    const placed = Array.from({ length: 300 }, () => table.place(need, first)?.hostId)
    for (const hostId of ['a', 'b', 'c']) expect(Math.abs(placed.filter((id) => id === hostId).length - 100)).toBeLessThan(5)
  })

  it('counts the placements of the other dispatchers of its region', () => {
    const table = new HostTable()
    for (const hostId of ['a', 'b']) table.report(hostReport({ hostId }), { at: 0 })
    table.promise({ hostId: 'a', consumers: 100 }, { at: 0 })
    table.promise({ hostId: 'unknown', consumers: 100 }, { at: 0 })
    expect(table.place(need, first)?.hostId).toBe('b')
  })

  it('does not count twice what has become part of the load', () => {
    const table = new HostTable()
    table.report(hostReport({ hostId: 'a', capacity: 100 }), { at: 0 })
    for (let room = 0; room < 20; room++) table.place(need, first)
    table.report(hostReport({ hostId: 'a', capacity: 100, load: { consumers: 80 } }), { at: 0 })
    expect(Array.from({ length: 6 }, () => table.place(need, first)?.hostId)).toEqual(['a', 'a', 'a', 'a', 'a', undefined])
  })

  it('takes a new boot for a new host: nothing is promised to it', () => {
    const table = new HostTable()
    table.report(hostReport({ hostId: 'a', capacity: 100, bootId: 'one' }), { at: 0 })
    for (let room = 0; room < 25; room++) table.place(need, first)
    expect(table.place(need, first)).toBeNull()
    table.report(hostReport({ hostId: 'a', capacity: 100, bootId: 'two' }), { at: 0 })
    expect(table.place(need, first)).toEqual({ hostId: 'a', consumers: 4 })
  })

  it('forgets a lost host, but not for the loss of an earlier boot', () => {
    const table = new HostTable()
    table.report(hostReport({ hostId: 'a', bootId: 'two' }), { at: 0 })
    expect(table.forget({ hostId: 'a', bootId: 'one' })).toBe(false)
    expect(table.list()).toHaveLength(1)
    expect(table.forget({ hostId: 'a', bootId: 'two' })).toBe(true)
    expect(table.place(need, first)).toBeNull()
  })

  it('forgets hosts that have been silent', () => {
    const table = new HostTable()
    table.report(hostReport({ hostId: 'a' }), { at: 0 })
    table.report(hostReport({ hostId: 'b' }), { at: 1 })
    expect(table.expire(reportExpiryMs)).toEqual(['a'])
    expect(table.list().map((report) => report.hostId)).toEqual(['b'])
  })
})
