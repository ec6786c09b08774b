import { describe, expect, test } from 'vitest'
import { accept, cancel, conclude, decline, inviteNotPlaced, inviteRings, placeInvite, prepare } from './invites.ts'
import { leave } from './membership.ts'
import { candidatesOf, joinedOf, presentOfSession } from './queries.ts'
import { callOfTwo, effectsOf, entrant, eventsOf, joinedNamed, must, newRoom, ringing, settingsWith, user } from './testing/room.ts'

const media = { audio: true, video: false }

describe('placing', () => {
  test('the room tells its members once the callee rings, with the watchdog set', () => {
    const { state } = newRoom()
    const placed = must(placeInvite(state, { inviteId: 'i', by: joinedNamed(state, 'alice'), to: user('bob'), media }, 2000))
    expect(eventsOf(placed)).toEqual([])
    expect(effectsOf(placed, 'alarm')).toEqual([{ type: 'alarm', name: 'invite:i', at: 32_000 }])
    expect(eventsOf(inviteRings(placed.state, 'i'))).toEqual(['inviteCreated'])
    expect(inviteNotPlaced(placed.state, 'i').state.invites.size).toBe(0)
  })

  test('without a watchdog nothing ends it by time', () => {
    const { state } = newRoom({ settings: settingsWith({ invites: { watchdog: null } }) })
    const placed = must(placeInvite(state, { inviteId: 'i', by: joinedNamed(state, 'alice'), to: user('bob'), media }, 2000))
    expect(effectsOf(placed, 'alarm')).toEqual([])
  })

  test('a full room, a member, and one who is being rung already are refused, each in its own way', () => {
    const two = callOfTwo(settingsWith({ rooms: { participantsLimit: 2 } }))
    const by = joinedNamed(two, 'alice')
    expect(placeInvite(two, { inviteId: 'x', by, to: user('carol'), media }, 1)).toEqual({ ok: false, error: 'roomFull' })
    expect(placeInvite(two, { inviteId: 'x', by, to: user('bob'), media }, 1)).toEqual({ ok: false, error: 'alreadyParticipant' })
    const rung = ringing(callOfTwo(), 'alice', 'carol')
    expect(placeInvite(rung, { inviteId: 'x', by, to: user('carol'), media }, 1)).toEqual({ ok: false, error: 'alreadyInvited' })
  })
})

describe('accepting', () => {
  test('of ten devices exactly one wins; the others are told and their transports dropped', () => {
    let state = ringing(newRoom().state, 'alice', 'bob')
    for (let device = 1; device <= 10; device++) state = must(prepare(state, 'i-bob', entrant('bob', String(device)))).state
    const outcomes: string[] = []
    for (let device = 1; device <= 10; device++) {
      const result = accept(state, 'i-bob', entrant('bob', String(device)), 3000)
      outcomes.push(result.ok ? 'won' : result.error)
      if (!result.ok) continue
      expect(effectsOf(result.value, 'disconnect')).toHaveLength(9)
      expect(effectsOf(result.value, 'endInvite')).toMatchObject([{ reason: 'acceptedElsewhere', exceptSessionId: 's-bob-1' }])
      state = result.value.state
    }
    expect(outcomes).toEqual(['won', ...Array.from({ length: 9 }, () => 'inviteAcceptedElsewhere')])
    expect(joinedOf(state).map(({ sessionId }) => sessionId)).toEqual(['s-alice-1', 's-bob-1'])
    expect(candidatesOf(state, 'i-bob')).toEqual([])
  })

  test('the winner who asks again has still won', () => {
    const state = callOfTwo()
    expect(accept(state, 'i-bob', entrant('bob'), 4000)).toEqual({ ok: true, value: { state, effects: [] } })
  })

  test('what a device prepared while ringing stays with it', () => {
    const state = ringing(newRoom().state, 'alice', 'bob')
    const prepared = must(prepare(state, 'i-bob', { ...entrant('bob'), participantId: 'p-early' })).state
    const won = must(accept(prepared, 'i-bob', { ...entrant('bob'), participantId: 'p-late' }, 3000))
    expect(presentOfSession(won.state, 's-bob-1')).toMatchObject({ state: 'joined', participantId: 'p-early' })
    expect(effectsOf(won, 'offerAll')).toEqual([{ type: 'offerAll', participantId: 'p-early' }])
  })

  test('before the hub has answered counts, and the invite is told of first', () => {
    const { state } = newRoom()
    const placed = must(placeInvite(state, { inviteId: 'i', by: joinedNamed(state, 'alice'), to: user('bob'), media }, 2000)).state
    const won = must(accept(placed, 'i', entrant('bob'), 2001))
    expect(eventsOf(won)).toEqual(['inviteCreated', 'userJoin', 'inviteCompleted'])
    expect(inviteRings(won.state, 'i').effects).toEqual([])
  })

  test('only the callee may', () => {
    const state = ringing(newRoom().state, 'alice', 'bob')
    expect(accept(state, 'i-bob', entrant('eve'), 1)).toEqual({ ok: false, error: 'inviteNotFound' })
    expect(prepare(state, 'i-bob', entrant('eve'))).toEqual({ ok: false, error: 'inviteNotFound' })
    expect(decline(state, 'i-bob', user('eve'), 1)).toEqual({ ok: false, error: 'inviteNotFound' })
  })

  test('too late for a room that filled up', () => {
    const settings = settingsWith({ rooms: { participantsLimit: 2 } })
    const rung = ringing(ringing(newRoom({ settings }).state, 'alice', 'bob'), 'alice', 'carol')
    const full = must(accept(rung, 'i-bob', entrant('bob'), 1)).state
    expect(accept(full, 'i-carol', entrant('carol'), 2)).toEqual({ ok: false, error: 'roomFull' })
  })
})

describe('ending', () => {
  test.each(['declined', 'timeout', 'offline', 'busy', 'cancelled'] as const)('a call that nobody answers is over: %s', (outcome) => {
    const change = conclude(ringing(newRoom().state, 'alice', 'bob'), 'i-bob', outcome, 5000)
    expect(eventsOf(change)).toEqual(['inviteDeclined', 'roomDestroyed'])
    expect(change.state.room.ended?.reason).toBe('unanswered')
    expect(effectsOf(change, 'record')[0]?.record.invites).toMatchObject([{ outcome, endedAt: 5000 }])
  })

  test('only once: what comes later is told that it is over', () => {
    const over = conclude(ringing(callOfTwo(), 'alice', 'carol'), 'i-carol', 'timeout', 5000).state
    expect(conclude(over, 'i-carol', 'offline', 6000).effects).toEqual([])
    expect(accept(over, 'i-carol', entrant('carol'), 6000)).toEqual({ ok: false, error: 'inviteEnded' })
    expect(decline(over, 'i-carol', user('carol'), 6000)).toEqual({ ok: false, error: 'inviteEnded' })
  })

  test('its inviter or the owner may cancel', () => {
    const state = ringing(callOfTwo(), 'bob', 'carol')
    expect(cancel(state, 'i-carol', joinedNamed(state, 'alice'), 1).ok).toBe(true)
    expect(cancel(state, 'i-carol', joinedNamed(state, 'bob'), 1).ok).toBe(true)
    const byAlice = ringing(callOfTwo(), 'alice', 'carol')
    expect(cancel(byAlice, 'i-carol', joinedNamed(byAlice, 'bob'), 1)).toEqual({ ok: false, error: 'notRoomOwner' })
  })

  test('a leaver takes its invites along', () => {
    const state = ringing(callOfTwo(), 'bob', 'carol')
    const change = leave(state, { participantId: 'p-bob-1', reason: 'left' }, 5000)
    expect(effectsOf(change, 'endInvite')).toMatchObject([{ inviteId: 'i-carol', reason: 'cancelled' }])
    expect(change.state.room.ended?.reason).toBe('lastParticipant')
  })
})
