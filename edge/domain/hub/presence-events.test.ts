import { expect, it } from 'vitest'
import { presenceEventOf } from './presence-events.ts'
import { closeSession, openSession, sessionLost } from './sessions.ts'
import { emptyHub, type HubState, type Owner } from './state.ts'

const owner: Owner = {
  ...{ userId: 'u', domainId: 'd', username: 'bob@example', role: 'user' },
  capabilities: { services: [], domain: [], user: [] },
}
const context = {}

function opened(state: HubState, sessionId: string, of: Owner = owner): HubState {
  const change = openSession(state, { sessionId, owner: of, loginId: 'l', context }, 1000)
  if (!change.ok) throw new Error(change.error)
  return change.value.state
}

it('the first session is a login, the last one a logout, and nothing between is either', () => {
  const one = opened(emptyHub, 's1')
  const data = { userId: 'u', username: 'bob@example' }
  expect(presenceEventOf(emptyHub, one)).toEqual({ domainId: 'd', userId: 'u', happening: { type: 'user.online', data } })
  const two = opened(one, 's2')
  expect(presenceEventOf(one, two)).toBeUndefined()
  const lost = sessionLost(two, 's1', 2000).state
  expect(presenceEventOf(two, lost)).toBeUndefined()
  const left = closeSession(lost, 's1', 3000).state
  expect(presenceEventOf(lost, left)).toBeUndefined()
  const none = closeSession(left, 's2', 4000).state
  expect(presenceEventOf(left, none)).toEqual({ domainId: 'd', userId: 'u', happening: { type: 'user.offline', data } })
})

it('visitors come and go untold', () => {
  expect(presenceEventOf(emptyHub, opened(emptyHub, 's1', { ...owner, role: 'anonymous' }))).toBeUndefined()
})

it('one who moved to another domain logs out of the one it was in', () => {
  const before = opened(emptyHub, 's1')
  const none = closeSession(before, 's1', 2000).state
  const after = opened(none, 's2', { ...owner, domainId: 'other' })
  expect(presenceEventOf(before, none)?.domainId).toBe('d')
  expect(presenceEventOf(none, after)?.domainId).toBe('other')
})
