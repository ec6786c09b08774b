import { describe, expect, it } from 'vitest'
import { defaultSettings } from '#shared/protocol/settings.ts'
import type { IncomingInvite } from '#shared/protocol/wapi/hub.ts'
import { enterRoom, leaveRoom } from './calls.ts'
import type { Change } from './Change.ts'
import { expire, nextDeadline } from './deadlines.ts'
import { declineInvite, endInvite, ring } from './invites.ts'
import { beginLoan, endLoan } from './loans.ts'
import { closeSession, endSession, isForgettable, openSession, revoke, sessionLost, updateContext } from './sessions.ts'
import { defaultTiming, emptyHub, type HubState, hubStateSchema, type Owner } from './state.ts'

/** Random numbers from a seed (mulberry32), so that each failure can be had again. */
function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const owner: Owner = { userId: 'bob', username: 'bob@example', role: 'user', capabilities: { services: [], domain: [], user: [] } }
const sessions = ['s1', 's2', 's3']
const rooms = ['room-1', 'room-2']

const inviteOf = (inviteId: string, roomId: string, now: number): IncomingInvite => ({
  inviteId,
  roomId,
  from: { username: 'alice@example' },
  media: { audio: true, video: false },
  ticket: 'ticket',
  createdAt: now,
  expiresAt: now + 30_000,
})

/** One life of a hub under random requests, with what must hold after each checked. */
function live(seed: number, steps: number): void {
  const random = seeded(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  let state: HubState = emptyHub
  let now = 1_000_000
  const rung = new Set<string>()
  const answered = new Map<string, string>()

  const returned = new Set<string>()
  const apply = (change: Change): void => {
    state = change.state
    expect(state.loanId === null || state.sessions.length > 0, 'nothing is borrowed without a session').toBe(true)
    for (const effect of change.effects) {
      if (effect.type === 'returnLoan') {
        expect(returned, `returned ${effect.loanId} once`).not.toContain(effect.loanId)
        returned.add(effect.loanId)
      }
      if (effect.type !== 'answerInvite') continue
      expect(rung, `answered ${effect.inviteId} that rings`).toContain(effect.inviteId)
      expect(answered.get(effect.inviteId), `answered ${effect.inviteId} once`).toBeUndefined()
      answered.set(effect.inviteId, effect.answer)
    }
    // What storage gives back is the same.
    const stored = JSON.stringify(state)
    expect(hubStateSchema.parse(JSON.parse(stored))).toEqual(state)
  }

  const open = () => {
    const change = openSession(state, { sessionId: pick(sessions), owner, loginId: pick(['l1', 'l2']), context: {} }, now)
    if (change.ok) apply(change.value)
  }
  const ringSome = () => {
    const inviteId = `i${Math.floor(random() * 12)}`
    const settings = { ...defaultSettings.invites, allowInvitesWhileInCall: random() < 0.5, removeAfter: pick([0, 10_000]) }
    const roomId = pick(rooms)
    const { outcome, change } = ring(state, { invite: inviteOf(inviteId, roomId, now), room: { room: `r:${roomId}` }, settings }, now)
    if (outcome === 'ringing') rung.add(inviteId)
    expect(outcome === 'ringing' || change.effects.length === 0).toBe(true)
    apply(change)
  }
  let loans = 0
  const borrow = () => {
    const { loanId, change } = beginLoan(state, `loan-${(loans += 1)}`)
    expect(loanId === null).toBe(state.sessions.length === 0)
    apply(change)
    expect(state.loanId).toBe(loanId)
    expect(returned).not.toContain(loanId)
  }
  const decline = () => {
    const change = declineInvite(state, `i${Math.floor(random() * 12)}`)
    if (change.ok) apply(change.value)
  }
  const enter = () => {
    const call = { roomId: pick(rooms), sessionId: pick(sessions), ticket: 'back', enteredAt: now }
    const flags = { unlessInACall: random() < 0.3, onlyOneDeviceWithInvitations: random() < 0.3 }
    const { outcome, change } = enterRoom(state, { call, room: { room: `r:${call.roomId}` }, ...flags }, now)
    expect(outcome === 'entered' || (flags.unlessInACall && change.effects.length === 0)).toBe(true)
    apply(change)
  }
  const pass = () => {
    now += Math.floor(random() * 40_000)
    apply(expire(state, now, defaultTiming))
    const next = nextDeadline(state, defaultTiming)
    expect(next === null || next > now, 'nothing is left to do').toBe(true)
    const again = expire(state, now, defaultTiming)
    expect([again.effects, again.state]).toEqual([[], state])
  }
  const actions = [
    open,
    open,
    ringSome,
    ringSome,
    decline,
    enter,
    pass,
    pass,
    () => apply(sessionLost(state, pick(sessions), now)),
    () => apply(closeSession(state, pick(sessions), now)),
    () => apply(leaveRoom(state, { roomId: pick(rooms), sessionId: pick(sessions) })),
    () => apply(endInvite(state, { inviteId: `i${Math.floor(random() * 12)}`, reason: 'cancelled' })),
    () => apply(updateContext(state, pick(sessions), { language: 'de' })),
    borrow,
    () => random() < 0.3 && apply(endLoan(state)),
    () => random() < 0.3 && apply(endSession(state, pick(sessions), now)),
    () => random() < 0.2 && apply(revoke(state, pick(['l1', 'l2', null]), now)),
  ]
  for (let step = 0; step < steps; step += 1) {
    const inCall = new Set(state.calls.map(({ call }) => call.sessionId))
    const action = pick(actions)
    const before = state
    action()
    expect(new Set(state.sessions.map(({ sessionId }) => sessionId)).size).toBe(state.sessions.length)
    if (action !== pass) continue
    for (const { sessionId } of before.sessions) {
      const stillInCall = inCall.has(sessionId) && state.calls.some(({ call }) => call.sessionId === sessionId)
      expect(!stillInCall || state.sessions.some((session) => session.sessionId === sessionId), 'a call keeps its session').toBe(true)
    }
    const reachable = state.sessions.some((session) => session.state === 'online' || session.lostAt + 10_000 > now)
    expect(state.ringing.length === 0 || reachable, 'nothing rings without a device').toBe(true)
  }
}

describe('a hub', () => {
  it('keeps its rules in random lives', () => {
    for (let seed = 1; seed <= 150; seed += 1) live(seed, 120)
  })

  it('leaves what it is made from untouched', () => {
    const opened = openSession(emptyHub, { sessionId: 's1', owner, loginId: 'l1', context: {} }, 1)
    if (!opened.ok) throw new Error(opened.error)
    const { state } = opened.value
    const copy = structuredClone(state)
    ring(state, { invite: inviteOf('i1', 'room-1', 1), room: { room: 'r:room-1' }, settings: defaultSettings.invites }, 1)
    revoke(state, null, 1)
    expect(state).toEqual(copy)
    expect(emptyHub.sessions).toEqual([])
  })

  it('is worth keeping for users who come back, and while anything is left', () => {
    expect(isForgettable(emptyHub)).toBe(true)
    expect(isForgettable({ ...emptyHub, owner })).toBe(false)
    const visitor = { ...emptyHub, owner: { ...owner, role: 'anonymous' as const } }
    expect(isForgettable(visitor)).toBe(true)
    expect(isForgettable({ ...visitor, sessions: [{ state: 'online', sessionId: 's1', loginId: 'l1', context: {}, openedAt: 1 }] })).toBe(
      false,
    )
  })
})
