import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { RingwayError } from '../RingwayError.ts'
import { CallBench } from '../testing/call.ts'
import { inviteView } from '../testing/TestRoom.ts'
import { entryMediaOf } from './entry-media.ts'

/** Making and answering calls: what is sent when, and what happens where something is refused. */

let bench: CallBench

beforeEach(async () => {
  bench = await CallBench.start()
})

afterEach(() => bench.close())

const audio = entryMediaOf({})
const video = entryMediaOf({ video: true })
const ringing = { invite: inviteView('i1', 'bob') }
const refused = { error: { code: 'userOffline', message: 'The user has no device online.', retryable: true } }

describe('a call', () => {
  test('creates its room and negotiates media without waiting in between', async () => {
    bench.room.inviteOutcomes = [ringing]
    bench.room.invites = [ringing.invite]
    bench.room.instead.set('createRoom', async ({ body }) => {
      // The room answers once everybody has been rung; media is negotiated meanwhile.
      await bench.asked('publish')
      return bench.room.usual('createRoom', body)
    })
    const call = await bench.call.create({ to: ['bob'], media: audio })
    expect(bench.room.asked.slice(0, 2)).toEqual(['createRoom', 'openMedia'])
    expect(bench.room.requests[0]?.body).toMatchObject({ kind: 'call', invites: [{ to: 'bob', media: { audio: true, video: false } }] })
    expect(call.state).toBe('ringing')
    expect(call.me.id).toBe('me')
    expect([...call.outgoingInvites.keys()]).toEqual(['i1'])
    expect(bench.shown).toEqual([call])
  })

  test('announces the microphone while the device is still being opened', async () => {
    let open: () => void = () => undefined
    bench.media.beforeCapture = () => new Promise((resolve) => (open = resolve))
    bench.room.inviteOutcomes = [ringing]
    const calling = bench.call.create({ to: ['bob'], media: audio })
    await bench.asked('publish')
    expect(bench.session.sending.get('microphone')).toBeNull()
    open()
    await calling
    expect(bench.session.sending.get('microphone')).toBe(bench.media.captured[0])
    expect(bench.count('publish')).toBe(1)
    expect(bench.call.me.tracks.has('microphone')).toBe(true)
  })

  test('rings nobody before the user has allowed the microphone', async () => {
    let open: () => void = () => undefined
    bench.media.beforeCapture = () => new Promise((resolve) => (open = resolve))
    Object.assign(bench.media, { mayAsk: () => Promise.resolve(true) })
    const calling = bench.call.create({ to: ['bob'], media: audio })
    await bench.server.connected(1)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(bench.room.asked).toEqual([])
    open()
    bench.room.inviteOutcomes = [ringing]
    await calling
    await bench.asked('publish')
  })

  test('that reaches nobody is rejected with the reason, and never shown', async () => {
    bench.room.inviteOutcomes = [refused, refused]
    await expect(bench.call.create({ to: ['bob', 'carol'], media: audio })).rejects.toMatchObject({ code: 'userOffline' })
    expect(bench.shown).toEqual([])
    expect(bench.call.state).toBe('ended')
    expect(bench.media.captured.every(({ stopped }) => stopped)).toBe(true)
    expect(bench.session.closed).toBe(true)
  })

  test('that reaches some tells of the others', async () => {
    bench.room.inviteOutcomes = [refused, ringing]
    const call = await bench.call.create({ to: ['carol', 'bob'], media: audio })
    expect(call.refusedInvites).toMatchObject([{ to: 'carol', error: { code: 'userOffline' } }])
  })

  test('without a microphone is rejected, and the room is left', async () => {
    bench.media.beforeCapture = () => Promise.reject(RingwayError.ofDevice('deviceNotAllowed'))
    bench.room.inviteOutcomes = [ringing]
    await expect(bench.call.create({ to: ['bob'], media: audio })).rejects.toMatchObject({ code: 'deviceNotAllowed' })
    await bench.asked('removeParticipant')
  })

  test('goes on without a camera, and says so', async () => {
    bench.media.beforeCapture = ({ source }) =>
      source === 'camera' ? Promise.reject(RingwayError.ofDevice('deviceInUse')) : Promise.resolve()
    bench.room.inviteOutcomes = [ringing]
    const call = await bench.call.create({ to: ['bob'], media: video })
    await bench.server.until(() => bench.told.includes('error deviceInUse'))
    expect([...call.me.tracks.keys()]).toEqual(['microphone'])
  })

  test('is refused where the server refuses it', async () => {
    bench.room.instead.set('createRoom', () => {
      throw new AppError('inACall')
    })
    bench.room.instead.set('openMedia', () => {
      throw new AppError('sessionRequired')
    })
    await expect(bench.call.create({ to: ['bob'], media: audio })).rejects.toMatchObject({ code: 'inACall', retryable: true })
    expect(bench.media.sessions).toEqual([])
  })

  test('without devices needs none', async () => {
    bench.room.inviteOutcomes = [ringing]
    await bench.call.create({ to: ['bob'], media: entryMediaOf({ audio: false }) })
    expect(bench.media.captured).toEqual([])
    expect(bench.count('publish')).toBe(0)
  })

  test('becomes active when somebody comes in, and is over when the room is', async () => {
    bench.room.inviteOutcomes = [ringing]
    bench.room.invites = [ringing.invite]
    const call = await bench.call.create({ to: ['bob'], media: audio })
    bench.room.join('bob')
    bench.room.event('inviteCompleted', { inviteId: 'i1', participantId: 'bob' })
    await bench.server.until(() => call.outgoingInvites.size === 0)
    expect(call.state).toBe('active')
    expect(call.startedAt).toBe(1000)
    bench.room.event('userLeft', { participantId: 'bob', reason: 'left' })
    bench.room.event('roomDestroyed', { reason: 'lastParticipant' })
    await bench.server.until(() => call.state === 'ended')
    expect(bench.told).toEqual([
      'trackAdded alice@default microphone',
      'state ringing',
      'participantJoined bob@default',
      'state active',
      'inviteEnded i1 accepted',
      'participantLeft bob@default left',
      'state ended',
      'ended lastParticipant',
    ])
  })
})

describe('a rung device', () => {
  test('prepares its transports while it rings, and publishes nothing', async () => {
    bench.call.prepare('i1')
    await bench.asked('declareCapabilities')
    await bench.asked('connectTransport', 2)
    expect(bench.room.asked.slice(0, 2)).toEqual(['prepare', 'openMedia'])
    expect(bench.server.latest.ticket).toBe('first-ticket')
    expect(bench.count('publish')).toBe(0)
    expect(bench.media.captured).toEqual([])
  })

  test('accepts and publishes without waiting in between', async () => {
    bench.call.prepare('i1')
    await bench.asked('connectTransport', 2)
    bench.room.participants = [
      ...bench.room.participants,
      { ...bench.room.participants[0], participantId: 'bob', username: 'bob@default' } as never,
    ]
    bench.room.instead.set('acceptInvite', async ({ body }) => {
      await bench.asked('publish')
      return bench.room.usual('acceptInvite', body)
    })
    const call = await bench.call.accept('i1', { media: audio })
    expect(call.state).toBe('active')
    expect(bench.media.sessions).toHaveLength(1)
    expect(bench.count('openMedia')).toBe(1)
  })

  test('may accept before it is even connected', async () => {
    bench.call.prepare('i1')
    const call = await bench.call.accept('i1', { media: audio })
    expect(bench.room.asked[0]).toBe('acceptInvite')
    expect(bench.count('prepare')).toBe(0)
    expect(bench.count('openMedia')).toBe(1)
    expect(call.me.tracks.has('microphone')).toBe(true)
  })

  test('starts anew where its connection was lost while it rang', async () => {
    bench.call.prepare('i1')
    await bench.asked('connectTransport', 2)
    bench.room.participantId = 'me-again'
    bench.room.participants = [{ ...bench.room.participants[0], participantId: 'me-again' } as never]
    bench.server.latest.drop()
    await bench.asked('openMedia', 2)
    await bench.server.until(() => bench.media.sessions.length === 2)
    expect(bench.media.sessions[0]?.closed).toBe(true)
    const call = await bench.call.accept('i1', { media: audio })
    expect(call.me.id).toBe('me-again')
    expect(bench.session.sending.size).toBe(1)
  })

  test('that is too late is told, and closes everything', async () => {
    bench.call.prepare('i1')
    await bench.asked('connectTransport', 2)
    bench.room.instead.set('acceptInvite', () => {
      throw new AppError('inviteAcceptedElsewhere')
    })
    await expect(bench.call.accept('i1', { media: audio })).rejects.toMatchObject({ code: 'inviteAcceptedElsewhere' })
    expect(bench.session.closed).toBe(true)
    expect(bench.media.captured.every(({ stopped }) => stopped)).toBe(true)
    expect(bench.shown).toEqual([])
  })

  test('hears who speaks at once: what is offered right after the accept is received before its answer', async () => {
    bench.call.prepare('i1')
    await bench.asked('connectTransport', 2)
    bench.room.instead.set('acceptInvite', async ({ body }) => {
      bench.room.participants = [
        ...bench.room.participants,
        { participantId: 'bob', username: 'bob@default', owner: true, connected: true, joinedAt: 900 },
      ]
      bench.room.publish('bob', 'microphone')
      await bench.server.until(() => bench.session.receiving.has('bob-microphone'))
      return bench.room.usual('acceptInvite', body)
    })
    const call = await bench.call.accept('i1', { media: audio })
    expect(call.participants.get('bob')?.tracks.get('microphone')).toMatchObject({ isLocal: false, publicationId: 'bob-microphone' })
    expect(bench.told).toContain('trackAdded bob@default microphone')
  })
})
