import { describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { recordFor } from './shared-record.ts'

const person = (name: string, domainId: string, joinedAt: number, leftAt: number) => ({
  ...{ participantId: `p-${name}`, userId: `u-${name}`, domainId, username: `${name}@${domainId}` },
  ...{ joinedAt, leftAt, reason: 'left' as const },
})

const invite = (from: string, to: string, domainId: string): CallRecord['invites'][number] => ({
  ...{ inviteId: `${from}-${to}`, from: `p-${from}`, createdAt: 1, endedAt: 2, outcome: 'declined' },
  to: { userId: `u-${to}`, domainId, username: `${to}@${domainId}` },
})

const record: CallRecord = {
  ...{ callId: 'c', roomId: 'r', domainId: 'a', kind: 'conference', createdAt: 0, endedAt: 100, endReason: 'ended' },
  participants: [person('alice', 'a', 0, 100), person('early', 'a', 0, 10), person('bob', 'b', 20, 60), person('cleo', 'c', 30, 40)],
  invites: [invite('alice', 'bob', 'b'), invite('alice', 'dora', 'a'), invite('bob', 'dan', 'd')],
}

const names = ({ participants }: CallRecord): string[] => participants.map(({ username }) => username)

describe('the record for another domain', () => {
  it('holds whom its users met, by name only', () => {
    const shared = recordFor('b', record)
    expect(names(shared)).toEqual(['alice@a', 'bob@b', 'cleo@c'])
    expect(shared.participants.map(({ userId, domainId }) => [userId, domainId])).toEqual([
      ['', ''],
      ['u-bob', 'b'],
      ['', ''],
    ])
    expect(shared.invites.map(({ to }) => to)).toEqual([
      { userId: 'u-bob', domainId: 'b', username: 'bob@b' },
      { userId: '', domainId: '', username: 'dan@d' },
    ])
    expect(shared.domainId).toBe('')
    expect(shared).toMatchObject({ callId: 'c', roomId: 'r', endedAt: 100 })
  })

  it('of those who were only rung holds who rang them', () => {
    const shared = recordFor('d', record)
    expect(names(shared)).toEqual(['bob@b'])
    expect(shared.invites).toHaveLength(1)
    expect(JSON.stringify(shared)).not.toMatch(/u-(alice|bob|cleo|dora|early)/)
  })
})
