import { describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { csvHeader, csvLines } from './csv.ts'

const participant = {
  ...{ participantId: 'p1', userId: 'u1', domainId: 'd', username: 'alice@a' },
  ...{ joinedAt: 1_000, leftAt: 3_500, reason: 'left' as const },
}
const record: CallRecord = {
  ...{ callId: 'c', roomId: 'r', domainId: 'd', kind: 'call', createdAt: 0, endedAt: 4_000, endReason: 'ended' },
  participants: [participant],
  invites: [],
}

describe('a call as CSV', () => {
  it('is a line per participant under the header', () => {
    expect(csvLines({ ...record, participants: [participant, { ...participant, participantId: 'p2' }] })).toBe(
      ['p1', 'p2']
        .map(
          (id) =>
            `c,r,call,1970-01-01T00:00:00.000Z,1970-01-01T00:00:04.000Z,ended,${id},u1,alice@a,1970-01-01T00:00:01.000Z,1970-01-01T00:00:03.500Z,2.5,left\r\n`,
        )
        .join(''),
    )
    expect(csvHeader.split(',')).toHaveLength(13)
  })

  it('without anybody is one line', () => {
    expect(csvLines({ ...record, participants: [] }).split(',')).toHaveLength(13)
  })

  it.each([
    ['=1+1@a', "'=1+1@a"],
    ['+49@a', "'+49@a"],
    ['-x', "'-x"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['=a"b', '"\'=a""b"'],
    ['a\r\nb', '"a\r\nb"'],
  ])('of %j has no cell that is a formula or breaks the table', (username, cell) => {
    expect(csvLines({ ...record, participants: [{ ...participant, username }] })).toContain(`,u1,${cell},1970`)
  })
})
