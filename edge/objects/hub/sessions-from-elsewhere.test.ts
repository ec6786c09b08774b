import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { resetBench } from './fixture/bench.ts'
import { enter, sessionsOf, toldOf } from './fixture/inspect.ts'
import { newInvite, Person, roomOf } from './fixture/people.ts'

beforeEach(resetBench)

describe('sessions, as they are asked for from elsewhere', () => {
  it('are described with their calls, the oldest first', async () => {
    const bob = new Person()
    const first = await bob.device()
    const second = await bob.connect()
    await second.open({ context: { platform: 'web', pushToken: 'p' } })
    const roomId = newId()
    await enter(bob, roomId, { sessionId: second.sessionId })
    await first.lose()
    await expect.poll(async () => (await bob.hub.describe())[0]?.lostAt ?? null).not.toBeNull()
    expect(await bob.hub.describe()).toEqual([
      {
        sessionId: first.sessionId,
        loginId: bob.identity.loginId,
        openedAt: expect.any(Number),
        lostAt: expect.any(Number),
        context: {},
        calls: [],
      },
      {
        sessionId: second.sessionId,
        loginId: bob.identity.loginId,
        openedAt: expect.any(Number),
        lostAt: null,
        context: { platform: 'web', pushToken: 'p' },
        calls: [{ roomId, enteredAt: expect.any(Number) }],
      },
    ])
    second.socket.close()
  })

  it('are ended one at a time, in their rooms too', async () => {
    const bob = new Person()
    const [phone, laptop] = [await bob.device(), await bob.device()]
    const call = { ...newInvite(), roomId: newId() }
    await enter(bob, call.roomId, { sessionId: phone.sessionId })
    expect(await bob.hub.endSession({ sessionId: phone.sessionId })).toBe(true)
    expect(await phone.socket.closed).toMatchObject({ code: 4000 })
    await expect
      .poll(() => toldOf(bob))
      .toEqual([
        {
          room: roomOf(call),
          call: 'revokeSession',
          request: { userId: bob.identity.userId, loginId: null, sessionId: phone.sessionId },
        },
      ])
    expect(await sessionsOf(bob)).toEqual([laptop.sessionId])
    expect(await bob.hub.endSession({ sessionId: phone.sessionId })).toBe(false)
    expect(await laptop.ask('GET', `/sessions/${laptop.sessionId}`)).toMatchObject({ status: 200 })
    laptop.socket.close()
  })

  it('stop an invite where they were the last that rang', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.ring(invite)
    await bob.hub.endSession({ sessionId: device.sessionId })
    await expect
      .poll(() => toldOf(bob))
      .toContainEqual({
        room: roomOf(invite),
        call: 'inviteAnswered',
        request: { inviteId: invite.inviteId, userId: bob.identity.userId, answer: 'offline' },
      })
  })
})
