import { evictDurableObject, listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { ensureBootstrapped } from '#edge/services/bootstrap.ts'
import { resetBench } from './hub/fixture/bench.ts'
import { enter, pass, sessionsOf, toldOf } from './hub/fixture/inspect.ts'
import { type Device, edge, newInvite, Person, roomOf } from './hub/fixture/people.ts'

beforeEach(resetBench)

const snapshotOf = (device: Device, person: Person) => ({
  sessionId: device.sessionId,
  user: { userId: person.identity.userId, username: 'bob@example', displayName: 'Bob', domain: 'example' },
})

describe('a session', () => {
  it('is opened, shown and closed', async () => {
    const bob = new Person()
    const device = await bob.connect()
    const context = { useragent: 'test', capabilities: ['audio-call', 'unknown'] }
    const opened = await device.open({ context })
    expect(opened).toMatchObject({
      status: 200,
      body: { resumed: false, snapshot: { ...snapshotOf(device, bob), seq: 0, invites: [], calls: [] } },
    })
    expect(opened).toMatchObject({
      body: { snapshot: { capabilities: expect.arrayContaining(['audio-call', 'make-calls', 'callcontrol']) } },
    })
    expect(JSON.stringify(opened)).not.toContain('unknown')
    expect(await device.ask('GET', `/sessions/${device.sessionId}`)).toMatchObject({ status: 200, body: snapshotOf(device, bob) })
    expect(await device.ask('DELETE', `/sessions/${device.sessionId}`)).toMatchObject({ status: 200 })
    expect(await device.ask('GET', `/sessions/${device.sessionId}`)).toMatchObject({ status: 409, body: { code: 'sessionRequired' } })
    expect(await bob.ring(newInvite())).toBe('offline')
    device.socket.close()
  })

  it('must be opened before anything else, and only one’s own is shown', async () => {
    const bob = new Person()
    const first = await bob.device()
    const second = await bob.connect()
    expect(await second.ask('DELETE', '/invites/1')).toMatchObject({ status: 409, body: { code: 'sessionRequired' } })
    await second.open()
    expect(await second.ask('GET', `/sessions/${first.sessionId}`)).toMatchObject({ status: 404, body: { code: 'notFound' } })
    expect(await second.ask('DELETE', `/sessions/${first.sessionId}`)).toMatchObject({ status: 404, body: { code: 'notFound' } })
    expect(await second.ask('GET', '/rooms')).toMatchObject({ status: 404, body: { code: 'unknownResource' } })
    expect(await second.ask('PUT', '/sessions')).toMatchObject({
      status: 405,
      body: { code: 'unsupportedMethod', context: { allowed: ['POST'] } },
    })
    expect(await second.ask('POST', '/sessions', { sessionId: 'no uuid' })).toMatchObject({ status: 400, body: { code: 'invalidRequest' } })
    first.socket.close()
    second.socket.close()
  })

  it('resumes after its socket was lost, with what it missed and nothing twice', async () => {
    const bob = new Person()
    const device = await bob.device()
    const seen = newInvite()
    await bob.ring(seen)
    expect(await device.event('inviteReceived')).toMatchObject({ seq: 1, resource: `/invites/${seen.inviteId}`, body: seen })
    await device.lose()
    const missed = newInvite()
    await bob.ring(missed)
    await bob.hub.endInvite({ inviteId: seen.inviteId, roomId: seen.roomId, reason: 'cancelled' })
    await evictDurableObject(bob.hub)
    const again = await bob.device({ sessionId: device.sessionId, lastSeq: 1 })
    expect(again.opened).toMatchObject({ body: { resumed: true, snapshot: { sessionId: device.sessionId, seq: 3, invites: [missed] } } })
    expect(await again.event('inviteReceived')).toMatchObject({ seq: 2, body: { inviteId: missed.inviteId } })
    expect(await again.event('inviteEnded')).toMatchObject({ seq: 3, body: { inviteId: seen.inviteId, reason: 'cancelled' } })
    expect(again.socket.untaken).toEqual([])
    again.socket.close()
  })

  it('gives a snapshot to a device that has lost its state', async () => {
    const bob = new Person()
    const device = await bob.device()
    const invite = newInvite()
    await bob.ring(invite)
    await device.lose()
    const reloaded = await bob.device({ sessionId: device.sessionId })
    expect(reloaded.opened).toMatchObject({
      body: { resumed: false, snapshot: { sessionId: device.sessionId, seq: 1, invites: [invite] } },
    })
    expect(reloaded.socket.untaken).toEqual([])
    reloaded.socket.close()
  })

  it('expires a minute after its socket, and is then made anew with the same id', async () => {
    const bob = new Person()
    const device = await bob.device()
    await bob.ring(newInvite())
    await device.event('inviteReceived')
    await device.lose()
    await pass(bob, 59_000)
    expect(await sessionsOf(bob)).toEqual([device.sessionId])
    await evictDurableObject(bob.hub)
    await pass(bob, 2_000)
    expect(await sessionsOf(bob)).toEqual([])
    const again = await bob.device({ sessionId: device.sessionId, lastSeq: 1 })
    expect(again.opened).toMatchObject({ body: { resumed: false, snapshot: { sessionId: device.sessionId, seq: 0 } } })
    again.socket.close()
  })

  it('in a call lives as long as the call, and finds it after a reload', async () => {
    const bob = new Person()
    const device = await bob.device()
    const roomId = newId()
    expect(await enter(bob, roomId, { sessionId: device.sessionId })).toBe('entered')
    expect(await device.event('callEntered')).toMatchObject({
      seq: 1,
      resource: `/rooms/${roomId}`,
      body: { roomId, sessionId: device.sessionId },
    })
    await device.lose()
    await pass(bob, 3_600_000)
    const reloaded = await bob.device({ sessionId: device.sessionId })
    expect(reloaded.opened).toMatchObject({
      body: { snapshot: { calls: [{ roomId, sessionId: device.sessionId, ticket: `back-to-${roomId}` }] } },
    })
    await reloaded.lose()
    await bob.hub.leaveRoom({ roomId, sessionId: device.sessionId })
    await pass(bob, 61_000)
    expect(await sessionsOf(bob)).toEqual([])
  })

  it('is lost where the edge crashed and no socket told of its end', async () => {
    const bob = new Person()
    const device = await bob.device()
    await evictDurableObject(bob.hub, { webSockets: 'close' })
    await device.socket.closed
    expect(await bob.ring(newInvite())).toBe('ringing')
    await pass(bob, 61_000)
    expect(await sessionsOf(bob)).toEqual([])
  })

  it('goes over to a newer connection of the same device', async () => {
    const bob = new Person()
    const older = await bob.device()
    const newer = await bob.device({ sessionId: older.sessionId, lastSeq: 0 })
    expect(await older.socket.closed).toMatchObject({ code: 4409 })
    await bob.ring(newInvite())
    expect(await newer.event('inviteReceived')).toMatchObject({ seq: 1 })
    newer.socket.close()
  })

  it('can be opened again on the connection it has, to hear what was missed', async () => {
    const bob = new Person()
    const device = await bob.device()
    await bob.ring(newInvite())
    await device.event('inviteReceived')
    expect(await device.open({ sessionId: device.sessionId, lastSeq: 0 })).toMatchObject({ body: { resumed: true, snapshot: { seq: 1 } } })
    expect(await device.event('inviteReceived')).toMatchObject({ seq: 1 })
    device.socket.close()
  })

  it('serves what is sent right behind its opening', async () => {
    const bob = new Person()
    const device = await bob.connect()
    const sessionId = crypto.randomUUID()
    device.socket.sendRaw(JSON.stringify({ id: 'open', method: 'POST', resource: '/sessions', body: { sessionId } }))
    expect(await device.ask('GET', `/sessions/${sessionId}`)).toMatchObject({ status: 200, body: { sessionId } })
    device.socket.close()
  })

  it('is limited to 64 of one user', async () => {
    const bob = new Person()
    const devices = await Promise.all(Array.from({ length: 64 }, () => bob.device()))
    const tooMany = await bob.connect()
    expect(await tooMany.open()).toMatchObject({ status: 429, body: { code: 'rateLimited' } })
    await devices[7]?.lose()
    await expect.poll(() => tooMany.open()).toMatchObject({ status: 200 })
    const known = await sessionsOf(bob)
    expect(known).toHaveLength(64)
    expect(known).not.toContain(devices[7]?.sessionId)
    for (const device of [...devices, tooMany]) device.socket.close()
  })
})

describe('calls', () => {
  it('refuse a second room where the user may not be in two, and know the same call again', async () => {
    const bob = new Person()
    const device = await bob.device()
    const roomId = newId()
    const options = { sessionId: device.sessionId, unlessInACall: true }
    expect(await enter(bob, roomId, options)).toBe('entered')
    await evictDurableObject(bob.hub)
    expect(await enter(bob, roomId, options)).toBe('entered')
    expect(await enter(bob, newId(), options)).toBe('inACall')
    expect(await enter(bob, newId(), { ...options, unlessInACall: false })).toBe('entered')
    device.socket.close()
  })

  it('lapse where the room was never created, and stay once it was', async () => {
    const bob = new Person()
    const device = await bob.device()
    const options = { sessionId: device.sessionId, unlessInACall: true }
    const [failed, created] = [newId(), newId()]
    await enter(bob, failed, options)
    await pass(bob, 31_000)
    expect(await device.event('callLeft')).toMatchObject({ body: { roomId: failed, sessionId: device.sessionId } })
    expect(await enter(bob, created, options)).toBe('entered')
    await enter(bob, created, { sessionId: device.sessionId })
    await pass(bob, 31_000)
    expect(await enter(bob, newId(), options)).toBe('inACall')
    device.socket.close()
  })

  it('decline the user’s other invites where only one device may have invitations', async () => {
    const bob = new Person()
    const device = await bob.device()
    const [own, other] = [newInvite(), newInvite()]
    await bob.ring(own)
    await bob.ring(other)
    await enter(bob, own.roomId, { sessionId: device.sessionId, onlyOneDevice: true })
    expect(await device.event('inviteEnded')).toMatchObject({ body: { inviteId: other.inviteId, reason: 'busy' } })
    await expect.poll(() => toldOf(bob)).toMatchObject([{ room: roomOf(other), request: { inviteId: other.inviteId, answer: 'busy' } }])
    device.socket.close()
  })

  it('are told to all devices', async () => {
    const bob = new Person()
    const devices = [await bob.device(), await bob.device()] as const
    const roomId = newId()
    await enter(bob, roomId, { sessionId: devices[0].sessionId })
    await bob.hub.leaveRoom({ roomId, sessionId: devices[0].sessionId })
    await bob.hub.leaveRoom({ roomId, sessionId: devices[0].sessionId })
    for (const device of devices) {
      expect(await device.event('callEntered')).toMatchObject({ seq: 1 })
      expect(await device.event('callLeft')).toMatchObject({ seq: 2, body: { roomId, sessionId: devices[0].sessionId } })
      device.socket.close()
    }
  })
})

describe('revoking', () => {
  it('closes the sockets of a login at once, ends its sessions, and tells every room', async () => {
    const bob = new Person()
    const kept = await bob.device()
    const revoked = await bob.device({ loginId: 'login-2' })
    const unopened = await bob.connect({ loginId: 'login-2' })
    const [roomId, invite] = [newId(), newInvite()]
    await enter(bob, roomId, { sessionId: revoked.sessionId })
    await bob.ring(invite)
    await evictDurableObject(bob.hub)
    await bob.hub.revoke({ loginId: 'login-2' })
    expect(await revoked.socket.closed).toMatchObject({ code: 4401 })
    expect(await unopened.socket.closed).toMatchObject({ code: 4401 })
    expect(await sessionsOf(bob)).toEqual([kept.sessionId])
    const request = { userId: bob.identity.userId, loginId: 'login-2' }
    await expect.poll(() => toldOf(bob)).toHaveLength(2)
    expect(toldOf(bob)).toEqual(
      expect.arrayContaining([roomOf({ roomId }), roomOf(invite)].map((room) => ({ room, call: 'revokeSession', request }))),
    )
    await evictDurableObject(bob.hub)
    await expect(bob.connect({ loginId: 'login-2' })).rejects.toThrow(/401.*tokenRevoked/)
    expect(await kept.ask('GET', `/sessions/${kept.sessionId}`)).toMatchObject({ status: 200 })
    kept.socket.close()
  })

  it('without a login closes all, and a ringing invite has nobody left', async () => {
    const bob = new Person()
    const devices = [await bob.device(), await bob.device({ loginId: 'login-2' })]
    const invite = newInvite()
    await bob.ring(invite)
    await bob.hub.revoke({ loginId: null })
    for (const device of devices) expect(await device.socket.closed).toMatchObject({ code: 4401 })
    await expect.poll(() => toldOf(bob).map(({ call }) => call)).toEqual(['revokeSession', 'inviteAnswered'])
    expect(await bob.ring(newInvite())).toBe('offline')
  })
})

describe('a fresh token', () => {
  it('keeps the socket beyond the old one’s expiry, if it is of the same login', async () => {
    await ensureBootstrapped(edge)
    const bob = new Person()
    const device = await bob.device()
    const tokens = tokenService(edge)
    const sign = (subject: Partial<typeof bob.identity>) =>
      tokens.signAccessToken({ ...bob.identity, ...subject }, { issuer: 'https://ringway.example', lifetime: 48 * 3600 })
    const fresh = await sign({})
    const resource = `/sessions/${device.sessionId}`
    expect(await device.ask('PUT', resource, { token: fresh.token })).toMatchObject({ status: 200, body: { expiresAt: fresh.expiresAt } })
    for (const foreign of [await sign({ userId: newId() }), await sign({ loginId: newId() })]) {
      expect(await device.ask('PUT', resource, { token: foreign.token })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const forAnotherApi = await sign({ scope: ['openid', 'sapi'] })
    expect(await device.ask('PUT', resource, { token: forAnotherApi.token })).toMatchObject({
      status: 403,
      body: { code: 'insufficientScope' },
    })
    expect(await device.ask('PUT', resource, { token: `${fresh.token.slice(0, -4)}AAAA` })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
    expect(await device.ask('PUT', resource, { context: { language: 'de' } })).toMatchObject({
      status: 200,
      body: { expiresAt: fresh.expiresAt },
    })
    expect(await device.ask('GET', resource)).toMatchObject({ status: 200 })
    device.socket.close()
  })
})

describe('the hub of an anonymous user', () => {
  it('leaves nothing behind when the last session is gone', async () => {
    const visitor = new Person({ role: 'anonymous' })
    const device = await visitor.device()
    await device.ask('DELETE', `/sessions/${device.sessionId}`)
    device.socket.close()
    await device.socket.closed
    await pass(visitor, 6_000)
    await expectForgotten(visitor)
    expect(await visitor.ring(newInvite())).toBe('offline')
    await pass(visitor, 6_000)
    await expectForgotten(visitor)
  })

  it('stays while a call or a session is left', async () => {
    const visitor = new Person({ role: 'anonymous' })
    const device = await visitor.device()
    const roomId = newId()
    await enter(visitor, roomId, { sessionId: device.sessionId })
    await device.lose()
    await pass(visitor, 600_000)
    expect(await sessionsOf(visitor)).toEqual([device.sessionId])
    await visitor.hub.leaveRoom({ roomId, sessionId: device.sessionId })
    await pass(visitor, 1_000)
    await pass(visitor, 6_000)
    await expectForgotten(visitor)
  })
})

async function expectForgotten(person: Person): Promise<void> {
  const left = await runInDurableObject(person.hub, async (_, state) => ({
    tables: state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    alarm: await state.storage.getAlarm(),
  }))
  expect(left).toEqual({ tables: [], alarm: null })
  expect((await listDurableObjectIds(edge.USER_HUB)).length).toBeGreaterThan(0)
}
