import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { joinResultSchema } from '#shared/protocol/wapi/room.ts'
import { ledgerName, monthOf, roomName } from '#edge/domain/object-names.ts'
import { ledger, room as roomStub, userHub } from '#edge/services/stubs.ts'
import { bench, resetBench } from './room/fixture/bench.ts'
import { identityOf, newPeople } from './room/fixture/people.ts'
import { type Answer, callOfTwo, Device, edge } from './room/fixture/Device.ts'

beforeEach(async () => {
  resetBench()
  await newPeople()
})

const codeOf = (answer: Answer): unknown => (answer.body as { code?: unknown }).code

/** The code of each invite that createRoom could not place. */
const refusals = (answer: Answer): unknown[] =>
  (answer.body as { invites: { error?: { code: string } }[] }).invites.map(({ error }) => error?.code ?? 'rings')

/** An object that nothing has touched since its last eviction is still evicted. */
async function evictIfRunning(object: DurableObjectStub): Promise<void> {
  try {
    await evictDurableObject(object)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('not currently running')) throw error
  }
}

/** The name in the second domain. */
const inB = (name: string): string => identityOf('bella').username.replace('bella', name)

async function createdBy(device: Device, options: Parameters<Awaited<ReturnType<Device['room']>>['create']>[0] = {}) {
  const socket = await device.room(crypto.randomUUID())
  return { socket, answer: await socket.create(options) }
}

describe('a call', () => {
  it('rings, is accepted, is told to both, and leaves a record', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const call = await callOfTwo(alice, bob)
    expect(call.invite).toMatchObject({ roomId: call.roomId, from: { username: alice.identity.username, displayName: 'alice' } })
    expect((await call.callerSocket.event('userJoin')).body).toMatchObject({ username: bob.identity.username, connected: true })
    expect(call.joined.snapshot.participants.map(({ username }) => username)).toEqual([alice.identity.username, bob.identity.username])
    expect((await call.calleeSocket.leave()).status).toBe(200)
    expect((await call.callerSocket.event('roomDestroyed')).body).toEqual({ reason: 'lastParticipant' })
    expect(await call.callerSocket.client.closed).toMatchObject({ code: closeCodes.ended, reason: 'roomEnded' })
    const month = ledgerName(alice.identity.domainId, monthOf(Date.now()))
    await expect
      .poll(async () => (await ledger(edge, month).list({ limit: 10 })).records.map(({ callId }) => callId))
      .toContain(call.joined.snapshot.callId)
  })

  it('ten devices accept at once: exactly one wins and the others are told', async () => {
    const alice = await Device.online('alice')
    const devices = await Promise.all(Array.from({ length: 10 }, (_, index) => Device.online('bob', index + 1)))
    const { socket, answer } = await createdBy(alice, { to: ['bob'] })
    expect(refusals(answer)).toEqual(['rings'])
    const invites = await Promise.all(devices.map((device) => device.ringing()))
    const name = roomName(alice.identity.domainId, socket.roomId)
    const sockets = await Promise.all(devices.map((device) => device.room(socket.roomId, { name, via: 'ticket' })))
    const answers = await Promise.all(sockets.map((one, index) => one.accept(invites[index]?.inviteId ?? '')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const losers = answers.filter(({ status }) => status !== 200)
    expect(losers.map(codeOf)).toEqual(Array.from({ length: 9 }, () => 'inviteAcceptedElsewhere'))
    const told = devices.filter((_, index) => answers[index]?.status !== 200)
    const reasons = await Promise.all(told.map((device) => device.inviteEnded()))
    expect(reasons).toEqual(told.map(() => expect.objectContaining({ inviteId: invites[0]?.inviteId, reason: 'acceptedElsewhere' })))
  })

  it('nobody answers: the watchdog ends it on both sides', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { socket } = await createdBy(alice, { to: ['bob'] })
    const invite = await bob.ringing()
    bench.ahead += 30_001
    await runDurableObjectAlarm(roomStub(edge, { room: roomName(alice.identity.domainId, socket.roomId) }))
    expect((await socket.event('inviteDeclined')).body).toEqual({ inviteId: invite.inviteId, reason: 'timeout' })
    expect((await socket.event('roomDestroyed')).body).toEqual({ reason: 'unanswered' })
    expect(await bob.inviteEnded()).toMatchObject({ reason: 'timeout' })
  })

  it('a decline on the hub socket reaches the caller', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { socket } = await createdBy(alice, { to: ['bob'] })
    const invite = await bob.ringing()
    await bob.hub.request({ id: 'no', method: 'DELETE', resource: `/invites/${invite.inviteId}` })
    expect((await socket.event('inviteDeclined')).body).toEqual({ inviteId: invite.inviteId, reason: 'declined' })
  })

  it('cancelling stops the ringing', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { socket } = await createdBy(alice, { to: ['bob'] })
    const invite = await bob.ringing()
    expect((await socket.request('DELETE', `/rooms/:roomId/invites/${invite.inviteId}`)).status).toBe(200)
    expect(await bob.inviteEnded()).toMatchObject({ reason: 'cancelled' })
  })
})

describe('who cannot be called', () => {
  it('unknown, offline, and a name of another domain only: each its answer', async () => {
    const alice = await Device.online('alice')
    await Device.online('onlyb')
    expect(refusals((await createdBy(alice, { to: ['nobody'] })).answer)).toEqual(['userUnknown'])
    // Carol has never connected; her hub is not touched.
    expect(refusals((await createdBy(alice, { to: ['carol'] })).answer)).toEqual(['userOffline'])
    const [unknown, foreign] = [await createdBy(alice, { to: ['nobody'] }), await createdBy(alice, { to: ['onlyb'] })]
    const errors = [unknown, foreign].map(({ answer }) => (answer.body as { invites: unknown[] }).invites)
    expect(errors[1]).toEqual(errors[0])
  })

  it('across domains unknown and offline are one answer, and the online one rings', async () => {
    const alice = await Device.online('alice')
    expect(refusals((await createdBy(alice, { to: [inB('nobody')] })).answer)).toEqual(['userUnreachable'])
    const bella = await Device.online('bella')
    expect(refusals((await createdBy(alice, { to: [inB('bella')] })).answer)).toEqual(['rings'])
    await bella.ringing()
    bella.hub.close()
    const later = await createdBy(await Device.online('dave'), {
      to: [inB('bella'), inB('nobody'), 'nobody@nowhere.test', 'wac-user:who'],
    })
    expect(new Set(refusals(later.answer).slice(1))).toEqual(new Set(['userUnreachable']))
  })

  it('a call that none of the invited can be rung for is over', async () => {
    const { socket } = await createdBy(await Device.online('alice'), { to: ['nobody'] })
    expect((await socket.event('roomDestroyed')).body).toEqual({ reason: 'unanswered' })
  })

  it('a user in a call is busy where the domain says so, and rings where it does not', async () => {
    const [cleo, colin, cora] = [await Device.online('cleo'), await Device.online('colin'), await Device.online('cora')]
    await callOfTwo(cleo, colin)
    expect(refusals((await createdBy(cora, { to: ['colin'] })).answer)).toEqual(['userBusy'])
    const [alice, bob, dave] = [await Device.online('alice'), await Device.online('bob'), await Device.online('dave')]
    await callOfTwo(alice, bob)
    expect(refusals((await createdBy(dave, { to: ['bob'] })).answer)).toEqual(['rings'])
  })

  it('a user in a call may not create another room, unless the domain allows it', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    await callOfTwo(alice, bob)
    const second = await createdBy(alice)
    expect([second.answer.status, codeOf(second.answer)]).toEqual([409, 'inACall'])
    const [cleo, colin] = [await Device.online('cleo'), await Device.online('colin')]
    await callOfTwo(cleo, colin)
    expect((await createdBy(cleo)).answer.status).toBe(201)
  })

  it('a user whose device is gone without a goodbye may call again from another at once', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    await callOfTwo(alice, bob)
    alice.hub.close()
    await expect.poll(async () => (await createdBy(await Device.online('alice', 2))).answer.status).toBe(201)
  })

  it('a full room says so', async () => {
    const [cleo, colin] = [await Device.online('cleo'), await Device.online('colin')]
    await Device.online('cora')
    const { callerSocket } = await callOfTwo(cleo, colin)
    expect(codeOf(await callerSocket.invite('cora'))).toBe('roomFull')
    expect(codeOf(await callerSocket.invite('colin'))).toBe('alreadyParticipant')
  })
})

describe('resuming', () => {
  it('brings exactly the events that were missed, in order', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { roomId, callerSocket, joined } = await callOfTwo(alice, bob)
    await callerSocket.event('inviteCompleted')
    const seq = joined.snapshot.seq
    const again = await bob.room(roomId)
    const back = joinResultSchema.parse((await again.join(seq)).body)
    expect(back).toMatchObject({ participantId: joined.participantId, resumed: true })
    callerSocket.client.close()
    const bobHears = await again.event('userDown')
    const returned = await alice.room(roomId)
    const result = joinResultSchema.parse((await returned.join(seq)).body)
    expect(result.resumed).toBe(true)
    expect([bobHears.seq, (await again.event('userUp')).seq]).toEqual([seq + 1, seq + 2])
    expect(returned.events).toEqual(['userDown', 'userUp'])
  })

  it('with a state that is too old or from elsewhere gives a snapshot', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { roomId } = await callOfTwo(alice, bob)
    const result = joinResultSchema.parse((await (await bob.room(roomId)).join(9_999)).body)
    expect(result.resumed).toBe(false)
    expect(result.snapshot.participants).toHaveLength(2)
  })

  it('a newer connection of the same session replaces the older one without a word to others', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { roomId, calleeSocket, callerSocket } = await callOfTwo(alice, bob)
    const second = await bob.room(roomId)
    expect((await second.join()).status).toBe(200)
    expect(await calleeSocket.client.closed).toMatchObject({ code: closeCodes.replaced })
    expect(callerSocket.events).not.toContain('userDown')
  })

  it('a request sent again is answered, not executed, again', async () => {
    const [alice, bob, dave] = [await Device.online('alice'), await Device.online('bob'), await Device.online('dave')]
    const { callerSocket } = await callOfTwo(alice, bob)
    const first = await callerSocket.invite('dave', 'the-same')
    const again = await callerSocket.invite('dave', 'the-same')
    expect(first.status).toBe(200)
    expect(again).toEqual(first)
    await dave.ringing()
    expect(codeOf(await callerSocket.invite('dave', 'another'))).toBe('alreadyInvited')
  })

  it('creating again over a new socket finds the same room and the same invites', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { socket, answer } = await createdBy(alice, { to: ['bob'], id: 'create' })
    await bob.ringing()
    const again = await (await alice.room(socket.roomId)).create({ to: ['bob'], id: 'create' })
    expect((again.body as { invites: unknown }).invites).toEqual((answer.body as { invites: unknown }).invites)
  })
})

describe('losing people', () => {
  it('removeAfter drops one whose socket stays lost', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { callerSocket, calleeSocket, stub } = await callOfTwo(alice, bob)
    calleeSocket.client.close()
    await callerSocket.event('userDown')
    bench.ahead += 30_001
    await runDurableObjectAlarm(stub)
    expect((await callerSocket.event('userLeft')).body).toMatchObject({ reason: 'connectionLost' })
    expect((await callerSocket.event('roomDestroyed')).body).toEqual({ reason: 'lastParticipant' })
  })

  it('a revoked login is out at once', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { callerSocket, calleeSocket } = await callOfTwo(alice, bob)
    await userHub(edge, bob.identity).revoke({ loginId: bob.identity.loginId })
    expect(await calleeSocket.client.closed).toMatchObject({ code: closeCodes.unauthenticated })
    expect((await callerSocket.event('userLeft')).body).toMatchObject({ reason: 'revoked' })
  })

  it('a session that is ended from elsewhere leaves, and its device is told not to come back', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { callerSocket, calleeSocket } = await callOfTwo(alice, bob)
    expect(await userHub(edge, bob.identity).endSession({ sessionId: bob.sessionId })).toBe(true)
    expect(await calleeSocket.client.closed).toMatchObject({ code: closeCodes.ended })
    expect((await callerSocket.event('userLeft')).body).toMatchObject({ reason: 'left' })
    expect(await userHub(edge, alice.identity).describe()).toMatchObject([{ sessionId: alice.sessionId, lostAt: null }])
  })

  it('an ended room forgets everything', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { roomId, callerSocket, stub } = await callOfTwo(alice, bob)
    await callerSocket.leave()
    const late = await bob.room(roomId)
    expect(codeOf(await late.join())).toBe('roomEnded')
    bench.ahead += 70_000
    await runDurableObjectAlarm(stub)
    expect(codeOf(await (await bob.room(roomId)).join())).toBe('roomNotFound')
  })
})

describe('eviction', () => {
  it('at any point of a call changes nothing that anybody can see', async () => {
    const [alice, bob, dave] = [await Device.online('alice'), await Device.online('bob'), await Device.online('dave')]
    const roomId = crypto.randomUUID()
    const stub = roomStub(edge, { room: roomName(alice.identity.domainId, roomId) })
    const hubs = [alice, bob, dave].map((device) => userHub(edge, device.identity))
    const evict = async (): Promise<void> => {
      for (const object of [stub, ...hubs]) await evictIfRunning(object)
    }
    const callerSocket = await alice.room(roomId)
    await callerSocket.create({ to: ['bob'] })
    const invite = await bob.ringing()
    await evict()
    const calleeSocket = await bob.room(roomId)
    expect((await calleeSocket.accept(invite.inviteId)).status).toBe(200)
    await callerSocket.event('inviteCompleted')
    await evict()
    expect((await callerSocket.invite('dave')).status).toBe(200)
    const second = await dave.ringing()
    await evict()
    const third = await dave.room(roomId)
    const joined = joinResultSchema.parse((await third.accept(second.inviteId)).body)
    expect(joined.snapshot.participants).toHaveLength(3)
    await evict()
    expect((await third.leave()).status).toBe(200)
    await evict()
    expect((await calleeSocket.leave()).status).toBe(200)
    const events: { seq: number; event: string }[] = []
    for (;;) {
      const event = await callerSocket.client.next((message) => typeof message === 'object' && message !== null && 'seq' in message)
      events.push(event as { seq: number; event: string })
      if ((event as { event: string }).event === 'roomDestroyed') break
    }
    // The two that were taken above are before these: nothing is lost, doubled or out of order.
    const seqs = events.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(new Set(seqs).size).toBe(seqs.length)
    expect(events.map(({ event }) => event)).not.toContain('userDown')
  })
})

describe('what does not belong here', () => {
  it('a foreign room, a stranger, a resource of another room: nothing is there', async () => {
    const [alice, bob, dave] = [await Device.online('alice'), await Device.online('bob'), await Device.online('dave')]
    const { roomId, callerSocket } = await callOfTwo(alice, bob)
    const stranger = await dave.room(roomId)
    expect(codeOf(await stranger.join())).toBe('roomNotFound')
    expect(codeOf(await stranger.request('GET', '/rooms/:roomId'))).toBe('sessionRequired')
    const foreign = await (await Device.online('bella')).room(roomId)
    expect(codeOf(await foreign.join())).toBe('roomNotFound')
    expect(codeOf(await callerSocket.request('GET', `/rooms/${crypto.randomUUID()}`))).toBe('roomNotFound')
  })

  it('only the owner moderates', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { callerSocket, calleeSocket, joined } = await callOfTwo(alice, bob)
    expect(codeOf(await calleeSocket.request('PATCH', '/rooms/:roomId', { locked: true }))).toBe('notRoomOwner')
    expect(codeOf(await calleeSocket.request('DELETE', '/rooms/:roomId'))).toBe('notRoomOwner')
    expect((await callerSocket.request('DELETE', `/rooms/:roomId/participants/${joined.participantId}`)).status).toBe(200)
    expect((await calleeSocket.event('userLeft')).body).toEqual({ participantId: joined.participantId, reason: 'kicked' })
    expect(await calleeSocket.client.closed).toMatchObject({ code: closeCodes.ended, reason: 'kicked' })
  })

  it('bad requests are refused one by one and the connection goes on', async () => {
    const [alice, bob] = [await Device.online('alice'), await Device.online('bob')]
    const { callerSocket } = await callOfTwo(alice, bob)
    expect(codeOf(await callerSocket.request('POST', '/rooms/:roomId/invites', { to: 7 }))).toBe('invalidRequest')
    expect(codeOf(await callerSocket.request('PUT', '/rooms/:roomId'))).toBe('unsupportedMethod')
    expect(codeOf(await callerSocket.request('GET', '/nothing'))).toBe('unknownResource')
    expect(
      codeOf(await callerSocket.request('PUT', '/rooms/:roomId/publications/telepathy', { mediaEpoch: 1, rtpParameters: { codecs: [] } })),
    ).toBe('invalidRequest')
    expect(codeOf(await callerSocket.request('POST', '/rooms/:roomId/media', {}))).toBe('mediaUnavailable')
    expect((await callerSocket.request('GET', '/rooms/:roomId')).status).toBe(200)
  })
})
