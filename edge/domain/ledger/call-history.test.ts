import { describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { historyEntry } from './call-history.ts'

const person = (name: string, joinedAt: number, leftAt: number) => ({
  ...{ participantId: `p-${name}-${joinedAt}`, userId: name, domainId: 'a', username: `${name}@a` },
  ...{ joinedAt, leftAt, reason: 'left' as const },
})

type Invites = CallRecord['invites']

const invite = (from: string, to: string, createdAt: number, endedAt: number, outcome: Invites[number]['outcome']): Invites[number] => ({
  ...{ inviteId: `${from}-${to}`, from, createdAt, endedAt, outcome },
  to: { userId: to, domainId: 'a', username: `${to}@a` },
})

const record = (participants: CallRecord['participants'], invites: Invites = []): CallRecord => ({
  ...{ callId: 'c', roomId: 'r', domainId: 'a', kind: 'conference', createdAt: 0, endedAt: 100, endReason: 'ended' },
  participants,
  invites,
})

describe('the history of a call', () => {
  it('that was answered, to both', () => {
    const call = record([person('alice', 0, 50), person('bob', 10, 50)], [invite('p-alice-0', 'bob', 1, 10, 'accepted')])
    expect(historyEntry(call, 'alice')).toEqual({
      ...{ callId: 'c', roomId: 'r', kind: 'conference', direction: 'outgoing', answered: true, outcome: 'accepted' },
      ...{ startedAt: 0, endedAt: 50, duration: 50, leaveReason: 'left', parties: [{ username: 'bob@a', joined: true }] },
    })
    expect(historyEntry(call, 'bob')).toMatchObject({
      ...{ direction: 'incoming', startedAt: 1, endedAt: 50, duration: 40, parties: [{ username: 'alice@a', joined: true }] },
    })
  })

  it('that was missed, to both', () => {
    const call = record([person('alice', 0, 30)], [invite('p-alice-0', 'bob', 1, 30, 'timeout')])
    expect(historyEntry(call, 'alice')).toMatchObject({
      ...{ direction: 'outgoing', answered: false, outcome: 'timeout', parties: [{ username: 'bob@a', joined: false }] },
    })
    expect(historyEntry(call, 'bob')).toMatchObject({
      ...{ direction: 'incoming', answered: false, outcome: 'timeout', startedAt: 1, endedAt: 30, duration: 0, leaveReason: null },
      parties: [{ username: 'alice@a', joined: true }],
    })
  })

  it('names nobody whom the user did not meet, ring or hear from', () => {
    const call = record(
      [person('alice', 0, 100), person('early', 5, 10), person('bob', 20, 60), person('late', 70, 90), person('bob', 80, 90)],
      [invite('p-alice-0', 'carol', 30, 40, 'declined'), invite('p-alice-0', 'bob', 15, 20, 'accepted')],
    )
    expect(historyEntry(call, 'bob')).toMatchObject({
      ...{ duration: 50, endedAt: 90 },
      parties: [
        { username: 'alice@a', joined: true },
        { username: 'late@a', joined: true },
      ],
    })
    expect(historyEntry(call, 'carol').parties).toEqual([{ username: 'alice@a', joined: true }])
    expect(historyEntry(call, 'late')).toMatchObject({ direction: 'joined', outcome: null })
  })
})
