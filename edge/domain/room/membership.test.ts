import { describe, expect, test } from 'vitest'
import { connectionLost, endByOwner, join, kick, leave, removeAfterPassed, revoke, setLocked } from './membership.ts'
import { joinedOf } from './queries.ts'
import {
  callOfTwo,
  domainA,
  effectsOf,
  entrant,
  eventsOf,
  joinedNamed,
  must,
  newRoom,
  ringing,
  settingsWith,
  user,
} from './testing/room.ts'

describe('joining', () => {
  test('the creator owns the room it creates', () => {
    const { state } = newRoom()
    expect(state.room.ownerUserId).toBe('u-alice')
    expect(joinedOf(state).map(({ participantId }) => participantId)).toEqual(['p-alice-1'])
  })

  test('the same session comes back as the same participant', () => {
    const down = connectionLost(callOfTwo(), 's-bob-1', 5000)
    expect(eventsOf(down)).toEqual(['userDown'])
    const back = must(join(down.state, { ...entrant('bob'), participantId: 'p-new' }, { open: false }, 6000))
    expect(eventsOf(back)).toEqual(['userUp'])
    expect(joinedNamed(back.state, 'bob').participantId).toBe('p-bob-1')
    expect(effectsOf(back, 'alarm')).toContainEqual({ type: 'alarm', name: 'participant:p-bob-1', at: null })
  })

  test('a session that never left comes back without an event', () => {
    expect(must(join(callOfTwo(), entrant('bob'), { open: false }, 6000)).effects).toEqual([])
  })

  test('who was not invited finds no room', () => {
    expect(join(callOfTwo(), entrant('eve'), { open: false }, 1)).toEqual({ ok: false, error: 'roomNotFound' })
  })

  test("another user's session id opens nothing", () => {
    const thief = { ...entrant('eve'), sessionId: 's-bob-1' }
    expect(join(callOfTwo(), thief, { open: false }, 1)).toEqual({ ok: false, error: 'roomNotFound' })
  })

  test('a conference is open to its own domain only', () => {
    const { state } = newRoom({ kind: 'conference' })
    expect(join(state, entrant('carol'), { open: true }, 1).ok).toBe(true)
    const stranger = { ...entrant('mallory'), user: user('mallory', 'another-domain') }
    expect(join(state, stranger, { open: true }, 1)).toEqual({ ok: false, error: 'roomNotFound' })
    expect(state.room.domainId).toBe(domainA)
  })

  test('a full room refuses one more, but not one who comes back', () => {
    const settings = settingsWith({ rooms: { participantsLimit: 2 } })
    const { state } = newRoom({ kind: 'conference', settings })
    const two = must(join(state, entrant('bob'), { open: true }, 1)).state
    expect(join(two, entrant('carol'), { open: true }, 2)).toEqual({ ok: false, error: 'roomFull' })
    expect(join(two, entrant('bob'), { open: true }, 2).ok).toBe(true)
  })

  test('a locked room lets only its owner in', () => {
    const { state } = newRoom({ kind: 'conference' })
    const locked = must(setLocked(state, { by: joinedNamed(state, 'alice'), locked: true }))
    expect(eventsOf(locked)).toEqual(['roomChanged'])
    expect(join(locked.state, entrant('bob'), { open: true }, 2)).toEqual({ ok: false, error: 'roomLocked' })
    expect(join(locked.state, entrant('alice', '2'), { open: true }, 2).ok).toBe(true)
  })
})

describe('leaving', () => {
  test('a call ends when one is left; its record says who was there and why it ended', () => {
    const change = leave(callOfTwo(), { participantId: 'p-bob-1', reason: 'left' }, 9000)
    expect(eventsOf(change)).toEqual(['userLeft', 'roomDestroyed'])
    expect(change.state.room.ended).toEqual({ at: 9000, reason: 'lastParticipant' })
    const [recorded] = effectsOf(change, 'record')
    expect(recorded?.record).toMatchObject({ endReason: 'lastParticipant', endedAt: 9000 })
    expect(recorded?.record.participants.map(({ username, reason }) => [username, reason])).toEqual([
      ['alice@a.test', 'roomEnded'],
      ['bob@a.test', 'left'],
    ])
    expect(recorded?.record.invites).toMatchObject([{ inviteId: 'i-bob', outcome: 'accepted' }])
    expect(effectsOf(change, 'leaveHub').map(({ sessionId }) => sessionId)).toEqual(['s-bob-1', 's-alice-1'])
  })

  test('a call goes on while somebody is being rung', () => {
    const state = ringing(callOfTwo(), 'alice', 'carol')
    expect(leave(state, { participantId: 'p-bob-1', reason: 'left' }, 9000).state.room.ended).toBeNull()
  })

  test('a conference ends with its last participant', () => {
    const { state } = newRoom({ kind: 'conference' })
    const two = must(join(state, entrant('bob'), { open: true }, 1)).state
    const one = leave(two, { participantId: 'p-alice-1', reason: 'left' }, 2)
    expect(one.state.room.ended).toBeNull()
    expect(leave(one.state, { participantId: 'p-bob-1', reason: 'left' }, 3).state.room.ended).toEqual({ at: 3, reason: 'empty' })
  })

  test('removeAfter drops one whose socket stays lost, and nobody else', () => {
    const down = connectionLost(callOfTwo(), 's-bob-1', 5000)
    expect(effectsOf(down, 'alarm')).toEqual([{ type: 'alarm', name: 'participant:p-bob-1', at: 35_000 }])
    const gone = removeAfterPassed(down.state, 'p-bob-1', 35_000)
    expect(eventsOf(gone)).toEqual(['userLeft', 'roomDestroyed'])
    expect(removeAfterPassed(callOfTwo(), 'p-bob-1', 35_000).effects).toEqual([])
  })

  test('a revoked login is put out at once, on that login only', () => {
    const two = must(join(callOfTwo(), entrant('bob', '2'), { open: false }, 4000)).state
    const change = revoke(two, { userId: 'u-bob', loginId: 'l-bob-2' }, 5000)
    expect(effectsOf(change, 'disconnect')).toEqual([{ type: 'disconnect', sessionId: 's-bob-2', reason: 'unauthenticated' }])
    expect(joinedOf(change.state).map(({ sessionId }) => sessionId)).toEqual(['s-alice-1', 's-bob-1'])
    expect(joinedOf(revoke(two, { userId: 'u-bob', loginId: null }, 5000).state)).toEqual([])
  })

  test('a session that is ended from elsewhere is put out alone', () => {
    const two = must(join(callOfTwo(), entrant('bob', '2'), { open: false }, 4000)).state
    const change = revoke(two, { userId: 'u-bob', loginId: null, sessionId: 's-bob-1' }, 5000)
    expect(effectsOf(change, 'disconnect')).toEqual([{ type: 'disconnect', sessionId: 's-bob-1', reason: 'left' }])
    expect(joinedOf(change.state).map(({ sessionId }) => sessionId)).toEqual(['s-alice-1', 's-bob-2'])
    expect(revoke(two, { userId: 'u-alice', loginId: null, sessionId: 's-bob-1' }, 5000).effects).toEqual([])
  })
})

describe('the owner', () => {
  test('kicks for good; others may not', () => {
    const state = callOfTwo()
    const [alice, bob] = [joinedNamed(state, 'alice'), joinedNamed(state, 'bob')]
    expect(kick(state, { by: bob, participantId: alice.participantId }, 1)).toEqual({ ok: false, error: 'notRoomOwner' })
    const three = must(join(must(accepted(state)).state, entrant('carol'), { open: false }, 1)).state
    const kicked = must(kick(three, { by: alice, participantId: bob.participantId }, 2))
    expect(kicked.state.room.ended).toBeNull()
    expect(join(kicked.state, entrant('bob'), { open: true }, 3)).toEqual({ ok: false, error: 'roomNotFound' })
    expect(kick(three, { by: alice, participantId: 'nobody' }, 2)).toEqual({ ok: false, error: 'participantNotFound' })
  })

  test('ends the room for all', () => {
    const state = callOfTwo()
    expect(endByOwner(state, { by: joinedNamed(state, 'bob') }, 1)).toEqual({ ok: false, error: 'notRoomOwner' })
    const ended = must(endByOwner(state, { by: joinedNamed(state, 'alice') }, 7000))
    expect(eventsOf(ended)).toEqual(['roomDestroyed'])
    expect(effectsOf(ended, 'event')[0]?.audience).toEqual(['s-alice-1', 's-bob-1'])
    expect(joinedOf(ended.state)).toEqual([])
  })

  test('where rooms have none, everybody moderates', () => {
    const state = callOfTwo(settingsWith({ rooms: { setOwner: false } }))
    expect(setLocked(state, { by: joinedNamed(state, 'bob'), locked: true }).ok).toBe(true)
  })

  test.each([
    { updateRoomOwnerWhenLeaves: true, owner: 'u-bob' },
    { updateRoomOwnerWhenLeaves: false, owner: 'u-alice' },
  ])('hands the room over when leaving: $updateRoomOwnerWhenLeaves', ({ updateRoomOwnerWhenLeaves, owner }) => {
    const { state } = newRoom({ kind: 'conference', settings: settingsWith({ rooms: { updateRoomOwnerWhenLeaves } }) })
    const two = must(join(state, entrant('bob'), { open: true }, 1)).state
    const change = leave(two, { participantId: 'p-alice-1', reason: 'left' }, 2)
    expect(change.state.room.ownerUserId).toBe(owner)
    expect(eventsOf(change).includes('roomChanged')).toBe(updateRoomOwnerWhenLeaves)
  })
})

describe('a room that falls to somebody', () => {
  const falling = (settings?: ReturnType<typeof settingsWith>) =>
    newRoom({ kind: 'conference', creator: entrant('bob'), rightfulOwner: 'alice', ...(settings === undefined ? {} : { settings }) }).state

  test('is owned by whoever made it until they come, and says so when they do', () => {
    const state = falling()
    expect(state.room.ownerUserId).toBe('u-bob')
    const taken = must(join(state, entrant('alice'), { open: true }, 2))
    expect(effectsOf(taken, 'event').map(({ event, body }) => [event, body])).toMatchObject([
      ['userJoin', { participantId: 'p-alice-1', owner: true }],
      ['roomChanged', { locked: false, owner: 'p-alice-1' }],
    ])
    expect(kick(taken.state, { by: joinedNamed(taken.state, 'bob'), participantId: 'p-alice-1' }, 3)).toEqual({
      ok: false,
      error: 'notRoomOwner',
    })
    const again = must(join(taken.state, entrant('alice', '2'), { open: true }, 4))
    expect(eventsOf(again)).toEqual(['userJoin'])
  })

  test('cannot be locked against them', () => {
    const state = falling()
    const locked = must(setLocked(state, { by: joinedNamed(state, 'bob'), locked: true })).state
    expect(join(locked, entrant('carol'), { open: true }, 2)).toEqual({ ok: false, error: 'roomLocked' })
    expect(must(join(locked, entrant('alice'), { open: true }, 2)).state.room.ownerUserId).toBe('u-alice')
  })

  test('falls to nobody where rooms have no owner', () => {
    const joined = must(join(falling(settingsWith({ rooms: { setOwner: false } })), entrant('alice'), { open: true }, 2))
    expect([joined.state.room.ownerUserId, eventsOf(joined)]).toEqual([null, ['userJoin']])
  })

  test('is theirs at once where they are the first', () => {
    const made = newRoom({ kind: 'conference', rightfulOwner: 'alice' })
    expect([made.state.room.ownerUserId, eventsOf(made)]).toEqual(['u-alice', ['roomCreated', 'userJoin']])
  })
})

/** Carol has been in the room before. */
function accepted(state: ReturnType<typeof callOfTwo>) {
  const change = { state: { ...state, access: new Map([...state.access, ['u-carol', { userId: 'u-carol', allowed: true }]]) }, effects: [] }
  return { ok: true as const, value: change }
}
