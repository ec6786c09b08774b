import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  expectJson,
  expectProblem,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

/** REACH-1. */

let alice: Made
let bob: Made

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { enableAnonymous: true })
  alice = await createUser('a', 'alice')
  bob = await createUser('a', 'bob')
})

const ask = async (uri: string, token: string) => call(`/sapi/reachability?uri=${encodeURIComponent(uri)}`, { token })
const reach = async (uri: string, token: string) => expectJson(await ask(uri, token), 200)
const offline = { reachable: false, transports: [] }
const visitor = async () =>
  (await expectJson<{ access_token: string }>(await requestToken({ grant_type: 'anonymous', username: '@a' }), 200)).access_token

describe('a user', () => {
  it('is reachable by connections and push tokens, whatever it is called by', async () => {
    const token = await tokenOf('alice@a')
    const uri = `wac-user:${bob.id}`
    expect(await reach(uri, token)).toEqual({ uri, ...offline })
    const phone = await openHubSocket(await tokenOf('bob@a'), { platform: 'ios', pushToken: 'a-push-token' })
    const laptop = await openHubSocket(await tokenOf('bob@a'))
    const transports = [{ type: 'connection', platform: 'ios' }, { type: 'push', platform: 'ios' }, { type: 'connection' }]
    for (const name of [uri, 'bob', 'bob@a', ' BOB@A ']) expect(await reach(name, token)).toEqual({ uri, reachable: true, transports })
    laptop.close()
    phone.close()
    // The hub keeps a device that has told a push token for a while, though its connection is gone.
    await expect.poll(() => reach(uri, token)).toEqual({ uri, reachable: true, transports: [{ type: 'push', platform: 'ios' }] })
    expect(await (await ask(uri, token)).text()).not.toContain('a-push-token')
  })

  it('of another domain is told of to nobody, not even that it exists', async () => {
    await createDomain('b')
    const carol = await createUser('b', 'carol')
    const socket = await openHubSocket(await tokenOf('carol@b'))
    const token = await tokenOf('alice@a')
    const names = [
      'carol@b',
      `wac-user:${carol.id}`,
      'nobody@b',
      `wac-user:${crypto.randomUUID()}`,
      'nobody',
      'x@nowhere',
      'wac-user:',
      '@',
    ]
    const bodies = await Promise.all(names.map(async (name) => expectProblem(await ask(name, token), 404, 'userUnknown')))
    expect(new Set(bodies.map(({ traceId: _, ...body }) => JSON.stringify(body))).size).toBe(1)
    socket.close()
  })

  it('is offline to visitors where it is unknown, and one answer where it is there', async () => {
    const token = await visitor()
    for (const uri of ['bob', 'nobody', `wac-user:${crypto.randomUUID()}`, 'admin@default', 'wac-group:x'])
      expect(await reach(uri, token)).toEqual({ uri, ...offline })
    const sockets = [
      await openHubSocket(await tokenOf('bob@a'), { platform: 'ios' }),
      await openHubSocket(await tokenOf('bob@a'), { platform: 'web' }),
    ]
    await expect.poll(() => reach('bob', token)).toEqual({ uri: 'bob', reachable: true, transports: [{ type: 'connection' }] })
    for (const socket of sockets) socket.close()
  })
})

describe('a group', () => {
  const newGroup = async () => {
    const json = { name: 'sales', domain: 'a', owner: alice.id }
    const group = await expectJson<Made>(await call('/sapi/usersGroup', { json, token: await adminToken() }), 201)
    const added = await call(`/sapi/usersGroup/${group.id}/participants`, { json: { userId: bob.id }, token: await adminToken() })
    expect(added.ok, await added.text()).toBe(true)
    return `wac-group:${group.id}`
  }

  it('is reachable where one of its participants is', async () => {
    const uri = await newGroup()
    const token = await tokenOf('alice@a')
    const [ofAlice, ofBob] = [`wac-user:${alice.id}`, `wac-user:${bob.id}`]
    const participants = [
      { uri: ofAlice, ...offline },
      { uri: ofBob, ...offline },
    ]
    expect(await reach(uri, token)).toEqual({ uri, ...offline, participants })
    const socket = await openHubSocket(await tokenOf('bob@a'))
    const online = { reachable: true, transports: [{ type: 'connection' }] }
    expect(await reach(uri, token)).toEqual({ uri, ...online, participants: [participants[0], { uri: ofBob, ...online }] })
    expect(await reach(uri, await visitor())).toEqual({ uri, ...online })
    socket.close()
  })

  it('of another domain is unknown', async () => {
    const uri = await newGroup()
    await createDomain('b')
    await createUser('b', 'carol')
    const token = await tokenOf('carol@b')
    await expectProblem(await ask(uri, token), 404, 'userUnknown')
    await expectProblem(await ask(`wac-group:${crypto.randomUUID()}`, token), 404, 'userUnknown')
  })
})

it('asks for a URI', async () => {
  const token = await tokenOf('alice@a')
  for (const query of ['', '?uri=', `?uri=${'x'.repeat(400)}`])
    await expectProblem(await call(`/sapi/reachability${query}`, { token }), 400, 'invalidRequest')
})
