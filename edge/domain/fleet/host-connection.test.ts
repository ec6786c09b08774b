import { describe, expect, it } from 'vitest'
import { seededRandom } from '../placement/testing/random.ts'
import {
  absent,
  closedGraceMs,
  connectedBoot,
  type HostConnection,
  hostConnectionSchema,
  type HostEvent,
  isDraining,
  nextTick,
  restartGraceMs,
  silenceMs,
  type Transition,
  transition,
} from './host-connection.ts'

const one = '0190a7b2-0000-7000-8000-000000000001'
const two = '0190a7b2-0000-7000-8000-000000000002'

const load = (draining = false) => ({ cpu: 0.1, rooms: 1, participants: 2, producers: 2, consumers: 4, draining })

const description = (bootId: string) => ({
  bootId,
  region: 'lab',
  version: '1.0.0',
  workers: 2,
  capacity: 1000,
  videoCodecs: ['VP8' as const],
  load: load(),
})

const hello = (bootId: string, socketId: string, now = 0): HostEvent => ({ type: 'hello', socketId, description: description(bootId), now })

/** Runs events and gives the last transition. */
const after = (...events: readonly HostEvent[]) =>
  events.reduce<Transition>((last, event) => transition(last.state, event), { state: absent, effects: [] })

const types = (effects: readonly { type: string }[]) => effects.map(({ type }) => type)

describe('a host’s connection', () => {
  it('begins with a hello', () => {
    const { state, effects } = after(hello(one, 'a'))
    expect(connectedBoot(state)).toBe(one)
    expect(types(effects)).toEqual(['tellDispatchers'])
    expect(nextTick(state)).toBe(silenceMs)
    expect(hostConnectionSchema.parse(structuredClone(state))).toEqual(state)
  })

  it('survives a closed socket for a moment, during which nobody can ask the host', () => {
    const closed = after(hello(one, 'a'), { type: 'socketClosed', socketId: 'a', now: 100 })
    expect(connectedBoot(closed.state)).toBeNull()
    expect(types(closed.effects)).toEqual(['tellDispatchers'])
    expect(nextTick(closed.state)).toBe(100 + closedGraceMs)
    const back = transition(closed.state, hello(one, 'b', 500))
    expect(connectedBoot(back.state)).toBe(one)
    expect(types(back.effects)).toEqual(['tellDispatchers'])
  })

  it('is lost when the grace is over, not before', () => {
    const { state } = after(hello(one, 'a'), { type: 'socketClosed', socketId: 'a', now: 100 })
    expect(transition(state, { type: 'tick', heardAt: 0, now: 99 + closedGraceMs })).toEqual({ state, effects: [] })
    expect(transition(state, { type: 'tick', heardAt: 0, now: 100 + closedGraceMs })).toEqual({
      state: absent,
      effects: [{ type: 'bootLost', bootId: one }],
    })
  })

  it('gets a longer grace when the edge was restarted', () => {
    const { state } = after(hello(one, 'a'), { type: 'socketsGone', now: 50 })
    expect(nextTick(state)).toBe(50 + restartGraceMs)
    expect(transition(state, { type: 'socketsGone', now: 4000 }).state).toEqual(state)
  })

  it('is lost with the hello of another process, connected or missing', () => {
    for (const between of [[], [{ type: 'socketClosed', socketId: 'a', now: 1 } as const]]) {
      const { state, effects } = after(hello(one, 'a'), ...between, hello(two, 'b', 2))
      expect(effects).toContainEqual({ type: 'bootLost', bootId: one })
      expect(connectedBoot(state)).toBe(two)
    }
  })

  it('moves to a newer socket of the same process; the old one’s end means nothing', () => {
    const moved = after(hello(one, 'a'), hello(one, 'b', 1))
    expect(moved.effects).toEqual([{ type: 'closeSocket', socketId: 'a', why: 'replaced' }, { type: 'tellDispatchers' }])
    expect(transition(moved.state, { type: 'socketClosed', socketId: 'a', now: 2 })).toEqual({ state: moved.state, effects: [] })
    expect(transition(moved.state, { type: 'load', socketId: 'a', load: load(true), now: 2 })).toEqual({ state: moved.state, effects: [] })
  })

  it('is lost after three missed heartbeats', () => {
    const { state } = after(hello(one, 'a'))
    const alive = transition(state, { type: 'tick', heardAt: 4000, now: silenceMs })
    expect(alive.effects).toEqual([])
    expect(nextTick(alive.state)).toBe(4000 + silenceMs)
    const silent = transition(alive.state, { type: 'tick', heardAt: 4000, now: 4000 + silenceMs })
    expect(silent.state).toEqual(absent)
    expect(silent.effects).toEqual([
      { type: 'bootLost', bootId: one },
      { type: 'closeSocket', socketId: 'a', why: 'silent' },
      { type: 'tellDispatchers' },
    ])
  })

  it('drains by the host’s word or an admin’s, until another process comes', () => {
    const own = after(hello(one, 'a'), { type: 'load', socketId: 'a', load: load(true), now: 1 })
    expect(isDraining(own.state)).toBe(true)
    const admins = after(hello(one, 'a'), { type: 'drain' })
    expect(isDraining(admins.state)).toBe(true)
    expect(types(admins.effects)).toEqual(['tellDispatchers', 'askToDrain'])
    const back = transition(admins.state, hello(one, 'b', 3))
    expect(isDraining(back.state)).toBe(true)
    expect(types(back.effects)).toContain('askToDrain')
    expect(isDraining(transition(admins.state, hello(two, 'b', 3)).state)).toBe(false)
    expect(after({ type: 'drain' })).toEqual({ state: absent, effects: [] })
  })

  it('reports lost only the process it knows, and in the end every one, whatever the order of events', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed)
      const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
      let state: HostConnection = absent
      let now = 0
      const lost: string[] = []
      const boots = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
      let boot = 0
      let open: string | undefined
      for (let step = 0; step < 60; step++) {
        now += Math.floor(random() * 2500)
        if (random() < 0.05 && boot < 2) boot++
        const socketId = pick('a', 'b', 'c')
        const event = pick<HostEvent>(
          hello(boots[boot] ?? one, socketId, now),
          { type: 'load', socketId, load: load(), now },
          { type: 'socketClosed', socketId, now },
          { type: 'socketsGone', now },
          { type: 'tick', heardAt: now - Math.floor(random() * 9000), now },
          { type: 'drain' },
        )
        const next = transition(state, event)
        if (next.state.state === 'connected') open = next.state.description.bootId
        for (const effect of next.effects) if (effect.type === 'bootLost') lost.push(effect.bootId)
        // A process that was lost is lost again only if it came back in between.
        if (next.effects.some(({ type }) => type === 'bootLost'))
          expect(lost.at(-1)).toBe(state.state === 'absent' ? undefined : state.description.bootId)
        state = next.state
      }
      const silent = transition(transition(state, { type: 'socketsGone', now }).state, { type: 'tick', heardAt: 0, now: now + 60_000 })
      expect(silent.state).toEqual(absent)
      if (open !== undefined && state.state !== 'absent') expect(silent.effects).toContainEqual({ type: 'bootLost', bootId: open })
    }
  })
})
