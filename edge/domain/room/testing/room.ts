import { defaultSettings, type Settings } from '#shared/protocol/settings.ts'
import type { RoomKind } from '#shared/protocol/wapi/room.ts'
import type { RoomChange, RoomEffect } from '../change.ts'
import { accept, inviteRings, placeInvite } from '../invites.ts'
import { createRoom } from '../membership.ts'
import { joinedOf } from '../queries.ts'
import type { Joined, RoomState, User } from '../state.ts'
import type { Entrant } from '../steps.ts'

/** Rooms for tests of the pure machine. */

export const domainA = '01980000-0000-7000-8000-00000000000a'

export const user = (name: string, domainId = domainA): User => ({ userId: `u-${name}`, domainId, username: `${name}@a.test` })

export const entrant = (name: string, device = '1'): Entrant => ({
  user: user(name),
  sessionId: `s-${name}-${device}`,
  loginId: `l-${name}-${device}`,
  participantId: `p-${name}-${device}`,
})

export function settingsWith(change: {
  rooms?: Partial<Settings['rooms']>
  invites?: Partial<Settings['invites']>
  media?: Partial<Settings['media']>
}): Settings {
  return {
    ...defaultSettings,
    rooms: { ...defaultSettings.rooms, ...change.rooms },
    invites: { ...defaultSettings.invites, ...change.invites },
    media: { ...defaultSettings.media, ...change.media },
  }
}

export function newRoom(
  options: { kind?: RoomKind; settings?: Settings; creator?: Entrant; rightfulOwner?: string; now?: number } = {},
): RoomChange {
  const settings = options.settings ?? defaultSettings
  return createRoom(
    {
      room: `r:${domainA}:01980000-0000-7000-8000-000000000001`,
      roomId: '01980000-0000-7000-8000-000000000001',
      domainId: domainA,
      callId: '01980000-0000-7000-8000-0000000000c1',
      kind: options.kind ?? 'call',
      videoCodec: settings.rooms.videoCodec,
      settings,
      creator: options.creator ?? entrant('alice'),
      ...(options.rightfulOwner === undefined ? {} : { rightfulOwnerUserId: user(options.rightfulOwner).userId }),
    },
    options.now ?? 1000,
  )
}

export function must<Value>(result: { ok: true; value: Value } | { ok: false; error: string }): Value {
  if (!result.ok) throw new Error(`refused: ${result.error}`)
  return result.value
}

export function joinedNamed(state: RoomState, name: string): Joined {
  const found = joinedOf(state).find((participant) => participant.user.username === `${name}@a.test`)
  if (found === undefined) throw new Error(`${name} is not in the room`)
  return found
}

/** `from` invites `to`, whose hub rings. */
export function ringing(state: RoomState, from: string, to: string, now = 2000): RoomState {
  const placed = must(
    placeInvite(state, { inviteId: `i-${to}`, by: joinedNamed(state, from), to: user(to), media: { audio: true, video: false } }, now),
  )
  return inviteRings(placed.state, `i-${to}`).state
}

/** A call of Alice and Bob. */
export function callOfTwo(settings?: Settings): RoomState {
  const room = newRoom(settings === undefined ? {} : { settings }).state
  return must(accept(ringing(room, 'alice', 'bob'), 'i-bob', entrant('bob'), 3000)).state
}

export const eventsOf = (change: RoomChange): string[] =>
  change.effects.filter((effect) => effect.type === 'event').map((effect) => effect.event)

export const effectsOf = <Type extends RoomEffect['type']>(change: RoomChange, type: Type): Extract<RoomEffect, { type: Type }>[] =>
  change.effects.filter((effect): effect is Extract<RoomEffect, { type: Type }> => effect.type === type)
