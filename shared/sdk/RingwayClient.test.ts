import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import type { ClientEvents } from './api/client.ts'
import type { IncomingCall } from './api/incoming-call.ts'
import { RingwayError } from './RingwayError.ts'
import type { RingwayClient } from './RingwayClient.ts'
import { memoryStorage } from './session/Memory.ts'
import { PaperMedia } from './testing/PaperMedia.ts'
import { TestDeployment } from './testing/TestDeployment.ts'
import { participant } from './testing/TestRoom.ts'

let deployment: TestDeployment
let client: RingwayClient
const clients: RingwayClient[] = []
const told: string[] = []

const password = { grantType: 'password', username: 'alice', password: 'right' } as const

function make(options: Parameters<TestDeployment['client']>[0] = {}): RingwayClient {
  client = deployment.client(options)
  clients.push(client)
  const names = [
    'state',
    'incoming',
    'incomingEnded',
    'call',
    'callEnded',
    'sessionEnded',
    'error',
  ] as const satisfies readonly (keyof ClientEvents)[]
  for (const name of names) {
    client.on(name, (payload) => {
      if (typeof payload === 'string') told.push(`${name} ${payload}`)
      else if (payload instanceof RingwayError) told.push(`${name} ${payload.code}`)
      else told.push('reason' in payload ? `${name} ${payload.reason}` : name)
    })
  }
  return client
}

beforeEach(async () => {
  told.length = 0
  deployment = await TestDeployment.start()
  make()
})

afterEach(async () => {
  for (const each of clients.splice(0)) each.close()
  await deployment.close()
})

describe('signing in', () => {
  test('opens a session and says who one is', async () => {
    const session = await client.login(password)
    expect(session).toMatchObject({
      user: { username: 'alice@default', displayName: 'Alice', domain: 'default' },
      capabilities: ['audio-call'],
    })
    expect([client.state, client.session]).toEqual(['online', session])
    expect(told).toEqual(['state connecting', 'state online'])
    expect(deployment.hub?.requests[0]?.body).toMatchObject({ context: { capabilities: expect.arrayContaining(['audio-call']) } })
  })

  test('with wrong credentials is refused, and leaves nothing behind', async () => {
    await expect(client.login({ ...password, password: 'wrong' })).rejects.toMatchObject({ code: 'invalidGrant', status: 400 })
    expect(client.state).toBe('signedOut')
    await expect(client.restore()).resolves.toBeNull()
    await expect(client.login(password)).resolves.toBeDefined()
  })

  test('where the session is refused takes the login back', async () => {
    deployment.server.refuse = () => new AppError('serviceNotEnabled')
    await expect(client.login(password)).rejects.toMatchObject({ code: 'serviceNotEnabled', status: 403 })
    expect(client.state).toBe('signedOut')
    await expect(client.restore()).resolves.toBeNull()
  })

  test('twice at once is a mistake of the programmer', async () => {
    const first = client.login(password)
    await expect(client.login(password)).rejects.toThrow(TypeError)
    await first
    await expect(client.restore()).rejects.toThrow(TypeError)
  })

  test('without a server says so in time', async () => {
    const nowhere = make({ url: 'http://127.0.0.1:9' })
    await expect(nowhere.login(password)).rejects.toMatchObject({ code: 'networkUnreachable', retryable: true })
  })

  test('is needed for everything else', async () => {
    await expect(client.call({ to: 'bob' })).rejects.toMatchObject({ code: 'signedOut' })
    await expect(client.contacts()).rejects.toMatchObject({ code: 'signedOut' })
    await client.logout()
    expect(client.calls.size + client.invites.size).toBe(0)
  })
})

describe('signing out', () => {
  test('leaves calls, ends the session, revokes the tokens and forgets', async () => {
    await client.login(password)
    const call = await client.joinRoom(newId())
    await client.logout()
    expect(call.endReason).toBe('left')
    expect(deployment.room(call.id).asked.at(-1)).toBe('removeParticipant')
    expect(deployment.hubRequests.at(-1)).toMatch(/^DELETE \/sessions\//)
    expect([client.state, client.session]).toEqual(['signedOut', null])
    expect(told.slice(-3)).toEqual(['callEnded left', 'state signedOut', 'sessionEnded signedOut'])
    await expect(client.restore()).resolves.toBeNull()
  })
})

describe('a session', () => {
  test('reconnects by itself', async () => {
    await client.login(password)
    deployment.hub?.drop()
    await deployment.server.until(() => told.filter((line) => line === 'state online').length === 2)
    expect(told).toEqual(['state connecting', 'state online', 'state reconnecting', 'state online'])
  })

  test('is shown a fresh token before the old one expires', async () => {
    deployment.lifetime = 1
    await client.login(password)
    await deployment.server.until(() => deployment.hubRequests.some((request) => request.startsWith('PUT /sessions/')))
    expect(deployment.tokenRequests.at(-1)).toMatchObject({ grant_type: 'refresh_token' })
  })

  test.each([
    [closeCodes.ended, 'ended'],
    [closeCodes.forbidden, 'forbidden'],
    [closeCodes.replaced, 'replaced'],
  ] as const)('that the server closes with %i has ended: %s', async (code, reason) => {
    await client.login(password)
    const call = await client.joinRoom(newId())
    deployment.hub?.close(code)
    await deployment.server.until(() => client.state === 'signedOut')
    expect(told.slice(-3)).toEqual([
      `callEnded ${reason === 'replaced' ? 'replaced' : 'revoked'}`,
      'state signedOut',
      `sessionEnded ${reason}`,
    ])
    expect(call.state).toBe('ended')
    expect(client.session).toBeNull()
  })

  test('whose login is over ends, and can be had again only by signing in', async () => {
    await client.login(password)
    deployment.server.refuse = () => new AppError('tokenRevoked')
    deployment.hub?.close(closeCodes.unauthenticated)
    await deployment.server.until(() => client.state === 'signedOut')
    expect(told.at(-1)).toBe('sessionEnded unauthenticated')
    deployment.server.refuse = () => undefined
    await expect(client.restore()).resolves.toBeNull()
  })
})

describe('an incoming call', () => {
  const incoming = async (): Promise<IncomingCall> => {
    await client.login(password)
    deployment.ring()
    await deployment.server.until(() => client.invites.size === 1)
    return [...client.invites.values()][0] as IncomingCall
  }

  test('rings, and is prepared at once with the ticket it brought', async () => {
    const invite = await incoming()
    expect(invite).toMatchObject({
      from: { username: 'bob@default', displayName: 'Bob' },
      media: { audio: true, video: true },
      expiresAt: 30_000,
      endReason: null,
    })
    const room = deployment.room(invite.roomId)
    await deployment.server.until(() => room.asked.includes('declareCapabilities'))
    expect(room.asked.slice(0, 2)).toEqual(['prepare', 'openMedia'])
    expect(room.connection?.ticket).toBe('ring-ticket')
  })

  test('is accepted', async () => {
    const invite = await incoming()
    const call = await invite.accept({ video: true })
    expect(await invite.accept()).toBe(call)
    expect(client.calls.get(invite.roomId)).toBe(call)
    expect([client.invites.size, invite.endReason]).toEqual([0, 'accepted'])
    expect(told.slice(2)).toEqual(['incoming', 'call', 'incomingEnded accepted'])
  })

  test('is declined for all devices', async () => {
    const invite = await incoming()
    await invite.decline()
    expect(deployment.hubRequests.at(-1)).toBe(`DELETE /invites/${invite.id}`)
    expect([client.invites.size, invite.endReason]).toEqual([0, 'declined'])
    await expect(invite.accept()).rejects.toMatchObject({ code: 'inviteEnded' })
  })

  test('stops ringing when the hub says so', async () => {
    const invite = await incoming()
    const ends: string[] = []
    invite.on('ended', (reason) => ends.push(reason))
    await deployment.server.until(() => deployment.room(invite.roomId).asked.includes('prepare'))
    deployment.tell('inviteEnded', { inviteId: invite.id, roomId: invite.roomId, reason: 'acceptedElsewhere' })
    await deployment.server.until(() => client.invites.size === 0)
    expect([ends, told.at(-1)]).toEqual([['acceptedElsewhere'], 'incomingEnded acceptedElsewhere'])
    await expect(invite.accept()).rejects.toMatchObject({ code: 'inviteAcceptedElsewhere' })
    await deployment.server.until(() => deployment.room(invite.roomId).connection?.closed === true)
  })

  test('that ended while the hub was away rings no more', async () => {
    const invite = await incoming()
    deployment.invites = []
    deployment.hub?.drop()
    await deployment.server.until(() => client.invites.size === 0)
    expect(invite.endReason).toBe('cancelled')
  })

  test('that another device was faster to accept says so', async () => {
    const invite = await incoming()
    deployment.room(invite.roomId).instead.set('acceptInvite', () => {
      // The hub's word may overtake the room's.
      deployment.tell('inviteEnded', { inviteId: invite.id, roomId: invite.roomId, reason: 'acceptedElsewhere' })
      throw new AppError('inviteAcceptedElsewhere')
    })
    await expect(invite.accept()).rejects.toMatchObject({ code: 'inviteAcceptedElsewhere' })
    expect([invite.endReason, client.calls.size]).toEqual(['acceptedElsewhere', 0])
  })

  test('rings on where the microphone could not be opened before it was accepted', async () => {
    const media = new PaperMedia()
    Object.assign(media, { mayAsk: () => Promise.resolve(true) })
    make({ media })
    media.beforeCapture = () => Promise.reject(RingwayError.ofDevice('deviceNotAllowed'))
    const invite = await incoming()
    await expect(invite.accept()).rejects.toMatchObject({ code: 'deviceNotAllowed' })
    expect([invite.endReason, client.invites.size]).toEqual([null, 1])
    media.beforeCapture = () => Promise.resolve()
    await expect(invite.accept()).resolves.toMatchObject({ id: invite.roomId })
  })
})

describe('calls', () => {
  test('that reach nobody are rejected and never listed', async () => {
    await client.login(password)
    deployment.furnish = (room) =>
      (room.inviteOutcomes = [{ error: { code: 'userBusy', message: 'The user is in another call.', retryable: true } }])
    await expect(client.call({ to: 'bob' })).rejects.toMatchObject({ code: 'userBusy', retryable: true })
    expect(client.calls.size).toBe(0)
    expect(told).not.toContain('call')
  })

  test('to a room one is in already are the one there is', async () => {
    await client.login(password)
    const roomId = newId()
    const call = await client.joinRoom(roomId)
    expect(await client.joinRoom(roomId)).toBe(call)
    expect(told.filter((line) => line === 'call')).toHaveLength(1)
  })

  test('to a meeting bring the key of its link where tickets go, and leave it out of the id', async () => {
    await client.login(password)
    const uri = `wac-meeting:${newId()}`
    const key = 'k'.repeat(22)
    const call = await client.joinRoom(`${uri}.${key}`)
    expect([call.id, deployment.room(uri).connection?.ticket]).toEqual([uri, key])
    expect(await client.joinRoom(uri)).toBe(call)
  })

  test('without a media engine carry signaling only', async () => {
    const storage = memoryStorage()
    make({ storage, media: undefined })
    await client.login(password)
    await expect(client.joinRoom(newId())).rejects.toMatchObject({ code: 'mediaNotSupported' })
    const call = await client.joinRoom(newId(), { audio: false })
    await expect(call.setMicrophone(true)).rejects.toMatchObject({ code: 'mediaNotSupported' })
    expect(await call.getStats()).toMatchObject({ tracks: [], transports: [] })
    expect(deployment.room(call.id).asked).toEqual(['join'])
  })
})

describe('after a reload', () => {
  test('the session and its calls are back', async () => {
    const storage = memoryStorage()
    const { sessionId } = await make({ storage }).login(password)
    const roomId = newId()
    const before = await client.joinRoom(roomId)
    deployment.room(roomId).participants.push(participant('bob', 'bob'))
    deployment.calls = [
      { roomId, sessionId, ticket: 'return-ticket', enteredAt: 1 },
      { roomId: newId(), sessionId: newId(), ticket: 'of another device', enteredAt: 1 },
    ]
    client.close()
    expect([client.state, before.state]).toEqual(['signedOut', 'ended'])
    told.length = 0

    const session = await make({ storage }).restore()
    expect(session?.sessionId).toBe(sessionId)
    expect([...client.calls.keys()]).toEqual([roomId])
    const call = client.calls.get(roomId)
    expect([call?.state, call?.me.id, call?.participants.size]).toEqual(['active', before.me.id, 2])
    expect(deployment.room(roomId).connection?.ticket).toBe('return-ticket')
    expect(told).toEqual(['state connecting', 'state online', 'call'])
    expect(deployment.tokenRequests).toHaveLength(1)
  })

  test('a call that is over by now is left out', async () => {
    const storage = memoryStorage()
    const { sessionId } = await make({ storage }).login(password)
    const roomId = newId()
    deployment.room(roomId).instead.set('join', () => {
      throw new AppError('roomNotFound')
    })
    deployment.calls = [{ roomId, sessionId, ticket: 't', enteredAt: 1 }]
    client.close()
    expect(await make({ storage }).restore()).not.toBeNull()
    expect(client.calls.size).toBe(0)
    expect(told).not.toContain('call')
  })

  test('nothing stored is nobody signed in', async () => {
    await expect(client.restore()).resolves.toBeNull()
    expect(told).toEqual(['state connecting', 'state signedOut'])
  })

  test('a login that has ended meanwhile is forgotten', async () => {
    const storage = memoryStorage()
    await make({ storage }).login(password)
    client.close()
    deployment.server.refuse = () => new AppError('tokenRevoked')
    const tokens = deployment.tokenRequests.length
    await expect(make({ storage }).restore()).resolves.toBeNull()
    expect(deployment.tokenRequests.length).toBe(tokens + 1)
    await expect(make({ storage }).restore()).resolves.toBeNull()
    expect(deployment.tokenRequests.length).toBe(tokens + 1)
  })

  test('a server that is away is no reason to forget', async () => {
    const storage = memoryStorage()
    await make({ storage }).login(password)
    client.close()
    deployment.server.refuse = () => new AppError('unavailable')
    await expect(make({ storage, timing: { requestTimeout: 100 } }).restore()).rejects.toMatchObject({
      code: 'networkUnreachable',
      retryable: true,
    })
    deployment.server.refuse = () => undefined
    await expect(client.restore()).resolves.not.toBeNull()
  })
})

describe('contacts', () => {
  test('come in pages', async () => {
    await client.login(password)
    const first = await client.contacts({ query: 'o', limit: 1 })
    expect(first).toEqual({ items: [{ userId: 'u2', username: 'bob@default', displayName: 'Bob' }], nextCursor: 'two' })
    expect(await client.contacts({ cursor: first.nextCursor ?? '' })).toEqual({
      items: [{ userId: 'u3', username: 'carol@default', displayName: 'carol@default' }],
      nextCursor: null,
    })
  })

  test('are asked for again with a token that the server takes', async () => {
    await client.login(password)
    deployment.revoked.add('access-1')
    await expect(client.contacts()).resolves.toMatchObject({ items: [{ userId: 'u2' }] })
    expect(deployment.tokenRequests.at(-1)).toMatchObject({ grant_type: 'refresh_token' })
  })
})
