import { listDurableObjectIds } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  expectProblem,
  login,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

/** Sessions, logins and the registry (WAPI-2). */

let alice: Made

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { enableAnonymous: true })
  alice = await createUser('a', 'alice')
})

const get = async <Body = Made[]>(path: string, token: string) => expectJson<Body>(await call(path, { token }), 200)
const remove = (path: string, token: string) => call(path, { method: 'DELETE', token })
const admins = async (username: string, domain: string) => {
  await createUser(domain, username, { role: 'admin' })
  return tokenOf(`${username}@${domain}`)
}

describe('sessions', () => {
  it('are listed to their user and its admins, with what their devices tell and without push tokens', async () => {
    const token = await tokenOf('alice@a')
    expect(await get('/sapi/sessions', token)).toEqual([])
    const context = { useragent: 'test/1', platform: 'android', deviceId: 'd1', pushToken: 'a-push-token' }
    const phone = await openHubSocket(token, context)
    const laptop = await openHubSocket(token)
    const sessions = await get('/sapi/sessions', token)
    expect(sessions).toHaveLength(2)
    expect(sessions.find(({ id }) => id === phone.sessionId)).toEqual({
      id: phone.sessionId,
      user: alice.id,
      login: expect.any(String),
      state: 'connected',
      since: expect.any(Number),
      lost: null,
      context: { useragent: 'test/1', platform: 'android', deviceId: 'd1' },
      push: true,
      calls: [],
    })
    const ofAlice = `/sapi/sessions?user=${alice.id}`
    expect(await get(ofAlice, await admins('boss', 'a'))).toEqual(sessions)
    expect(await get<Made>(`/sapi/sessions/${laptop.sessionId}`, token)).toMatchObject({ id: laptop.sessionId, push: false })
    const text = await (await call(ofAlice, { token: await adminToken() })).text()
    expect(text).not.toContain('a-push-token')
    const first = await call('/sapi/sessions?limit=1', { token })
    const second = await call(nextPage(first.headers.get('link')) ?? '', { token })
    expect([...(await expectJson<Made[]>(first, 200)), ...(await expectJson<Made[]>(second, 200))]).toEqual(sessions)
    laptop.close()
    await expect.poll(async () => (await get<Made>(`/sapi/sessions/${laptop.sessionId}`, token))['state']).toBe('resumable')
    phone.close()
  })

  it('are ended one at a time: the sockets close, the login goes on', async () => {
    const token = await tokenOf('alice@a')
    const [phone, laptop] = [await openHubSocket(token), await openHubSocket(token)]
    expect((await remove(`/sapi/sessions/${phone.sessionId}`, token)).status).toBe(204)
    expect(await phone.closed).toEqual({ code: 4000 })
    await expectProblem(await remove(`/sapi/sessions/${phone.sessionId}`, token), 404, 'notFound')
    const boss = await admins('boss', 'a')
    expect((await remove(`/sapi/sessions/${laptop.sessionId}?user=${alice.id}`, boss)).status).toBe(204)
    expect(await laptop.closed).toEqual({ code: 4000 })
    expect(await get('/sapi/sessions', token)).toEqual([])
    const again = await openHubSocket(token)
    expect(await get('/sapi/sessions', token)).toHaveLength(1)
    again.close()
  })

  it('are shown of visitors too', async () => {
    const { access_token } = await expectJson<{ access_token: string }>(
      await requestToken({ grant_type: 'anonymous', username: '@a' }),
      200,
    )
    expect(await get('/sapi/sessions', access_token)).toEqual([])
    const socket = await openHubSocket(access_token)
    const [session] = await get('/sapi/sessions', access_token)
    expect(session).toMatchObject({ id: socket.sessionId, user: expect.stringMatching(/^anon-/) })
    expect(await get(`/sapi/sessions?user=${session?.['user']}`, await admins('boss', 'a'))).toEqual([session])
    expect((await remove(`/sapi/sessions/${socket.sessionId}`, access_token)).status).toBe(204)
    expect(await socket.closed).toEqual({ code: 4000 })
  })

  it("are not other users' business, nor other tenants'", async () => {
    await createUser('a', 'bob')
    await createDomain('b')
    const phone = await openHubSocket(await tokenOf('alice@a'))
    for (const token of [await tokenOf('bob@a'), await admins('boss', 'b')]) {
      await expectProblem(await call(`/sapi/sessions?user=${alice.id}`, { token }), 404, 'notFound')
      for (const path of [`/sapi/sessions/${phone.sessionId}?user=${alice.id}`, `/sapi/sessions/${phone.sessionId}`]) {
        await expectProblem(await call(path, { token }), 404, 'notFound')
        await expectProblem(await remove(path, token), 404, 'notFound')
      }
      await expectProblem(await call(`/sapi/logins?user=${alice.id}`, { token }), 404, 'notFound')
    }
    await expectProblem(await call(`/sapi/sessions?user=${crypto.randomUUID()}`, { token: await adminToken() }), 404, 'notFound')
    phone.close()
  })

  it('of platform admins are nothing that a domain admin may look at', async () => {
    const root = await createUser('a', 'root', { role: 'platform-admin' })
    const token = await admins('boss', 'a')
    await expectProblem(await call(`/sapi/sessions?user=${root.id}`, { token }), 403, 'forbidden')
    const { access_token } = await login('root@a', userPassword)
    const [own] = await get('/sapi/logins', access_token)
    await expectProblem(await remove(`/sapi/logins/${own?.id}`, token), 403, 'forbidden')
  })

  it('touch no hub of who never connected', async () => {
    const before = (await listDurableObjectIds(env.USER_HUB)).length
    const token = await adminToken()
    expect(await get(`/sapi/sessions?user=${alice.id}`, token)).toEqual([])
    expect(await get('/sapi/registry?domain=a', token)).toEqual([])
    expect(await get(`/sapi/registry?user=${alice.id}`, token)).toMatchObject([{ user: alice.id, reachable: false, sessions: [] }])
    await get(`/sapi/reachability?uri=wac-user:${alice.id}`, await tokenOf('alice@a'))
    expect(await listDurableObjectIds(env.USER_HUB)).toHaveLength(before)
  })
})

describe('logins', () => {
  it('are listed and ended, by their user and its admins', async () => {
    const [here, there] = [await login('alice@a', userPassword), await login('alice@a', userPassword)]
    const logins = await get('/sapi/logins', here.access_token)
    expect(logins).toHaveLength(2)
    expect(logins[0]).toEqual({
      id: expect.any(String),
      user: alice.id,
      kind: 'password',
      client: null,
      scope: null,
      created: expect.any(Number),
      expires: expect.any(Number),
      current: true,
    })
    expect(logins[1]).toMatchObject({ current: false })
    const socket = await openHubSocket(there.access_token)
    expect((await remove(`/sapi/logins/${logins[1]?.id}`, here.access_token)).status).toBe(204)
    expect(await socket.closed).toEqual({ code: 4401 })
    await expectDead(there)
    const boss = await admins('boss', 'a')
    expect(await get(`/sapi/logins?user=${alice.id}`, boss)).toMatchObject([{ id: logins[0]?.id, current: false }])
    expect((await remove(`/sapi/logins/${logins[0]?.id}`, boss)).status).toBe(204)
    await expectDead(here)
    await expectProblem(await remove(`/sapi/logins/${logins[0]?.id}`, boss), 404, 'notFound')
  })

  it('of others are unknown', async () => {
    await createUser('a', 'bob')
    const { access_token } = await login('alice@a', userPassword)
    const [own] = await get('/sapi/logins', access_token)
    await expectProblem(await remove(`/sapi/logins/${own?.id}`, await tokenOf('bob@a')), 404, 'notFound')
    expect((await call('/sapi/users/me', { token: access_token })).status).toBe(200)
  })
})

describe('the registry', () => {
  it('tells admins who is reachable where, in pages', async () => {
    await createDomain('b')
    const others = [await createUser('a', 'bob'), await createUser('b', 'carol')]
    const sockets = [
      await openHubSocket(await tokenOf('alice@a'), { platform: 'web' }),
      await openHubSocket(await tokenOf('bob@a')),
      await openHubSocket(await tokenOf('carol@b')),
    ]
    const token = await adminToken()
    expect(await get(`/sapi/registry?user=${alice.id}`, token)).toEqual([
      {
        user: alice.id,
        username: 'alice@a',
        uri: `wac-user:${alice.id}`,
        reachable: true,
        transports: [{ type: 'connection', platform: 'web' }],
        sessions: [expect.objectContaining({ id: sockets[0]?.sessionId, state: 'connected' })],
      },
    ])
    const first = await call('/sapi/registry?limit=2', { token })
    const second = await call(nextPage(first.headers.get('link')) ?? '', { token })
    const pages = [await expectJson<Made[]>(first, 200), await expectJson<Made[]>(second, 200)]
    expect(pages.map((page) => page.map(({ user }) => user))).toEqual([[alice.id, others[0]?.id], [others[1]?.id]])
    const boss = await admins('boss', 'a')
    expect((await get('/sapi/registry', boss)).map(({ username }) => username)).toEqual(['alice@a', 'bob@a'])
    await expectProblem(await call(`/sapi/registry?user=${others[1]?.id}`, { token: boss }), 404, 'notFound')
    await expectProblem(await call('/sapi/registry?domain=b', { token: boss }), 404, 'notFound')
    await expectProblem(await call('/sapi/registry', { token: await tokenOf('bob@a') }), 403, 'forbidden')
    for (const socket of sockets) socket.close()
  })
})
