import { expect, it } from 'vitest'
import type { RoomChange } from './change.ts'
import { hookEventOf } from './hook-events.ts'
import { accept } from './invites.ts'
import { connectionLost, endByOwner, leave } from './membership.ts'
import { callOfTwo, entrant, joinedNamed, must, newRoom, ringing } from './testing/room.ts'

const told = (change: RoomChange) => change.effects.flatMap((effect) => hookEventOf(effect, change.state) ?? [])
const room = { roomId: '01980000-0000-7000-8000-000000000001', callId: '01980000-0000-7000-8000-0000000000c1' }
const bob = { userId: 'u-bob', domainId: '01980000-0000-7000-8000-00000000000a', username: 'bob@a.test' }

it('a room and who comes in are told with ids, in order', () => {
  const change = newRoom()
  expect(told(change)).toMatchObject([
    { type: 'roomCreated', data: { ...room, kind: 'call', owner: 'u-alice' } },
    { type: 'userJoin', data: { ...room, participantId: 'p-alice-1', userId: 'u-alice', username: 'alice@a.test' } },
  ])
  const accepted = must(accept(ringing(change.state, 'alice', 'bob'), 'i-bob', entrant('bob'), 3000))
  expect(told(accepted)).toEqual([
    { type: 'userJoin', data: { ...room, participantId: 'p-bob-1', ...bob } },
    { type: 'inviteCompleted', data: { ...room, inviteId: 'i-bob', participantId: 'p-bob-1' } },
  ])
})

it('one who leaves is told though it is no participant any more, and the last leaver ends the room', () => {
  const change = leave(callOfTwo(), { participantId: 'p-bob-1', reason: 'left' }, 4000)
  expect(told(change)).toMatchObject([
    { type: 'userLeft', data: { participantId: 'p-bob-1', userId: 'u-bob', reason: 'left' } },
    { type: 'roomDestroyed', data: { ...room, reason: 'lastParticipant' } },
    { type: 'call.ended', data: { callId: room.callId, endReason: 'lastParticipant', participants: [{}, {}] } },
  ])
})

it('the call record is the last that is told of a room', () => {
  const state = callOfTwo()
  const change = must(endByOwner(state, { by: joinedNamed(state, 'alice') }, 5000))
  expect(told(change).map(({ type }) => type)).toEqual(['roomDestroyed', 'call.ended'])
  expect(told(connectionLost(state, 's-bob-1', 4000))).toEqual([
    { type: 'userDown', data: { ...room, participantId: 'p-bob-1', userId: 'u-bob' } },
  ])
})
