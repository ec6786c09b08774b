import { newId } from '#shared/ids/ids.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { callRecordOperations } from '#shared/protocol/sapi/cdrs.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import { ledger } from '#edge/services/stubs.ts'
import { env } from '../api.ts'
import type { Rows } from './row.ts'
import type { World } from './world.ts'

const month = new Date().toISOString().slice(0, 7)

/** A call of somebody at home that has ended. */
async function recorded({ home }: World): Promise<{ callId: string }> {
  const { id: userId, username } = home.parties.user
  const [callId, now] = [newId(), Date.now()]
  const participant = { participantId: newId(), userId, domainId: home.id, username, joinedAt: now, leftAt: now, reason: 'left' } as const
  const call: CallRecord = {
    callId,
    roomId: `r:${home.id}:${newId()}`,
    domainId: home.id,
    kind: 'call',
    createdAt: now,
    endedAt: now,
    endReason: 'empty',
    participants: [participant],
    invites: [],
  }
  await ledger(env, ledgerName(home.id, month)).record(call, { domainId: home.id })
  return { callId }
}

export const callRows: Rows<typeof callRecordOperations> = {
  listCallRecords: {
    request: async (world) => {
      await recorded(world)
      return { query: { month } }
    },
    foreign: ({ home }) => [{ query: { month, domain: home.domain } }],
  },
  getCallRecord: {
    request: async (world) => ({ params: await recorded(world) }),
    foreign: async (world) => [{ params: await recorded(world), query: { domain: world.home.domain } }],
  },
  listCallHistory: {
    request: async (world) => {
      await recorded(world)
      return {}
    },
  },
}
