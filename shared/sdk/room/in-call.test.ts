import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors/AppError.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { CallBench } from '../testing/call.ts'
import { RingwayError } from '../RingwayError.ts'
import { participant, publicationOf } from '../testing/TestRoom.ts'
import { entryMediaOf } from './entry-media.ts'

/** A call with bob that is on: lost connections, moving media, devices, moderation, endings. */

let bench: CallBench

beforeEach(async () => {
  bench = await CallBench.start()
  bench.room.participants = [...bench.room.participants, participant('bob', 'bob', { owner: true })]
  await bench.call.accept('i1', { media: entryMediaOf({ video: true }) })
  await bench.asked('publish', 2)
  bench.room.publish('bob', 'microphone')
  await bench.server.until(() => bench.told.includes('trackAdded bob@default microphone'))
  await bench.asked('declareCapabilities')
  bench.told.length = 0
})

afterEach(() => bench.close())

const bob = () => {
  const found = bench.call.participants.get('bob')
  if (found === undefined) throw new TypeError('bob is not in')
  return found
}

const dropped = async (meanwhile: () => void = () => undefined) => {
  const lost = bench.server.latest
  const joins = bench.count('join')
  lost.drop()
  await bench.server.until(() => lost.closed)
  meanwhile()
  await bench.asked('join', joins + 1)
  await bench.server.until(() => bench.call.state === 'active')
}

describe('a lost connection', () => {
  test('is resumed: same participants, same media, nothing missed or doubled', async () => {
    const before = bob()
    await dropped(() => {
      bench.room.participants = [...bench.room.participants, participant('carol', 'carol')]
      bench.room.event('userJoin', participant('carol', 'carol'), { send: false })
    })
    expect(bench.room.requests.findLast(({ name }) => name === 'join')?.body).toMatchObject({ lastSeq: 6 })
    expect(bench.told).toEqual(['state reconnecting', 'participantJoined carol@default', 'state active'])
    expect(bob()).toBe(before)
    expect(bench.media.sessions).toHaveLength(1)
    expect(bench.server.latest.ticket).toMatch(/^ticket-/)
  })

  test('loses no offer: what can be received is asked for again', async () => {
    await dropped(() => {
      bench.room.publications = [
        ...bench.room.publications,
        { publicationId: 'bob-camera', participantId: 'bob', source: 'camera', kind: 'video', paused: false },
      ]
      bench.room.event('publicationAdded', bench.room.publications[1] as never, { send: false })
    })
    await bench.server.until(() => bench.session.receiving.has('bob-camera'))
    expect([...bench.session.receiving.keys()].toSorted()).toEqual(['bob-camera', 'bob-microphone'])
    await bench.server.until(() => bench.told.includes('trackAdded bob@default camera'))
  })

  test('loses no offer that overtakes the answer to what can be received', async () => {
    bench.room.instead.set('declareCapabilities', async ({ body }) => {
      const answer = bench.room.usual('declareCapabilities', body)
      bench.room.publish('bob', 'screen')
      await bench.server.until(() => bench.session.receiving.has('bob-screen'))
      return answer
    })
    await dropped()
    await bench.asked('declareCapabilities', 2)
    bench.room.instead.delete('declareCapabilities')
    await bench.call.mute()
    expect([...bench.session.receiving.keys()].toSorted()).toEqual(['bob-microphone', 'bob-screen'])
  })

  test('forgets what is gone, where the room can only give a snapshot', async () => {
    bench.room.instead.set('join', ({ body }) => ({ body: { ...bench.room.joinResult(body), resumed: false } }))
    bench.room.event('inviteCreated', {
      inviteId: 'i5',
      from: { participantId: 'me', username: 'a' },
      to: { username: 'dave@default' },
      media: { audio: true, video: false },
      createdAt: 1,
      expiresAt: null,
    })
    await bench.server.until(() => bench.call.outgoingInvites.size === 1)
    await dropped(() => {
      bench.room.publications = []
      bench.room.participants = [participant('me', 'alice'), participant('carol', 'carol')]
      bench.room.seq = 700
    })
    expect(bench.told).toEqual([
      'inviteCreated i5',
      'state reconnecting',
      'trackRemoved bob@default microphone',
      'participantLeft bob@default left',
      'participantJoined carol@default',
      'inviteEnded i5 cancelled',
      'state active',
    ])
    bench.room.event('userDown', { participantId: 'carol' })
    await bench.server.until(() => bench.told.includes('participantDown carol@default'))
  })

  test('sends again what was not answered', async () => {
    bench.room.instead.set('invite', () => undefined)
    const inviting = bench.call.invite('carol')
    await bench.asked('invite')
    bench.room.instead.delete('invite')
    await dropped()
    expect(await inviting).toMatchObject({ id: 'i9' })
    expect(new Set(bench.server.requests.filter(({ resource }) => resource.endsWith('/invites')).map(({ id }) => id)).size).toBe(1)
  })

  test('that the room did not wait for ends the call', async () => {
    bench.room.instead.set('join', () => {
      throw new AppError('roomNotFound')
    })
    bench.server.latest.drop()
    await bench.server.until(() => bench.call.state === 'ended')
    expect(bench.call.endReason).toBe('connectionLost')
    expect(bench.session.closed).toBe(true)
  })
})

describe('media that moves', () => {
  const move = (reason: 'drain' | 'hostLost') => {
    bench.room.mediaEpoch = 2
    bench.room.event('mediaMoved', { reason, participants: [{ participantId: 'me', mediaEpoch: 2 }] })
  }

  test('is made anew before the old is broken, with the same devices and without anybody leaving', async () => {
    const track = bob().tracks.get('microphone')
    const devices = [...bench.media.captured]
    bench.media.connects = false
    const old = bench.session
    move('drain')
    await bench.asked('publish', 4)
    const next = bench.session
    expect(next.mediaEpoch).toBe(2)
    expect([...next.sending.values()]).toEqual([...old.sending.values()])
    await bench.server.until(() => next.receiving.has('bob-microphone'))
    expect(old.closed).toBe(false)
    expect(bench.told).toEqual(['mediaMoved me=true finished=false'])
    next.connect('recv')
    next.connect('send')
    await bench.server.until(() => old.closed)
    expect(bench.told).toEqual([
      'mediaMoved me=true finished=false',
      'trackAdded bob@default microphone',
      'mediaMoved me=true finished=true',
    ])
    expect(bob().tracks.get('microphone')).toBe(track)
    expect(bench.media.captured).toEqual(devices)
    expect(devices.some(({ stopped }) => stopped)).toBe(false)
  })

  test('from a host that is lost waits for nothing', async () => {
    bench.media.connects = false
    const old = bench.session
    move('hostLost')
    await bench.server.until(() => old.closed)
    await bench.server.until(() => bench.told.includes('trackAdded bob@default microphone'))
    expect(bench.session.closed).toBe(false)
  })

  test('again while it moves goes to the last place', async () => {
    bench.media.connects = false
    move('drain')
    await bench.server.until(() => bench.media.sessions.length === 2)
    bench.media.connects = true
    bench.room.mediaEpoch = 3
    bench.room.event('mediaMoved', { reason: 'drain', participants: [{ participantId: 'me', mediaEpoch: 3 }] })
    await bench.server.until(() => bench.told.includes('mediaMoved me=true finished=true'))
    expect(bench.media.sessions.map(({ mediaEpoch, closed }) => [mediaEpoch, closed])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ])
  })

  test('unheard of, because the connection was lost, is noticed on return', async () => {
    await dropped(() => {
      bench.room.mediaEpoch = 2
    })
    await bench.server.until(() => bench.told.includes('mediaMoved me=true finished=true'))
    expect(bench.session.mediaEpoch).toBe(2)
    expect(bench.session.sending.size).toBe(2)
  })

  test('and cannot be served for a while is tried again until it can, and said once', async () => {
    let refusals = 0
    bench.room.instead.set('openMedia', ({ body }) => {
      if (refusals++ < 4) throw new AppError('mediaUnavailable')
      return bench.room.usual('openMedia', body)
    })
    move('hostLost')
    await bench.server.until(() => bench.told.includes('mediaMoved me=true finished=true'))
    expect(bench.told.filter((line) => line === 'error mediaUnavailable')).toHaveLength(1)
    expect(bench.session.sending.size).toBe(2)
  })

  test('keeps what was asked of subscriptions and senders', async () => {
    const track = bob().tracks.get('microphone')
    if (track?.isLocal !== false) throw new TypeError('not a remote track')
    await track.setEnabled(false)
    bench.room.signal('bandwidth', { source: 'camera', maxBitrate: 640_000 })
    await bench.server.until(() => bench.session.bitrates.get('camera') === 640_000)
    move('drain')
    await bench.asked('updateSubscription', 2)
    expect(bench.room.requests.findLast(({ name }) => name === 'updateSubscription')).toMatchObject({
      params: { publicationId: 'bob-microphone' },
      body: { mediaEpoch: 2, paused: true },
    })
    await bench.server.until(() => bench.session.mediaEpoch === 2 && bench.session.bitrates.get('camera') === 640_000)
  })

  test('of others is said, and theirs replaces what was there', async () => {
    bench.room.event('mediaMoved', { reason: 'hostLost', participants: [{ participantId: 'bob', mediaEpoch: 2 }] })
    bench.room.signal('subscriptionClosed', { publicationId: 'bob-microphone' })
    await bench.server.until(() => !bench.session.receiving.has('bob-microphone'))
    bench.room.signal('subscriptionOffered', { ...bench.room.subscription(bench.room.publications[0] as never), consumerId: 'new' })
    await bench.server.until(() => bench.told.includes('trackAdded bob@default microphone'))
    expect(bench.told).toEqual(['mediaMoved me=false finished=false', 'trackAdded bob@default microphone'])
  })
})

describe('a transport that fails', () => {
  test('gets one restart of ICE, and is given up when that fails: media moves', async () => {
    const old = bench.session
    old.output.transportState('send', 'failed')
    await bench.server.until(() => old.restarts.length === 1)
    expect(bench.count('restartIce')).toBe(1)
    old.output.transportState('send', 'failed')
    await bench.asked('reportFailure')
    await bench.server.until(() => bench.session !== old && bench.session.sending.size === 2)
    expect(bench.session.mediaEpoch).toBe(2)
  })
})

describe('devices', () => {
  test('are opened, changed and released', async () => {
    const [, camera] = bench.media.captured
    await bench.call.setCamera({ deviceId: 'front' })
    expect(camera?.stopped).toBe(true)
    expect(bench.count('publish')).toBe(2)
    expect(bench.session.sending.get('camera')).toBe(bench.media.captured[2])
    await bench.call.setCamera(false)
    expect(bench.count('unpublish')).toBe(1)
    expect(bench.call.me.tracks.has('camera')).toBe(false)
    await bench.call.startScreenShare()
    expect(bench.call.me.tracks.get('screen')).toMatchObject({ isLocal: true, kind: 'video' })
    await bench.call.stopScreenShare()
    expect([...bench.call.me.tracks.keys()]).toEqual(['microphone'])
  })

  test('asked for in quick succession end as asked last', async () => {
    await Promise.all([bench.call.setCamera(false), bench.call.setCamera(true), bench.call.setCamera(false)])
    expect(bench.call.me.tracks.has('camera')).toBe(false)
    expect(bench.media.captured.filter(({ source, stopped }) => source === 'camera' && !stopped)).toEqual([])
  })

  test('that are unplugged are said to be, and published no more', async () => {
    bench.media.captured[0]?.unplug()
    await bench.asked('unpublish')
    await bench.server.until(() => bench.told.includes('error deviceEnded'))
    expect(bench.told).toContain('trackRemoved alice@default microphone')
  })

  test('that the room refuses are released', async () => {
    bench.room.instead.set('publish', () => {
      throw new AppError('mediaRejected')
    })
    await expect(bench.call.startScreenShare()).rejects.toMatchObject({ code: 'mediaRejected' })
    expect(bench.media.captured.at(-1)).toMatchObject({ source: 'screen', stopped: true })
    expect(bench.call.me.tracks.has('screen')).toBe(false)
  })

  test('are muted here at once and there as well', async () => {
    const muting = bench.call.mute()
    expect(bench.media.captured[0]?.enabled).toBe(false)
    expect(bench.told).toEqual(['trackMuted alice@default microphone'])
    await muting
    expect(bench.room.requests.at(-1)).toMatchObject({
      name: 'updatePublication',
      params: { source: 'microphone' },
      body: { paused: true },
    })
    await bench.call.unmute()
    expect(bench.media.captured[0]?.enabled).toBe(true)
  })

  test('muted by the owner stay muted until this side unmutes', async () => {
    const mine = { publicationId: 'mine', participantId: 'me', source: 'microphone', kind: 'audio' } as const
    bench.room.event('publicationChanged', { ...mine, paused: true, by: 'bob' })
    await bench.server.until(() => bench.told.length === 1)
    expect(bench.media.captured[0]?.enabled).toBe(false)
    expect(bench.call.me.tracks.get('microphone')?.muted).toBe(true)
    await bench.call.unmute()
    expect(bench.room.requests.at(-1)).toMatchObject({ name: 'updatePublication', body: { paused: false } })
  })

  test('an echo of what this side did before does not undo what it did since', async () => {
    await bench.call.mute()
    await bench.call.unmute()
    const mine = { publicationId: 'mine', participantId: 'me', source: 'microphone', kind: 'audio' } as const
    bench.room.event('publicationChanged', { ...mine, paused: true })
    bench.room.event('userDown', { participantId: 'bob' })
    await bench.server.until(() => bench.told.some((line) => line.startsWith('participantDown')))
    expect(bench.call.me.tracks.get('microphone')?.muted).toBe(false)
    expect(bench.media.captured[0]?.enabled).toBe(true)
  })
})

describe('moderation', () => {
  test('asks the room', async () => {
    await bench.call.muteParticipant('bob')
    await bench.call.kick('bob')
    bench.room.instead.set('updateRoom', () => {
      throw new AppError('notRoomOwner')
    })
    await expect(bench.call.lock()).rejects.toMatchObject({ code: 'notRoomOwner' })
    expect(bench.room.requests.slice(-3)).toMatchObject([
      { name: 'muteParticipant', params: { participantId: 'bob' }, body: { muted: true } },
      { name: 'removeParticipant', params: { participantId: 'bob' } },
      { name: 'updateRoom', body: { locked: true } },
    ])
  })

  test('by others is told', async () => {
    bench.room.event('roomChanged', { locked: true, owner: 'me' })
    await bench.server.until(() => bench.told.includes('changed'))
    expect([bench.call.locked, bench.call.isOwner, bob().owner]).toEqual([true, true, false])
  })
})

test('who speaks is told, with levels from silence to loudest', async () => {
  const heard: unknown[] = []
  bench.call.on('speakers', ({ active, levels }) =>
    heard.push([active?.id, levels.map(({ participant, level }) => [participant.id, level])]),
  )
  bench.room.signal('speakers', {
    active: 'bob',
    levels: [
      { participantId: 'bob', volume: -12.7 },
      { participantId: 'gone', volume: 0 },
    ],
  })
  bench.room.signal('speakers', { active: null, levels: [] })
  await bench.server.until(() => heard.length === 2)
  expect(heard).toEqual([
    ['bob', [['bob', 0.9]]],
    [undefined, []],
  ])
  expect([bob().speaking, bob().audioLevel]).toEqual([false, 0])
})

describe('the end', () => {
  test('by hanging up releases everything at once and tells the room', async () => {
    const leaving = bench.call.leave()
    expect(bench.call.state).toBe('ended')
    expect(bench.media.captured.every(({ stopped }) => stopped)).toBe(true)
    await leaving
    expect(bench.room.requests.at(-1)).toMatchObject({ name: 'removeParticipant', params: { participantId: 'me' } })
    await bench.call.leave()
    expect(bench.count('removeParticipant')).toBe(1)
    expect(bench.memory.read()).toBeNull()
    await bench.server.until(() => bench.server.latest.closed)
  })

  test('does not wait long for a room that does not answer', async () => {
    bench.room.instead.set('removeParticipant', () => undefined)
    await bench.call.leave()
    await bench.server.until(() => bench.server.latest.closed)
  })

  test.each([
    ['kicked', 'kicked'],
    ['revoked', 'revoked'],
  ] as const)('by being %s says so', async (reason, expected) => {
    bench.room.event('userLeft', { participantId: 'me', reason })
    bench.room.connection?.close(closeCodes.ended)
    await bench.server.until(() => bench.call.state === 'ended')
    expect(bench.call.endReason).toBe(expected)
    expect(bench.told.filter((line) => line.startsWith('ended'))).toEqual([`ended ${expected}`])
  })

  test.each([
    [closeCodes.ended, 'ended'],
    [closeCodes.replaced, 'replaced'],
    [closeCodes.forbidden, 'revoked'],
  ] as const)('by close code %i alone is %s', async (code, expected) => {
    bench.room.connection?.close(code)
    await bench.server.until(() => bench.call.state === 'ended')
    expect(bench.call.endReason).toBe(expected)
  })
})

describe('after a reload', () => {
  test('the same participant comes back on new transports and publishes what it had', async () => {
    await bench.call.mute()
    await bench.call.startScreenShare()
    bench.room.publications = [...bench.room.publications, publicationOf('me', 'screen'), publicationOf('me', 'camera')]
    bench.call.abandon('failed', { keepMemory: true })
    bench.room.asked.length = 0
    const call = await bench.another().rejoin()
    await bench.asked('publish', 2)
    expect(bench.room.asked.slice(0, 3)).toEqual(['join', 'reportFailure', 'openMedia'])
    expect(call.me.id).toBe('me')
    expect(bench.session.mediaEpoch).toBe(2)
    expect([...bench.session.sending.keys()].toSorted()).toEqual(['camera', 'microphone'])
    expect(bench.room.requests.filter(({ name }) => name === 'publish').slice(-2)).toMatchObject([
      { body: { paused: true } },
      { body: { paused: false } },
    ])
    expect(call.me.tracks.get('microphone')?.muted).toBe(true)
    // A screen can only be shared again by the user.
    expect(bench.room.requests.filter(({ name }) => name === 'unpublish')).toMatchObject([{ params: { source: 'screen' } }])
  })

  test('a device that is gone keeps nobody out', async () => {
    bench.call.abandon('failed', { keepMemory: true })
    bench.media.beforeCapture = () => Promise.reject(RingwayError.ofDevice('deviceNotFound'))
    const call = await bench.another().rejoin()
    await bench.server.until(() => bench.told.filter((line) => line === 'error deviceNotFound').length === 2)
    expect(call.state).toBe('active')
    expect([...call.me.tracks.keys()]).toEqual([])
  })

  test('joining a room that this page was in before is coming back', async () => {
    bench.call.abandon('failed', { keepMemory: true })
    await bench.another().join({ media: entryMediaOf({}) })
    await bench.asked('reportFailure')
  })
})
