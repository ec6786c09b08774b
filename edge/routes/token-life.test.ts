import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { forgetMaintenance } from '#edge/services/maintenance.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  login,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

const refresh = (refresh_token: string, options = {}) => requestToken({ grant_type: 'refresh_token', refresh_token }, options)
const refreshed = async (refresh_token: string) =>
  expectJson<{ access_token: string; refresh_token: string }>(await refresh(refresh_token), 200)
const me = (token: string) => call('/sapi/users/me', { token })
const revoke = (token: string) => call('/sapi/o/revoke', { form: { token } })
const introspect = (token: string, by: string) => call('/sapi/o/introspect', { form: { token }, token: by })

describe('refresh tokens', () => {
  it('are replaced at each use, within one login, while the access tokens stay good', async () => {
    await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    const second = await refreshed(first.refresh_token)
    const third = await refreshed(second.refresh_token)
    expect(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size).toBe(3)
    for (const { access_token } of [first, second, third]) expect((await me(access_token)).status).toBe(200)
    expect(
      await env.DB.prepare('select count(*) as n from logins join users on users.id = user_id where username = ?').bind('alice').first(),
    ).toEqual({ n: 1 })
  })

  it('are stored as hashes only', async () => {
    await createUser('a', 'alice')
    const { refresh_token } = await login('alice@a', userPassword)
    const { results } = await env.DB.prepare('select * from refresh_tokens').all()
    expect(results.length).toBeGreaterThan(0)
    expect(JSON.stringify(results)).not.toContain(refresh_token)
  })

  it('that come back end the whole login, sockets at once', async () => {
    await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    const other = await login('alice@a', userPassword)
    const second = await refreshed(first.refresh_token)
    const socket = await openHubSocket(second.access_token)
    const bystander = await openHubSocket(other.access_token)
    expect(await expectJson(await refresh(first.refresh_token), 400)).toMatchObject({ error: 'invalid_grant' })
    expect(await socket.closed).toEqual({ code: 4401 })
    await expectDead(first)
    await expectDead(second)
    expect((await me(other.access_token)).status).toBe(200)
    bystander.close()
    expect((await bystander.closed).code).not.toBe(4401)
  })

  it('used twice at the same moment are good once, and then the login is over', async () => {
    await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    const answers = await Promise.all([refresh(first.refresh_token), refresh(first.refresh_token)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400])
    await expectDead(first)
    const winner = await expectJson<{ access_token: string; refresh_token: string }>(
      answers.find(({ status }) => status === 200) ?? new Response(),
      200,
    )
    await expectDead(winner)
  })

  it('expire', async () => {
    await createUser('a', 'alice')
    const tokens = await login('alice@a', userPassword)
    await env.DB.prepare('update refresh_tokens set expires_at = ?')
      .bind(Date.now() - 1)
      .run()
    await expectJson(await refresh(tokens.refresh_token), 400)
    expect((await me(tokens.access_token)).status).toBe(200)
  })

  it('bring what has changed: alias', async () => {
    const user = await createUser('a', 'alice')
    const first = await login('alice@a', userPassword)
    const body = { domain: 'a', username: 'alice', email: '', role: 'user', capabilities: [], mobilePhone: [], alias: 'Alice' }
    await expectJson(await call(`/sapi/users/${user.id}`, { method: 'PUT', json: body, token: await adminToken() }), 200)
    const { access_token } = await refreshed(first.refresh_token)
    expect(await expectJson(await introspect(access_token, access_token), 200)).toMatchObject({ active: true, sub: user.id })
    expect(JSON.parse(atob(access_token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''))).toMatchObject({
      displayName: 'Alice',
    })
  })

  it('are worth nothing where the domain no longer lists login', async () => {
    const domain = await createDomain('b')
    await createUser('b', 'bob')
    const tokens = await login('bob@b', userPassword)
    const body = { domain: 'b', parent: null, origins: [], enableAnonymous: false, services: { contacts: [] } }
    await expectJson(await call(`/sapi/domains/${domain.id}`, { method: 'PUT', json: body, token: await adminToken() }), 200)
    await expectJson(await refresh(tokens.refresh_token), 400)
    await expectDead(tokens)
  })
})

describe('revocation (RFC 7009)', () => {
  it.each(['access_token', 'refresh_token'] as const)('of the %s ends the login and closes its sockets', async (kind) => {
    await createUser('a', 'alice')
    const tokens = await login('alice@a', userPassword)
    const socket = await openHubSocket(tokens.access_token)
    const response = await revoke(tokens[kind])
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: '' })
    expect(await socket.closed).toEqual({ code: 4401 })
    await expectDead(tokens)
    expect(await env.DB.prepare('select count(*) as n from revocations where hub_pending = 1').first()).toEqual({ n: 0 })
  })

  it('of an unknown token changes nothing and is no error', async () => {
    await createUser('a', 'alice')
    const tokens = await login('alice@a', userPassword)
    for (const token of ['x', `${tokens.access_token}x`, `${tokens.refresh_token}x`]) expect((await revoke(token)).status).toBe(200)
    expect((await me(tokens.access_token)).status).toBe(200)
    await refreshed(tokens.refresh_token)
  })

  it('without a token is refused', async () => {
    expect(await expectJson(await call('/sapi/o/revoke', { form: {} }), 400)).toMatchObject({ error: 'invalid_request' })
  })

  it('does not touch the hub of a user that never connected', async () => {
    await createUser('a', 'alice')
    await revoke((await login('alice@a', userPassword)).access_token)
    const rows = await env.DB.prepare('select hub_pending from revocations').all()
    expect(rows.results).toEqual([{ hub_pending: 0 }])
  })

  it('is told to the hub again where nobody has confirmed it', async () => {
    const user = await createUser('a', 'alice')
    const tokens = await login('alice@a', userPassword)
    const socket = await openHubSocket(tokens.access_token)
    const { results } = await env.DB.prepare('select id from logins where user_id = ?').bind(user.id).all<{ id: string }>()
    await env.DB.prepare('insert into revocations values (?, ?, null, ?, ?, 1)')
      .bind(results[0]?.id, user.id, Date.now() - 60_000, Date.now() + 60_000)
      .run()
    forgetMaintenance()
    await call('/sapi/capabilities', { token: await adminToken() })
    expect(await socket.closed).toEqual({ code: 4401 })
    expect(await env.DB.prepare('select hub_pending from revocations').first()).toEqual({ hub_pending: 0 })
  })
})

describe('introspection (RFC 7662)', () => {
  it('tells an admin of the domain, a client of it and the user itself', async () => {
    const user = await createUser('a', 'alice')
    await createUser('a', 'boss', { role: 'admin' })
    const tokens = await login('alice@a', userPassword)
    const made = await call('/sapi/credentials', {
      json: { type: 'client', data: { name: 'gateway' }, domain: 'a' },
      token: await adminToken(),
    })
    const { data } = await expectJson<{ data: { clientId: string; clientSecret: string } }>(made, 201)
    const answers = [
      await introspect(tokens.access_token, await adminToken()),
      await introspect(tokens.access_token, await tokenOf('boss@a')),
      await introspect(tokens.access_token, tokens.access_token),
      await call('/sapi/o/introspect', {
        form: { token: tokens.access_token, client_id: data.clientId, client_secret: data.clientSecret },
      }),
      await call('/sapi/o/introspect', {
        form: { token: tokens.access_token },
        headers: { authorization: `Basic ${btoa(`${data.clientId}:${data.clientSecret}`)}` },
      }),
    ]
    for (const answer of answers) {
      expect(await expectJson(answer, 200)).toMatchObject({
        active: true,
        token_type: 'Bearer',
        sub: user.id,
        username: 'alice@a',
        role: 'user',
      })
    }
    const refresh_state = await expectJson(await introspect(tokens.refresh_token, await adminToken()), 200)
    expect(refresh_state).toMatchObject({ active: true, sub: user.id })
    expect(refresh_state['token_type']).toBeUndefined()
  })

  it('tells everybody else nothing', async () => {
    await createDomain('b')
    await createUser('a', 'alice')
    await createUser('a', 'neighbour')
    await createUser('b', 'boss', { role: 'admin' })
    const { access_token, refresh_token } = await login('alice@a', userPassword)
    for (const by of [await tokenOf('boss@b'), await tokenOf('neighbour@a')]) {
      for (const token of [access_token, refresh_token, 'nonsense'])
        expect(await expectJson(await introspect(token, by), 200)).toEqual({ active: false })
    }
    expect(await expectJson(await call('/sapi/o/introspect', { form: { token: access_token } }), 401)).toMatchObject({
      error: 'invalid_client',
    })
  })
})

it('a login that ends is refused until no token of it can be good, however late that was signed', async () => {
  await createUser('a', 'alice')
  const { access_token } = await login('alice@a', userPassword)
  const { sid, exp = 0 } = decodeJwt(access_token)
  const written = await env.DB.prepare('select access_expires_at as at from logins where id = ?').bind(sid).first<{ at: number }>()
  await call('/sapi/o/revoke', { form: { token: access_token } })
  const revoked = await env.DB.prepare('select expires_at as at from revocations where login_id = ?').bind(sid).first<{ at: number }>()
  expect(revoked?.at).toBe((written?.at ?? 0) + 60_000)
  expect(revoked?.at).toBeGreaterThan(exp * 1000 + 30_000)
})

it('what has expired is removed in passing', async () => {
  await createUser('a', 'alice')
  await login('alice@a', userPassword)
  const past = Date.now() - 61_000
  await env.DB.batch([
    env.DB.prepare(
      `update logins set expires_at = ?, access_expires_at = ? where user_id in (select id from users where username = 'alice')`,
    ).bind(past, past),
    env.DB.prepare('insert into revocations values (?, ?, null, ?, ?, 0)').bind('old', 'u', past, past),
    env.DB.prepare('insert into login_failures values (?, 1, ?)').bind('old', past - 3_600_000),
  ])
  forgetMaintenance()
  await call('/sapi/capabilities', { token: await adminToken() })
  const counts = await env.DB.prepare(
    `select (select count(*) from logins join users on users.id = user_id where username = 'alice') as logins,
            (select count(*) from revocations) as revocations, (select count(*) from login_failures) as failures`,
  ).first()
  expect(counts).toEqual({ logins: 0, revocations: 0, failures: 0 })
})
