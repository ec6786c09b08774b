import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { CallHistoryEntry } from '#shared/protocol/sapi/cdrs.ts'
import { overlap } from '../room/shared-record.ts'

type Participant = CallRecord['participants'][number]

/**
 * A call as one user that was or was rung in it may see it (CDR-1): whom it met, rang or was rung by, and
 * nobody else; by their names, as participants see one another.
 */
export function historyEntry(record: CallRecord, userId: string): CallHistoryEntry {
  const own = record.participants.filter((one) => one.userId === userId)
  const ownIds = new Set(own.map(({ participantId }) => participantId))
  const others = record.participants.filter((one) => !ownIds.has(one.participantId))
  const received = record.invites.filter(({ to }) => to.userId === userId)
  const sent = record.invites.filter(({ from }) => ownIds.has(from))
  const met = others.filter((other) => own.some((mine) => overlap(mine, other)))
  const deciding = received.length > 0 ? received : sent
  return {
    callId: record.callId,
    roomId: record.roomId,
    kind: record.kind,
    direction: directionOf(record, { own, received: received.length }),
    answered: met.length > 0,
    outcome: deciding.at(-1)?.outcome ?? null,
    startedAt: Math.min(...own.map(({ joinedAt }) => joinedAt), ...received.map(({ createdAt }) => createdAt)),
    endedAt: Math.max(...own.map(({ leftAt }) => leftAt), ...received.map(({ endedAt }) => endedAt)),
    duration: own.reduce((sum, { joinedAt, leftAt }) => sum + (leftAt - joinedAt), 0),
    leaveReason: own.at(-1)?.reason ?? null,
    parties: partiesOf({
      met,
      inviters: others.filter(({ participantId }) => received.some(({ from }) => from === participantId)),
      invited: sent.map(({ to }) => to.username),
    }),
  }
}

function directionOf(
  { participants }: CallRecord,
  { own, received }: { own: readonly Participant[]; received: number },
): CallHistoryEntry['direction'] {
  if (received > 0) return 'incoming'
  const first = Math.min(...participants.map(({ joinedAt }) => joinedAt))
  return own.some(({ joinedAt }) => joinedAt === first) ? 'outgoing' : 'joined'
}

function partiesOf({
  met,
  inviters,
  invited,
}: {
  met: readonly Participant[]
  inviters: readonly Participant[]
  invited: readonly string[]
}): CallHistoryEntry['parties'] {
  const joined = new Set([...met, ...inviters].map(({ username }) => username))
  return [...new Set([...joined, ...invited])].map((username) => ({ username, joined: joined.has(username) }))
}
