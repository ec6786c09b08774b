import { describe, expect, test } from 'vitest'
import {
  addHost,
  assignHost,
  declareCapabilities,
  dropHost,
  hostDown,
  hostDraining,
  hostLost,
  hostUp,
  hostWithRoom,
  leaveDrainingHost,
  moveParticipants,
} from './media.ts'
import { beginPublication, muteOther, publicationCarried, publicationRefused, setPaused, unpublish } from './publications.ts'
import { joinedOf, receivableBy } from './queries.ts'
import type { RoomState } from './state.ts'
import { callOfTwo, effectsOf, eventsOf, joinedNamed, must, settingsWith } from './testing/room.ts'

const bootId = '01980000-0000-7000-8000-00000000b001'

/** Alice and Bob on one host, Alice's microphone published. */
function talking(): RoomState {
  let state = hostUp(addHost(callOfTwo(), 'h1').state, 'h1', bootId).state
  for (const name of ['alice', 'bob']) {
    const { participantId } = joinedNamed(state, name)
    state = assignHost(state, participantId, { hostId: 'h1', kind: 'webrtc' }).state
    state = declareCapabilities(state, participantId, { codecs: [] }).state
  }
  const begun = beginPublication(state, { by: joinedNamed(state, 'alice'), publicationId: 'pub', source: 'microphone', paused: false })
  return publicationCarried(begun.change.state, { publicationId: 'pub', mediaEpoch: 1000, paused: false }).state
}

describe('a lost host', () => {
  test('moves everybody on it: same participants and publications, a higher epoch, one event and no leaving', () => {
    const before = talking()
    const change = hostLost(before, 'h1')
    expect(eventsOf(change)).toEqual(['mediaMoved'])
    expect(change.state.room.epoch).toBe(1001)
    expect(joinedOf(change.state).map(({ participantId }) => participantId)).toEqual(
      joinedOf(before).map(({ participantId }) => participantId),
    )
    expect(joinedOf(change.state).map(({ mediaEpoch, media }) => [mediaEpoch, media?.hostId])).toEqual([
      [1001, null],
      [1001, null],
    ])
    expect([...change.state.publications.keys()]).toEqual(['pub'])
    expect(receivableBy(change.state, 'p-bob-1')).toEqual([])
  })

  test('what is published again is the same publication, and offered without being announced twice', () => {
    const lost = hostLost(talking(), 'h1').state
    const again = beginPublication(lost, { by: joinedNamed(lost, 'alice'), publicationId: 'other', source: 'microphone', paused: false })
    expect(again.publicationId).toBe('pub')
    const carried = publicationCarried(again.change.state, { publicationId: 'pub', mediaEpoch: 1001, paused: false })
    expect(eventsOf(carried)).toEqual([])
    expect(effectsOf(carried, 'offerPublication')).toEqual([{ type: 'offerPublication', publicationId: 'pub' }])
    expect(receivableBy(carried.state, 'p-bob-1')).toHaveLength(1)
  })

  test('lost twice is lost once', () => {
    const lost = hostLost(talking(), 'h1').state
    expect(hostLost(lost, 'h1').effects).toEqual([])
  })

  test('those on another host stay where they are', () => {
    const two = assignHost(addHost(talking(), 'h2').state, 'p-bob-1', { hostId: 'h2', kind: 'webrtc' }).state
    const change = hostLost(two, 'h2')
    expect(joinedNamed(change.state, 'alice')).toMatchObject({ mediaEpoch: 1000, media: { hostId: 'h1' } })
    expect(effectsOf(change, 'closePipes')).toEqual([{ type: 'closePipes', hostId: 'h2' }])
    expect(receivableBy(change.state, 'p-bob-1').map(({ publicationId }) => publicationId)).toEqual(['pub'])
  })
})

describe('a host that blinks', () => {
  test('is looked at again, and forgiven when it is back', () => {
    const down = hostDown(talking(), 'h1', { now: 100, checkAt: 500 })
    expect(effectsOf(down, 'alarm')).toEqual([{ type: 'alarm', name: 'host:h1', at: 500 }])
    const up = hostUp(down.state, 'h1', bootId)
    expect(up.state.hosts.get('h1')?.downSince).toBeNull()
    expect(effectsOf(up, 'alarm')).toEqual([{ type: 'alarm', name: 'host:h1', at: null }])
  })
})

describe('draining', () => {
  test('nobody new, then everybody moves, then it is dropped', () => {
    const draining = hostDraining(talking(), 'h1').state
    expect(hostWithRoom(draining)).toBeNull()
    const moved = leaveDrainingHost(addHost(draining, 'h2').state, 'h1')
    expect(effectsOf(moved, 'event')).toMatchObject([{ event: 'mediaMoved', body: { reason: 'drain' } }])
    expect(moved.state.hosts.has('h1')).toBe(true)
    expect(effectsOf(dropHost(moved.state, 'h1'), 'dropHost')).toEqual([{ type: 'dropHost', hostId: 'h1' }])
  })
})

describe('spanning', () => {
  test('a room asks for another host when one is full, up to four', () => {
    let state = addHost(callOfTwo(settingsWith({ media: { participantsPerHost: 1 } })), 'h1').state
    expect(hostWithRoom(state)?.hostId).toBe('h1')
    state = assignHost(state, 'p-alice-1', { hostId: 'h1', kind: 'webrtc' }).state
    expect(hostWithRoom(state)).toBeNull()
    for (const hostId of ['h2', 'h3', 'h4']) state = addHost(state, hostId).state
    for (const hostId of ['h2', 'h3', 'h4'])
      expect(hostWithRoom(assignHost(state, 'p-bob-1', { hostId, kind: 'webrtc' }).state)).not.toBeNull()
  })
})

describe('broken legs', () => {
  test('move alone, and the host drops what it had of them', () => {
    const change = moveParticipants(talking(), ['p-bob-1', 'nobody'], 'iceFailed')
    expect(effectsOf(change, 'dropParticipant')).toEqual([{ type: 'dropParticipant', hostId: 'h1', participantId: 'p-bob-1' }])
    expect(joinedNamed(change.state, 'alice').mediaEpoch).toBe(1000)
    expect(joinedNamed(change.state, 'bob')).toMatchObject({ mediaEpoch: 1001, media: { hostId: null, rtpCapabilities: null } })
  })
})

describe('publications', () => {
  test('are announced once a host carries them; a refused one leaves no trace', () => {
    const state = callOfTwo()
    const begun = beginPublication(state, { by: joinedNamed(state, 'bob'), publicationId: 'x', source: 'camera', paused: false })
    expect(eventsOf(begun.change)).toEqual([])
    expect(publicationRefused(begun.change.state, 'x').state.publications.size).toBe(0)
    expect(eventsOf(publicationCarried(begun.change.state, { publicationId: 'x', mediaEpoch: 1000, paused: false }))).toEqual([
      'publicationAdded',
    ])
  })

  test('a paused one is told of once', () => {
    const paused = must(setPaused(talking(), { participantId: 'p-alice-1', source: 'microphone', paused: true }))
    expect(eventsOf(paused)).toEqual(['publicationChanged'])
    expect(must(setPaused(paused.state, { participantId: 'p-alice-1', source: 'microphone', paused: true })).effects).toEqual([])
    expect(setPaused(talking(), { participantId: 'p-alice-1', source: 'screen', paused: true })).toEqual({
      ok: false,
      error: 'publicationNotFound',
    })
  })

  test('the owner silences others, nobody else does', () => {
    const state = talking()
    expect(muteOther(state, { by: joinedNamed(state, 'bob'), participantId: 'p-alice-1' })).toEqual({ ok: false, error: 'notRoomOwner' })
    const muted = must(muteOther(state, { by: joinedNamed(state, 'alice'), participantId: 'p-alice-1' }))
    expect(effectsOf(muted, 'pausePublication')).toEqual([{ type: 'pausePublication', publicationId: 'pub', paused: true }])
    expect(must(muteOther(state, { by: joinedNamed(state, 'alice'), participantId: 'p-bob-1' })).effects).toEqual([])
  })

  test('unpublishing takes the stream off the hosts', () => {
    const change = must(unpublish(talking(), { participantId: 'p-alice-1', source: 'microphone' }))
    expect(eventsOf(change)).toEqual(['publicationRemoved'])
    expect(effectsOf(change, 'dropPublication')).toEqual([{ type: 'dropPublication', publicationId: 'pub' }])
  })
})
