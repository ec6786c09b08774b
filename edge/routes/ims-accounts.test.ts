import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { removeExpired } from '#edge/db/d1/expiry.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { type HubSocket, openHubSocket } from './testing/hub-socket.ts'
import { expectNowhereStored, readLogs } from './testing/secrets.ts'

/** Accounts on SIP gateways: of users, and those that visitors borrow (CRED-1). */

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { enableAnonymous: true })
})
afterEach(() => vi.restoreAllMocks())

const server = { urls: 'turn:158.61.103.18', credential: 'turn-secret', username: 'alice' }
const account = (username = 'alice@quobiscom') => ({
  username,
  userauthname: '123@10.2.3.4',
  password: '23t6iyb3r5yliu',
  authserver: 'wss://sipowsgw.quobis.com',
  iceserver: [server],
})
const { password: secret, ...open } = account()
const shown = { ...open, iceserver: [{ urls: server.urls, username: server.username }] }

const post = async (json: unknown, token?: string) => call('/sapi/credentials', { json, token: token ?? (await adminToken()) })
const add = async (fields: Record<string, unknown> = {}) =>
  expectJson<Made>(await post({ source: 'wac', type: 'ims', context: {}, domain: 'a', data: account(), lease: 0, ...fields }), 201)
const mine = (token: string, method = 'POST') => call('/sapi/credentials/ims/mine', { method, token })

interface Visitor {
  readonly token: string
  readonly socket: HubSocket
}
const newVisitor = async (domain = 'a'): Promise<string> => {
  const { access_token } = await expectJson<{ access_token: string }>(
    await requestToken({ grant_type: 'anonymous', username: `@${domain}` }),
    200,
  )
  return access_token
}
const connected = async (domain = 'a'): Promise<Visitor> => {
  const token = await newVisitor(domain)
  return { token, socket: await openHubSocket(token) }
}
const endSession = ({ token, socket }: Visitor) => call(`/sapi/sessions/${socket.sessionId}`, { method: 'DELETE', token })
const borrowed = async (token: string): Promise<string> => String((await expectJson(await mine(token), 200))['username'])
const pool = (...names: string[]) => Promise.all(names.map((username) => add({ data: account(username) })))

describe("a user's account", () => {
  it('is told whole to its user, and without secrets to admins', async () => {
    const logs = readLogs()
    const alice = await createUser('a', 'alice')
    const credential = await add({ user: alice.id, lease: 300 })
    expect(credential).toMatchObject({ type: 'ims', user: alice.id, domain: 'a', lease: 300, expires: null })
    expect(credential['data']).toEqual(shown)
    const told = await expectJson(await mine(await tokenOf('alice@a')), 200)
    expect(told).toEqual({ ...account(), lease: 300, borrowed: false })
    const token = await adminToken()
    for (const path of [`/sapi/credentials/${credential.id}`, '/sapi/credentials', '/sapi/credentials?type=ims']) {
      const text = await (await call(path, { token })).text()
      expect(text).toContain(credential.id)
      for (const hidden of [secret, server.credential]) expect(text).not.toContain(hidden)
    }
    await expectNowhereStored(secret, server.credential)
    expect(logs()).toContain('/sapi/credentials/ims/mine')
    for (const hidden of [secret, server.credential]) expect(logs()).not.toContain(hidden)
  })

  it('is one', async () => {
    const alice = await createUser('a', 'alice')
    await add({ user: alice.id })
    await expectProblem(await post({ type: 'ims', user: alice.id, data: account('other') }), 409, 'conflict')
  })

  it('is not found where there is none; users borrow nothing', async () => {
    await pool('visitor-1')
    await createUser('a', 'bob')
    await createUser('a', 'guest', { role: 'anonymous' })
    for (const name of ['bob@a', 'guest@a']) await expectProblem(await mine(await tokenOf(name)), 404, 'notFound')
  })

  it('keeps secrets that a change leaves out, and takes new ones', async () => {
    const alice = await createUser('a', 'alice')
    const { id } = await add({ user: alice.id })
    const token = await tokenOf('alice@a')
    const patch = async (json: unknown) => call(`/sapi/credentials/${id}`, { method: 'PATCH', json, token: await adminToken() })
    expect(await expectJson(await patch({ lease: 60, data: { userauthname: 'alice' } }), 200)).toMatchObject({ lease: 60, expires: null })
    expect(await expectJson(await mine(token), 200)).toEqual({ ...account(), userauthname: 'alice', lease: 60, borrowed: false })
    const servers = [{ urls: 'stun:stun.example' }, { urls: server.urls, username: server.username }]
    await expectJson(await patch({ data: { password: 'the next one', iceserver: servers } }), 200)
    expect(await expectJson(await mine(token), 200)).toMatchObject({ password: 'the next one', iceserver: [servers[0], server] })
    await expectNowhereStored('the next one')
  })

  it('tells no other gateway the password of this one', async () => {
    const alice = await createUser('a', 'alice')
    const { id } = await add({ user: alice.id })
    const token = await tokenOf('alice@a')
    const patch = async (data: unknown) => call(`/sapi/credentials/${id}`, { method: 'PATCH', json: { data }, token: await adminToken() })
    const problem = await expectProblem(await patch({ authserver: 'wss://other.example' }), 400, 'invalidRequest')
    expect(problem).toMatchObject({ context: { issues: [{ path: 'data.password' }] } })
    expect(await expectJson(await mine(token), 200)).toMatchObject({ authserver: account().authserver, password: secret })
    await expectJson(await patch({ authserver: 'wss://other.example', password: 'for the other' }), 200)
    expect(await expectJson(await mine(token), 200)).toMatchObject({ authserver: 'wss://other.example', password: 'for the other' })
  })

  it('goes with its user', async () => {
    const alice = await createUser('a', 'alice')
    await add({ user: alice.id })
    const removed = await expectJson(await call(`/sapi/users/${alice.id}`, { method: 'DELETE', token: await adminToken() }), 200)
    expect(removed).toMatchObject({ removed: { credentials: 2 } })
    expect(await env.DB.prepare("select count(*) as n from credentials where type = 'ims'").first()).toEqual({ n: 0 })
  })

  it.each([
    ['a gateway that is no wss URL', { authserver: 'ws://gw.example' }],
    ['no password', { password: undefined }],
    ['no user name', { username: '' }],
    ['a user name with spaces', { username: 'a b' }],
    ['an ICE server that is none', { iceserver: [{ urls: 'http://turn.example' }] }],
  ])('is refused with %s', async (_, fields) => {
    await expectProblem(await post({ type: 'ims', data: { ...account(), ...fields } }), 400, 'invalidRequest')
  })

  it("is made by who administers its user or domain, and never for another tenant's", async () => {
    await createDomain('b')
    await createUser('b', 'boss', { role: 'admin' })
    const alice = await createUser('a', 'alice')
    const { id } = await add({ user: alice.id })
    const token = await tokenOf('boss@b')
    await expectProblem(await post({ type: 'ims', user: alice.id, data: account() }, token), 404, 'notFound')
    await expectProblem(await post({ type: 'ims', domain: 'a', data: account() }, token), 404, 'notFound')
    for (const method of ['GET', 'DELETE']) await expectProblem(await call(`/sapi/credentials/${id}`, { method, token }), 404, 'notFound')
    await expectProblem(await call(`/sapi/credentials/${id}`, { method: 'PATCH', json: { lease: 1 }, token }), 404, 'notFound')
    await expectProblem(await post({ type: 'ims', data: account() }, await tokenOf('alice@a')), 403, 'forbidden')
  })
})

describe('the pool', () => {
  it('lends each account once, to who has a session', async () => {
    await pool('v1', 'v2')
    await expectProblem(await mine(await newVisitor()), 409, 'sessionRequired')
    const [first, second, third] = [await connected(), await connected(), await connected()]
    const names = [await borrowed(first.token), await borrowed(second.token)]
    expect(names.toSorted()).toEqual(['v1', 'v2'])
    expect(await borrowed(first.token)).toBe(names[0])
    expect(await expectProblem(await mine(third.token), 409, 'poolExhausted')).toMatchObject({ retryable: true })
    expect((await mine(second.token, 'DELETE')).status).toBe(204)
    await vi.waitUntil(async () => (await mine(third.token)).status === 200)
    expect(await borrowed(third.token)).toBe(names[1])
    for (const { socket } of [first, second, third]) socket.close()
  })

  it('never lends one to two visitors that ask at the same moment', async () => {
    await pool('v1', 'v2', 'v3')
    const visitors = await Promise.all(Array.from({ length: 8 }, () => connected()))
    const answers = await Promise.all(visitors.map(({ token }) => mine(token)))
    const lent = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.json<{ username: string }>()))
    expect(lent.map(({ username }) => username).toSorted()).toEqual(['v1', 'v2', 'v3'])
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5)
    for (const { socket } of visitors) socket.close()
  })

  it('gives a visitor one account however often it asks at the same moment', async () => {
    await pool('v1', 'v2', 'v3')
    const { token, socket } = await connected()
    const names = await Promise.all(Array.from({ length: 4 }, () => borrowed(token)))
    expect(new Set(names).size).toBe(1)
    socket.close()
  })

  it('gets an account back when the session of its visitor ends, and lets it rest longest', async () => {
    await pool('v1', 'v2')
    const first = await connected()
    const name = await borrowed(first.token)
    expect((await endSession(first)).status).toBe(204)
    expect(await first.socket.closed).toEqual({ code: 4000 })
    await vi.waitUntil(async () => (await env.DB.prepare('select loan_id from ims_loans').first())?.['loan_id'] === null)
    const [second, third] = [await connected(), await connected()]
    expect(await borrowed(second.token)).not.toBe(name)
    expect(await borrowed(third.token)).toBe(name)
    for (const { socket } of [second, third]) socket.close()
  })

  it('gets it back when the login of its visitor ends', async () => {
    await pool('v1')
    const first = await connected()
    await borrowed(first.token)
    const [login] = await expectJson<Made[]>(await call('/sapi/logins', { token: first.token }), 200)
    expect((await call(`/sapi/logins/${login?.id}`, { method: 'DELETE', token: await adminToken() })).status).toBe(204)
    const second = await connected()
    await vi.waitUntil(async () => (await mine(second.token)).status === 200)
    second.socket.close()
  })

  it('gets it back from visitors of whom nothing is left but the loan', async () => {
    const [credential] = await pool('v1')
    await env.DB.prepare('insert into ims_loans (credential_id, loan_id, user_id, taken_at) values (?, ?, ?, 0)')
      .bind(credential?.id, 'a loan', 'anon-gone')
      .run()
    const { token, socket } = await connected()
    await expectProblem(await mine(token), 409, 'poolExhausted')
    await removeExpired(database(env.DB), systemClock.now())
    expect(await borrowed(token)).toBe('v1')
    await removeExpired(database(env.DB), systemClock.now())
    expect(await env.DB.prepare('select count(*) as n from ims_loans where loan_id is not null').first()).toEqual({ n: 1 })
    socket.close()
  })

  it('lends another in place of one that was deleted', async () => {
    const [first] = await pool('v1')
    const { token, socket } = await connected()
    expect(await borrowed(token)).toBe('v1')
    expect((await call(`/sapi/credentials/${first?.id}`, { method: 'DELETE', token: await adminToken() })).status).toBe(204)
    await expectProblem(await mine(token), 409, 'poolExhausted')
    await pool('v2')
    expect(await borrowed(token)).toBe('v2')
    socket.close()
  })

  it('is of one domain: not of another, nor of those under it', async () => {
    await createDomain('below', { parent: 'a', enableAnonymous: true })
    await pool('v1')
    const { token, socket } = await connected('below')
    await expectProblem(await mine(token), 409, 'poolExhausted')
    socket.close()
  })

  it("lends nothing that is a user's, and tells admins nothing secret", async () => {
    const alice = await createUser('a', 'alice')
    await add({ user: alice.id })
    const { token, socket } = await connected()
    await expectProblem(await mine(token), 409, 'poolExhausted')
    const [lent] = await pool('v1')
    expect(await expectJson(await mine(token), 200)).toEqual({ ...account('v1'), lease: 0, borrowed: true })
    expect(lent).toMatchObject({ user: null, expires: null })
    socket.close()
  })
})
