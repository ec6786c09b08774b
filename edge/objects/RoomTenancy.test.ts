import { beforeEach, describe, expect, it } from 'vitest'
import { resourceOf } from '#shared/protocol/wapi/operation.ts'
import { roomOperations, type RoomOperationName } from '#shared/protocol/wapi/room.ts'
import { ledgerName, monthOf, roomName } from '#edge/domain/object-names.ts'
import { ledger } from '#edge/services/stubs.ts'
import { resetBench } from './room/fixture/bench.ts'
import { callOfTwo, Device, edge } from './room/fixture/Device.ts'
import { newPeople } from './room/fixture/people.ts'

beforeEach(async () => {
  resetBench()
  await newPeople()
})

const rtpParameters = { codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }], encodings: [{ ssrc: 1 }] }
const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] }

/** A body that the schema of each operation accepts, so that only the right to ask can refuse it. */
const bodies: Record<RoomOperationName, (sessionId: string) => unknown> = {
  createRoom: (sessionId) => ({ sessionId }),
  join: (sessionId) => ({ sessionId, lastSeq: 0 }),
  getRoom: () => undefined,
  updateRoom: () => ({ locked: true }),
  endRoom: () => undefined,
  removeParticipant: () => undefined,
  muteParticipant: () => ({ muted: true }),
  invite: () => ({ to: 'bella' }),
  cancelInvite: () => undefined,
  prepare: (sessionId) => ({ sessionId }),
  acceptInvite: (sessionId) => ({ sessionId, answer: 'accept' }),
  declineInvite: () => ({ answer: 'decline' }),
  openMedia: () => ({}),
  declareCapabilities: () => ({ mediaEpoch: 1, rtpCapabilities: {} }),
  connectTransport: () => ({ mediaEpoch: 1, answer: { kind: 'webrtc', dtlsParameters } }),
  restartIce: () => ({ mediaEpoch: 1 }),
  reportFailure: () => ({ mediaEpoch: 1, direction: 'send' }),
  publish: () => ({ mediaEpoch: 1, rtpParameters }),
  updatePublication: () => ({ paused: true }),
  unpublish: () => undefined,
  subscribe: () => ({ mediaEpoch: 1 }),
  updateSubscription: () => ({ mediaEpoch: 1 }),
  unsubscribe: () => ({ mediaEpoch: 1 }),
}

const refusals = new Set(['roomNotFound', 'roomExists', 'inviteNotFound', 'sessionRequired', 'notParticipant'])
const names = Object.keys(roomOperations) as RoomOperationName[]

describe.each([
  { who: 'a user of another domain', name: 'bella', via: 'ticket' },
  { who: 'a colleague who was not invited', name: 'dave', via: 'own' },
] as const)('$who', ({ name, via }) => {
  it.each(names)('gets nothing by %s, neither under an own session nor under that of a participant', async (operation) => {
    const [alice, bob, outsider] = [await Device.online('alice'), await Device.online('bob'), await Device.online(name)]
    const carol = await Device.online('carol')
    const { roomId, callerSocket, joined } = await callOfTwo(alice, bob)
    await callerSocket.invite('carol')
    const ringing = await carol.ringing()
    const before = (await callerSocket.request('GET', '/rooms/:roomId')).body
    const { method, path } = roomOperations[operation]
    const resource = resourceOf(path, {
      roomId,
      participantId: joined.participantId,
      inviteId: ringing.inviteId,
      direction: 'send',
      source: 'microphone',
      publicationId: joined.participantId,
    })
    for (const sessionId of [outsider.sessionId, alice.sessionId]) {
      // Even where a ticket of this room were in the wrong hands.
      const socket = await outsider.room(roomId, { name: roomName(alice.identity.domainId, roomId), via })
      const answer = await socket.request(method, resource, bodies[operation](sessionId))
      expect(refusals).toContain((answer.body as { code: string }).code)
      const said = JSON.stringify([answer, socket.client.untaken])
      for (const secret of ['alice', 'bob@', joined.participantId, joined.snapshot.callId]) expect(said).not.toContain(secret)
    }
    expect((await callerSocket.request('GET', '/rooms/:roomId')).body).toEqual(before)
  })
})

it('a call across domains leaves each of them a record, of what its users could know', async () => {
  const [alice, bella, cleo] = [await Device.online('alice'), await Device.online('bella'), await Device.online('cleo')]
  const { callerSocket, calleeSocket, joined } = await callOfTwo(alice, bella)
  await callerSocket.invite(cleo.identity.username)
  await cleo.ringing()
  await calleeSocket.leave()
  await callerSocket.leave()
  const recordOf = async ({ identity }: Device) => {
    const month = ledger(edge, ledgerName(identity.domainId, monthOf(Date.now())))
    await expect.poll(async () => (await month.list({ userId: identity.userId, limit: 10 })).records).toHaveLength(1)
    const [record] = (await month.list({ limit: 10 })).records
    expect(record?.callId).toBe(joined.snapshot.callId)
    return record
  }
  const [whole, bellas, cleos] = [await recordOf(alice), await recordOf(bella), await recordOf(cleo)]
  expect(whole).toMatchObject({ domainId: alice.identity.domainId, participants: [{}, {}], invites: [{}, {}] })
  const caller = { username: alice.identity.username, userId: '', domainId: '' }
  expect(bellas).toMatchObject({ domainId: '', participants: [caller, { userId: bella.identity.userId }] })
  expect(bellas?.invites.map(({ to }) => to.userId)).toEqual([bella.identity.userId])
  expect(cleos).toMatchObject({ domainId: '', participants: [caller], invites: [{ to: { userId: cleo.identity.userId } }] })
  for (const record of [bellas, cleos]) expect(JSON.stringify(record)).not.toContain(alice.identity.userId)
  expect(JSON.stringify(cleos)).not.toContain('bella')
})
