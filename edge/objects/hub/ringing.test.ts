import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { bench, resetBench } from './fixture/bench.ts'
import { enter, onlineOf, pass, toldOf } from './fixture/inspect.ts'
import { newInvite, Person, roomOf } from './fixture/people.ts'

beforeEach(resetBench)

describe('a ring', () => {
  it('reaches all devices, and once a room repeats it', async () => {
    const bob = new Person()
    const devices = [await bob.device(), await bob.device()]
    const invite = newInvite()
    expect(await bob.ring(invite)).toBe('ringing')
    await evictDurableObject(bob.hub)
    expect(await bob.ring(invite)).toBe('ringing')
    for (const device of devices) {
      expect(await device.event('inviteReceived')).toMatchObject({ seq: 1, body: invite })
      expect(await device.ask('GET', `/sessions/${device.sessionId}`)).toMatchObject({ body: { seq: 1 } })
      expect(device.socket.untaken).toEqual([])
      device.socket.close()
    }
  })

  it('is in the snapshot of a device that connects meanwhile, and ends for it too', async () => {
    const bob = new Person()
    const first = await bob.device()
    const invite = newInvite()
    await bob.ring(invite)
    const second = await bob.device()
    expect(second.opened).toMatchObject({ body: { snapshot: { invites: [invite] } } })
    await bob.hub.endInvite({ ...invite, reason: 'acceptedElsewhere', exceptSessionId: first.sessionId })
    expect(await second.event('inviteEnded')).toMatchObject({
      body: { inviteId: invite.inviteId, roomId: invite.roomId, reason: 'acceptedElsewhere' },
    })
    expect(await first.ask('GET', `/sessions/${first.sessionId}`)).toMatchObject({ body: { invites: [] } })
    expect(first.socket.untaken).toMatchObject([{ event: 'inviteReceived' }])
    first.socket.close()
    second.socket.close()
  })

  it('finds nobody without a device', async () => {
    const bob = new Person()
    expect(await bob.ring(newInvite())).toBe('offline')
    const device = await bob.device()
    await device.lose()
    await expect.poll(() => onlineOf(bob)).toEqual([])
    bench.ahead += 10_001
    expect(await bob.ring(newInvite())).toBe('offline')
  })

  it('still counts a device that lost its socket a moment ago, until removeAfter', async () => {
    const bob = new Person()
    const device = await bob.device()
    await device.lose()
    await expect.poll(() => onlineOf(bob)).toEqual([])
    const invite = newInvite()
    expect(await bob.ring(invite, { removeAfter: 10_000 })).toBe('ringing')
    await pass(bob, 5_000)
    expect(toldOf(bob)).toEqual([])
    await evictDurableObject(bob.hub)
    await pass(bob, 5_001)
    const request = { inviteId: invite.inviteId, userId: bob.identity.userId, answer: 'offline' }
    await expect.poll(() => toldOf(bob)).toEqual([{ room: roomOf(invite), call: 'inviteAnswered', request }])
    const back = await bob.device({ sessionId: device.sessionId, lastSeq: 0 })
    expect(back.opened).toMatchObject({ body: { resumed: true, snapshot: { invites: [] } } })
    expect(await back.event('inviteEnded')).toMatchObject({ seq: 2, body: { reason: 'offline' } })
    back.socket.close()
  })

  it('goes on where the device comes back in time', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.ring(invite, { removeAfter: 10_000 })
    await device.lose()
    await pass(bob, 5_000)
    const back = await bob.device({ sessionId: device.sessionId, lastSeq: 1 })
    await pass(bob, 10_000)
    expect(toldOf(bob)).toEqual([])
    expect(back.opened).toMatchObject({ body: { resumed: true, snapshot: { invites: [invite] } } })
    back.socket.close()
  })

  it('tells the room at once when the last device says goodbye', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.ring(invite)
    await device.ask('DELETE', `/sessions/${device.sessionId}`)
    await expect
      .poll(() => toldOf(bob))
      .toMatchObject([{ call: 'inviteAnswered', request: { inviteId: invite.inviteId, answer: 'offline' } }])
    device.socket.close()
  })

  it('does not start once the invite is over', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.hub.endInvite({ ...invite, reason: 'cancelled' })
    expect(await bob.ring(invite)).toBe('offline')
    expect(device.socket.untaken).toEqual([])
    device.socket.close()
  })

  it('ends by itself long after a room was lost that should have ended it', async () => {
    const bob = new Person()
    const device = await bob.device()
    await bob.ring(newInvite({ expiresIn: 30_000 }))
    bench.ahead += 91_000
    // Keep-alives would have told that the device is there.
    await runInDurableObject(bob.hub, (_, state) => expect(state.getWebSockets()).toHaveLength(1))
    await runDurableObjectAlarm(bob.hub)
    expect(await device.event('inviteEnded')).toMatchObject({ body: { reason: 'timeout' } })
    expect(toldOf(bob)).toEqual([])
  })

  it('meets a busy user unless invites are allowed while in a call', async () => {
    const bob = new Person()
    const device = await bob.device()
    const roomId = newId()
    await enter(bob, roomId, { sessionId: device.sessionId })
    expect(await bob.ring(newInvite(), { allowInvitesWhileInCall: false })).toBe('busy')
    expect(await bob.ring(newInvite(), { allowInvitesWhileInCall: true })).toBe('ringing')
    expect(await bob.ring({ ...newInvite(), roomId }, { allowInvitesWhileInCall: false })).toBe('ringing')
    await bob.hub.leaveRoom({ roomId, sessionId: device.sessionId })
    expect(await bob.ring(newInvite(), { allowInvitesWhileInCall: false })).toBe('ringing')
    device.socket.close()
  })
})

describe('declining', () => {
  it('stops all devices and tells the room, however often the room fails first', async () => {
    const bob = new Person()
    const devices = [await bob.device(), await bob.device()] as const
    const invite = newInvite()
    await bob.ring(invite)
    bench.broken.add(roomOf(invite))
    expect(await devices[0].ask('DELETE', `/invites/${invite.inviteId}`)).toMatchObject({ status: 200 })
    for (const device of devices) expect(await device.event('inviteEnded')).toMatchObject({ body: { reason: 'declined' } })
    await evictDurableObject(bob.hub)
    await pass(bob, 25_000)
    expect(toldOf(bob)).toEqual([])
    bench.broken.clear()
    await pass(bob, 60_000)
    await expect.poll(() => toldOf(bob)).toMatchObject([{ room: roomOf(invite), call: 'inviteAnswered', request: { answer: 'declined' } }])
    for (const device of devices) device.socket.close()
  })

  it('is answered as before when it is sent again, and refused for an unknown invite', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.ring(invite)
    const answer = await device.ask('DELETE', `/invites/${invite.inviteId}`, undefined, 'decline-1')
    await evictDurableObject(bob.hub)
    expect(await device.ask('DELETE', `/invites/${invite.inviteId}`, undefined, 'decline-1')).toEqual(answer)
    expect(await device.ask('DELETE', `/invites/${invite.inviteId}`)).toMatchObject({ status: 404, body: { code: 'inviteNotFound' } })
    device.socket.close()
  })
})
