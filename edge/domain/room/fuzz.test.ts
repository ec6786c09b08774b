import { describe, expect, test } from 'vitest'
import { eventCatalogue } from '#shared/protocol/sapi/events.ts'
import type { RoomSnapshot } from '#shared/protocol/wapi/room.ts'
import type { RoomChange, RoomEffect } from './change.ts'
import { hookEventOf } from './hook-events.ts'
import { accept, cancel, conclude, decline, inviteNotPlaced, inviteRings, placeInvite, prepare } from './invites.ts'
import { addHost, assignHost, hostDraining, hostLost, hostWithRoom, leaveDrainingHost, moveParticipants } from './media.ts'
import { connectionLost, endByOwner, endIfAlone, join, kick, leave, removeAfterPassed, revoke, setLocked } from './membership.ts'
import { beginPublication, muteOther, publicationCarried, publicationRefused, setPaused, unpublish } from './publications.ts'
import { joinedOf, liveInvitesOf, presentOf } from './queries.ts'
import type { Joined, RoomState } from './state.ts'
import { entrant, newRoom, settingsWith, user } from './testing/room.ts'
import { roomSnapshot } from './views.ts'

/**
 * Random lives of rooms. After each step the state keeps its promises, and a client that has only its
 * first snapshot and the events knows exactly what the room knows.
 */

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const sources = ['microphone', 'camera', 'screen'] as const

function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

type Outcome = RoomChange | { ok: true; value: RoomChange } | { ok: false; error: string }

class Life {
  readonly random: () => number
  state: RoomState
  now = 1000
  #ids = 0

  constructor(seed: number) {
    this.random = generator(seed)
    const settings = settingsWith({
      rooms: { participantsLimit: 3, setOwner: this.random() < 0.8, updateRoomOwnerWhenLeaves: this.random() < 0.5 },
      media: { participantsPerHost: 2 },
    })
    this.state = newRoom({ kind: this.random() < 0.5 ? 'call' : 'conference', settings }).state
  }

  id(prefix: string): string {
    return `${prefix}${++this.#ids}`
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)]
  }

  someone(): Joined | undefined {
    return this.pick(joinedOf(this.state))
  }

  newcomer() {
    return { ...entrant(this.pick(names) ?? 'alice', String(1 + Math.floor(this.random() * 2))), participantId: this.id('p') }
  }

  step(): Outcome | undefined {
    this.now += Math.floor(this.random() * 1000)
    const by = this.someone()
    const invite = this.pick([...this.state.invites.keys()]) ?? 'none'
    const who = this.pick([...this.state.participants.keys()]) ?? 'nobody'
    const source = this.pick(sources) ?? 'microphone'
    const host = this.pick([...this.state.hosts.keys()]) ?? 'none'
    const publication = this.pick([...this.state.publications.keys()]) ?? 'none'
    const moves: (() => Outcome | undefined)[] = [
      () => join(this.state, this.newcomer(), { open: this.state.room.kind === 'conference' }, this.now),
      () =>
        by &&
        placeInvite(
          this.state,
          { inviteId: this.id('i'), by, to: user(this.pick(names) ?? 'bob'), media: { audio: true, video: false } },
          this.now,
        ),
      () => inviteRings(this.state, invite),
      () => inviteNotPlaced(this.state, invite),
      () => prepare(this.state, invite, this.newcomer()),
      () => accept(this.state, invite, this.newcomer(), this.now),
      () => decline(this.state, invite, user(this.pick(names) ?? 'bob'), this.now),
      () => by && cancel(this.state, invite, by, this.now),
      () => conclude(this.state, invite, 'timeout', this.now),
      () => connectionLost(this.state, this.newcomer().sessionId, this.now),
      () => removeAfterPassed(this.state, who, this.now),
      () => (this.random() < 0.3 && by ? leave(this.state, { participantId: by.participantId, reason: 'left' }, this.now) : undefined),
      () => (this.random() < 0.3 && by ? kick(this.state, { by, participantId: who }, this.now) : undefined),
      () => by && setLocked(this.state, { by, locked: this.random() < 0.3 }),
      () => (this.random() < 0.05 && by ? endByOwner(this.state, { by }, this.now) : undefined),
      () => (this.random() < 0.1 ? revoke(this.state, { userId: `u-${this.pick(names)}`, loginId: null }, this.now) : undefined),
      () => (this.random() < 0.1 ? endIfAlone(this.state, this.now) : undefined),
      () => by && beginPublication(this.state, { by, publicationId: this.id('x'), source, paused: false }).change,
      () => publicationCarried(this.state, { publicationId: publication, mediaEpoch: this.state.room.epoch, paused: this.random() < 0.3 }),
      () => publicationRefused(this.state, publication),
      () => by && setPaused(this.state, { participantId: by.participantId, source, paused: this.random() < 0.5 }),
      () => by && muteOther(this.state, { by, participantId: who }),
      () => by && unpublish(this.state, { participantId: by.participantId, source }),
      () => addHost(this.state, this.id('h')),
      () => assignHost(this.state, who, { hostId: hostWithRoom(this.state)?.hostId ?? host, kind: 'webrtc' }),
      () => hostLost(this.state, host),
      () => leaveDrainingHost(hostDraining(this.state, host).state, host),
      () => moveParticipants(this.state, [who], 'iceFailed'),
    ]
    return this.pick(moves)?.()
  }
}

/** What a client makes of an event. */
function follow(snapshot: RoomSnapshot, effect: Extract<RoomEffect, { type: 'event' }>): RoomSnapshot {
  const { participants, publications, invites } = snapshot
  switch (effect.event) {
    case 'userJoin':
      return { ...snapshot, participants: [...participants, effect.body] }
    case 'userLeft': {
      const { participantId } = effect.body
      return {
        ...snapshot,
        participants: participants.filter((item) => item.participantId !== participantId),
        publications: publications.filter((item) => item.participantId !== participantId),
      }
    }
    case 'userDown':
    case 'userUp': {
      const connected = effect.event === 'userUp'
      const { participantId } = effect.body
      return {
        ...snapshot,
        participants: participants.map((item) => (item.participantId === participantId ? { ...item, connected } : item)),
      }
    }
    case 'roomChanged':
      return { ...snapshot, locked: effect.body.locked }
    case 'inviteCreated':
      return { ...snapshot, invites: [...invites, effect.body] }
    case 'inviteDeclined':
    case 'inviteCompleted': {
      const { inviteId } = effect.body
      return { ...snapshot, invites: invites.filter((item) => item.inviteId !== inviteId) }
    }
    case 'publicationAdded':
      return { ...snapshot, publications: [...publications, effect.body] }
    case 'publicationChanged': {
      const { by: _, ...body } = effect.body
      return { ...snapshot, publications: publications.map((item) => (item.publicationId === body.publicationId ? body : item)) }
    }
    case 'publicationRemoved': {
      const { publicationId } = effect.body
      return { ...snapshot, publications: publications.filter((item) => item.publicationId !== publicationId) }
    }
    case 'roomCreated':
    case 'roomDestroyed':
    case 'mediaMoved':
      return snapshot
  }
}

/** Order is no part of what a client knows. Ownership is a user's, not a participant's, and has tests of its own. */
function comparable(snapshot: RoomSnapshot) {
  const by = <Item>(items: readonly Item[], key: (item: Item) => string): Item[] => items.toSorted((a, b) => key(a).localeCompare(key(b)))
  return {
    locked: snapshot.locked,
    participants: by(snapshot.participants, (item) => item.participantId).map(({ owner: _, ...rest }) => rest),
    publications: by(snapshot.publications, (item) => item.publicationId),
    invites: by(snapshot.invites, (item) => item.inviteId),
  }
}

function keepsItsPromises(state: RoomState): void {
  const joined = joinedOf(state)
  expect(joined.length).toBeLessThanOrEqual(state.room.settings.rooms.participantsLimit)
  const sessions = presentOf(state).map(({ sessionId }) => sessionId)
  expect(new Set(sessions).size).toBe(sessions.length)
  const rung = liveInvitesOf(state).map(({ to }) => to.userId)
  expect(new Set(rung).size).toBe(rung.length)
  const owners = [...state.publications.values()].map(({ participantId, source }) => `${participantId} ${source}`)
  expect(new Set(owners).size).toBe(owners.length)
  for (const publication of state.publications.values()) {
    expect(joined.some(({ participantId }) => participantId === publication.participantId)).toBe(true)
  }
  for (const candidate of presentOf(state)) {
    if (candidate.state === 'candidate') expect(liveInvitesOf(state).map(({ inviteId }) => inviteId)).toContain(candidate.inviteId)
    expect(candidate.mediaEpoch).toBeLessThanOrEqual(state.room.epoch)
  }
  if (state.room.ended === null) return
  expect(presentOf(state)).toEqual([])
  expect(liveInvitesOf(state)).toEqual([])
  expect(state.hosts.size).toBe(0)
}

describe('random lives of rooms', () => {
  test.each(Array.from({ length: 200 }, (_, seed) => seed))('seed %i', (seed) => {
    const life = new Life(seed)
    let known = roomSnapshot(life.state, { seq: 0 })
    let records = 0
    for (let step = 0; step < 150 && life.state.room.ended === null; step++) {
      const outcome = life.step()
      if (outcome === undefined || ('ok' in outcome && !outcome.ok)) continue
      const change = 'ok' in outcome ? outcome.value : outcome
      expect(change.state.room.epoch).toBeGreaterThanOrEqual(life.state.room.epoch)
      life.state = change.state
      keepsItsPromises(life.state)
      for (const effect of change.effects) {
        if (effect.type === 'event') known = follow(known, effect)
        if (effect.type === 'record') records++
        const told = hookEventOf(effect, life.state)
        // Nothing is told that is not declared.
        if (told !== undefined) expect(eventCatalogue[told.type].data.parse(told.data)).toEqual(told.data)
      }
      if (life.state.room.ended === null) expect(comparable(known)).toEqual(comparable(roomSnapshot(life.state, { seq: 0 })))
    }
    expect(records).toBe(life.state.room.ended === null ? 0 : 1)
  })
})
