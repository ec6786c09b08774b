import { describe, expect, it } from 'vitest'
import { entranceOf, mayChange, mayRead, type MeetingAccess } from './access.ts'

const meeting: MeetingAccess = { id: 'm', userId: 'alice', domainId: 'a', users: ['bob'], validSince: 1000, validUntil: 2000 }
const path = '/top/a/'
const actor = (userId: string, domainId = 'a', role: 'user' | 'anonymous' | 'admin' | 'platform-admin' = 'user') => ({
  userId,
  domainId,
  role,
})

describe('a meeting is', () => {
  it.each([
    { who: 'its creator', by: actor('alice'), read: true, change: true },
    { who: 'a user invited', by: actor('bob'), read: true, change: false },
    { who: 'a colleague', by: actor('carol'), read: false, change: false },
    { who: 'a visitor', by: actor('anon-1', 'a', 'anonymous'), read: false, change: false },
    { who: 'an admin of its domain', by: actor('root', 'a', 'admin'), read: true, change: true },
    { who: 'an admin of the domain above', by: actor('root', 'top', 'admin'), read: true, change: true },
    { who: 'an admin of another domain', by: actor('root', 'b', 'admin'), read: false, change: false },
    { who: 'a platform admin', by: actor('root', 'b', 'platform-admin'), read: true, change: true },
    { who: 'its creator, moved to another domain', by: actor('alice', 'b'), read: false, change: false },
    { who: 'a user invited, moved to another domain', by: actor('bob', 'b'), read: false, change: false },
  ])('read by $who: $read, changed: $change', ({ by, read, change }) => {
    expect([mayRead(by, meeting, path), mayChange(by, meeting, path)]).toEqual([read, change])
  })
})

describe('its room', () => {
  const comer = (userId: string, { domainId = 'a', holdsLink = false } = {}) => ({ userId, domainId, holdsLink })

  it.each([
    { who: 'its creator', by: comer('alice'), entrance: 'open' },
    { who: 'a user invited', by: comer('bob'), entrance: 'open' },
    { who: 'a colleague', by: comer('carol'), entrance: 'unknown' },
    { who: 'a colleague with the link', by: comer('carol', { holdsLink: true }), entrance: 'open' },
    { who: 'a visitor with the link', by: comer('anon-1', { holdsLink: true }), entrance: 'open' },
    { who: 'a visitor without it', by: comer('anon-1'), entrance: 'unknown' },
    { who: 'a stranger with the link', by: comer('mallory', { domainId: 'b', holdsLink: true }), entrance: 'unknown' },
  ])('is $entrance to $who', ({ by, entrance }) => {
    expect(entranceOf(meeting, by, 1500)).toBe(entrance)
  })

  it('opens with its first instant and closes with its last; strangers learn of neither', () => {
    const at = (now: number) => entranceOf(meeting, comer('bob'), now)
    expect([at(999), at(1000), at(1999), at(2000)]).toEqual(['notStarted', 'open', 'open', 'ended'])
    expect([999, 2000].map((now) => entranceOf(meeting, comer('carol'), now))).toEqual(['unknown', 'unknown'])
  })
})
