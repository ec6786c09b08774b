import { expect, test, vi } from 'vitest'
import { RingwayError } from '#shared/sdk/RingwayError.ts'
import { FakeClient } from '../../stories/FakeClient.ts'
import { SessionStore } from './SessionStore.ts'

const noWait = { sleep: async () => {} }
const unreachable = () => RingwayError.ofDevice('networkUnreachable')

test('a session that a reload interrupted is taken up again', async () => {
  const store = new SessionStore(new FakeClient({}), noWait)
  await store.restore()
  expect(store.state).toMatchObject({ status: 'signedIn', connection: 'online', user: { username: 'alice@northwind' } })
})

test('without one somebody must sign in', async () => {
  const store = new SessionStore(new FakeClient({ signedIn: false }), noWait)
  await store.restore()
  expect(store.state).toEqual({ status: 'signedOut', errorCode: null, endReason: null })
})

test('a server that is away is waited for, longer each time, and says why', async () => {
  const client = new FakeClient({})
  const restore = vi.spyOn(client, 'restore')
  for (let time = 0; time < 6; time += 1) restore.mockRejectedValueOnce(unreachable())
  const waits: number[] = []
  const seen: unknown[] = []
  const store = new SessionStore(client, {
    sleep: async (milliseconds) => {
      waits.push(milliseconds)
      seen.push(store.state)
    },
  })
  await store.restore()
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
  expect(seen[0]).toEqual({ status: 'restoring', errorCode: 'networkUnreachable' })
  expect(store.state.status).toBe('signedIn')
})

test('what does not pass by itself leads to the form', async () => {
  const client = new FakeClient({})
  vi.spyOn(client, 'restore').mockRejectedValueOnce(new RingwayError({ code: 'unsupportedVersion', message: 'old', retryable: false }))
  const store = new SessionStore(client, noWait)
  await store.restore()
  expect(store.state).toEqual({ status: 'signedOut', errorCode: 'unsupportedVersion', endReason: null })
})

test('a wrong password says so, a right one signs in, the end of the session says why', async () => {
  const refusing = new SessionStore(new FakeClient({ signedIn: false, refuse: 'invalidGrant' }), noWait)
  await refusing.signIn({ username: 'alice', password: 'x' })
  expect(refusing.state).toEqual({ status: 'signedOut', errorCode: 'invalidGrant', endReason: null })

  const client = new FakeClient({ signedIn: false })
  const store = new SessionStore(client, noWait)
  await store.signIn({ username: 'alice', password: 'x' })
  expect(store.state.status).toBe('signedIn')
  client.state = 'reconnecting'
  client.emit('state', 'reconnecting')
  expect(store.state).toMatchObject({ connection: 'reconnecting' })
  client.emit('sessionEnded', { reason: 'replaced' })
  expect(store.state).toEqual({ status: 'signedOut', errorCode: null, endReason: 'replaced' })
})

test('a login that a provider has sent back goes before a session of earlier, and says why it failed', async () => {
  const client = new FakeClient({})
  const restore = vi.spyOn(client, 'restore')
  const session = await client.login()
  vi.spyOn(client, 'completeLogin').mockResolvedValueOnce(session)
  const store = new SessionStore(client, noWait)
  await store.restore()
  expect(store.state).toMatchObject({ status: 'signedIn', user: session.user })

  vi.spyOn(client, 'completeLogin').mockRejectedValueOnce(new RingwayError({ code: 'accountUnknown', message: 'no', retryable: false }))
  const refused = new SessionStore(client, noWait)
  await refused.restore()
  expect(refused.state).toEqual({ status: 'signedOut', errorCode: 'accountUnknown', endReason: null })
  expect(restore).not.toHaveBeenCalled()
})

test('a page that was left for a provider and is shown again can sign in', async () => {
  const client = new FakeClient({ signedIn: false })
  const store = new SessionStore(client, noWait)
  await store.restore()
  const leaving = vi.spyOn(client, 'loginWithProvider')
  await store.signInWith('acme', 'acme.example')
  expect(leaving).toHaveBeenCalledWith('acme', { domain: 'acme.example' })
  expect(store.state).toEqual({ status: 'signingIn' })
  store.cameBack()
  expect(store.state).toEqual({ status: 'signedOut', errorCode: null, endReason: null })

  leaving.mockRejectedValueOnce(new RingwayError({ code: 'internal', message: 'no', retryable: true }))
  await store.signInWith('acme', undefined)
  expect(store.state).toEqual({ status: 'signedOut', errorCode: 'internal', endReason: null })
})

test('a guest needs no account, and is told where guests are not let in', async () => {
  const client = new FakeClient({ signedIn: false })
  const login = vi.spyOn(client, 'login')
  const store = new SessionStore(client, noWait)
  await store.signInAsGuest('acme.test')
  expect([store.state.status, login.mock.calls]).toEqual(['signedIn', [[{ grantType: 'anonymous', domain: 'acme.test' }]]])
  const refusing = new SessionStore(new FakeClient({ signedIn: false, refuse: 'invalidGrant' }), noWait)
  await refusing.signInAsGuest('acme.test')
  expect(refusing.state).toEqual({ status: 'signedOut', errorCode: 'roomNotFound', endReason: null })
})
