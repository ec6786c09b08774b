import { beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { recordFailedLogins } from '#edge/services/login/failed-logins.ts'
import { loggerOf } from '#edge/services/logger.ts'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectOAuthError,
  expectProblem,
  login,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

/** AUTH-4. Each test has a domain of its own: what a ledger keeps is not emptied. */

let domains = 0
let domain: string

beforeEach(async () => {
  await startAnew()
  domain = `d${Date.now().toString(36)}-${++domains}.example`
})

const month = new Date().toISOString().slice(0, 7)
const read = async (path: string, options: { token?: string; domain?: string } = {}) => {
  const query = new URLSearchParams({ month, ...(options.domain === undefined ? {} : { domain: options.domain }) })
  return expectJson<Record<string, unknown>[]>(await call(`/sapi/${path}?${query}`, { token: options.token ?? (await adminToken()) }), 200)
}
const fail = (username: string, address = '192.0.2.33') =>
  requestToken({ grant_type: 'password', username, password: 'not the password' }, { headers: { 'cf-connecting-ip': address } })
const unrecorded = async () => (await env.DB.prepare('select count(*) as n from unrecorded_login_failures').first<{ n: number }>())?.n

describe('a failed login', () => {
  it('is counted and kept in the ledger of its domain, for its admins and those above it', async () => {
    await createDomain(domain)
    const alice = await createUser(domain, 'alice')
    await createUser(domain, 'boss', { role: 'admin' })
    await expectOAuthError(await fail(`alice@${domain}`), 400, 'invalid_grant')
    await expectOAuthError(await fail(`nobody@${domain}`, '2001:db8::1'), 400, 'invalid_grant')
    await expectOAuthError(await fail(`Alice@${domain}`), 400, 'invalid_grant')
    expect(await unrecorded()).toBe(0)

    const boss = await tokenOf(`boss@${domain}`)
    const failures = await read('loginFailures', { token: boss })
    expect(failures).toMatchObject([
      { service: 'Login', reason: 'wrongPassword', account: `alice@${domain}`, userId: alice.id, address: '192.0.2.33' },
      { service: 'Login', reason: 'unknownUser', account: `nobody@${domain}`, userId: null, address: '2001:db8:0:0:0:0:0:1' },
      { service: 'Login', reason: 'wrongPassword', account: `alice@${domain}`, userId: alice.id },
    ])
    expect(await read('loginFailures', { domain })).toEqual(failures)
    const stats = await read('loginStats', { token: boss })
    expect(stats.map(({ stat, service, reason, count }) => [stat, service, reason, count])).toEqual([
      ['Failed login', 'Login', 'unknownUser', 1],
      ['Failed login', 'Login', 'wrongPassword', 2],
    ])
    expect(Number(stats[0]?.['from']) % 3_600_000).toBe(0)
  })

  it('tells the reason of each kind', async () => {
    await createDomain(domain, { services: {} })
    await createUser(domain, 'carol')
    await createUser(domain, 'gone', { disabled: true })
    await expectOAuthError(
      await requestToken({ grant_type: 'password', username: `carol@${domain}`, password: userPassword }),
      403,
      'unauthorized_client',
    )
    await expectOAuthError(
      await requestToken({ grant_type: 'password', username: `gone@${domain}`, password: userPassword }),
      400,
      'invalid_grant',
    )
    await env.DB.prepare(
      'update credentials set expires_at = 1 where user_id is not null and domain_id = (select id from domains where name = ?)',
    )
      .bind(domain)
      .run()
    await expectOAuthError(
      await requestToken({ grant_type: 'password', username: `carol@${domain}`, password: userPassword }),
      400,
      'invalid_grant',
    )
    await env.DB.prepare('insert or replace into login_failures values (?, 20, ?)').bind(`pair carol@${domain} 127.0.0.1`, Date.now()).run()
    await expectOAuthError(
      await requestToken({ grant_type: 'password', username: `carol@${domain}`, password: userPassword }),
      429,
      'slow_down',
    )
    const failures = await read('loginFailures', { domain })
    expect(failures.map(({ reason }) => reason)).toEqual(['slowed', 'credentialExpired', 'userDisabled', 'serviceNotEnabled'])
  })

  it('of a client, and a refresh token in two hands, are told too', async () => {
    await createDomain(domain)
    await createUser(domain, 'alice')
    const client = { type: 'client', data: { name: 'gateway' }, domain }
    const made = await call('/sapi/credentials', { json: client, token: await adminToken() })
    const { data } = await expectJson<{ data: { clientId: string } }>(made, 201)
    const grant = { grant_type: 'client_credentials', client_id: data.clientId, client_secret: 'not the secret' }
    await expectOAuthError(await requestToken(grant), 401, 'invalid_client')
    const { refresh_token } = await login(`alice@${domain}`, userPassword)
    const refresh = { grant_type: 'refresh_token', refresh_token }
    await expectJson(await requestToken(refresh), 200)
    await expectOAuthError(await requestToken(refresh), 400, 'invalid_grant')
    const failures = await read('loginFailures', { domain })
    expect(failures).toMatchObject([
      { reason: 'tokenReused', userId: expect.any(String) },
      { reason: 'invalidClient', account: data.clientId },
    ])
  })

  it('of no domain is for the admins of the default one', async () => {
    await expectOAuthError(await fail(`alice@nowhere-${domain}`), 400, 'invalid_grant')
    const [newest] = await read('loginFailures', { domain: 'default' })
    expect(newest).toMatchObject({ account: `alice@nowhere-${domain}`, reason: 'unknownUser' })
  })

  it('is recorded later, once, where who noted it did not live to record it', async () => {
    const { id } = await createDomain(domain)
    const failure = {
      id: crypto.randomUUID(),
      at: Date.now() - 60_000,
      domainId: id,
      reason: 'wrongPassword',
      account: `alice@${domain}`,
      userId: null,
      address: null,
    }
    const note = () =>
      env.DB.prepare('insert into unrecorded_login_failures values (?, ?, ?)').bind(failure.id, failure.at, JSON.stringify(failure)).run()
    const scope = { env, db: database(env.DB), clock: systemClock, logger: loggerOf(env), defer: () => {} }
    await note()
    await recordFailedLogins(scope)
    // As if its removal had not come to pass.
    await note()
    await Promise.all([recordFailedLogins(scope), recordFailedLogins(scope)])
    expect(await unrecorded()).toBe(0)
    expect(await read('loginStats', { domain })).toMatchObject([{ count: 1 }])
  })
})

describe('an alarm', () => {
  it('is raised at the fifth failure in ten seconds, once, as an event too', async () => {
    const { id } = await createDomain(domain)
    await createUser(domain, 'alice')
    for (let index = 0; index < 7; index++) await fail(`alice@${domain}`)
    const alarms = await read('alarms', { domain })
    expect(alarms).toMatchObject([{ service: 'Login', account: `alice@${domain}`, address: '192.0.2.33', failures: 5, seconds: 10 }])
    const events = await env.DB.prepare(`select type, data from outgoing_events where domain_id = ? and type = 'login.alarm'`)
      .bind(id)
      .all()
    expect(events.results.map(({ data }) => JSON.parse(String(data)))).toEqual([
      { username: `alice@${domain}`, address: '192.0.2.33', failures: 5, seconds: 10 },
    ])
  })

  it('is raised by the rule of the domain', async () => {
    await createDomain(domain, { settings: { logins: { alarm: { failures: 2, seconds: 60 } } } })
    await fail(`alice@${domain}`)
    expect(await read('alarms', { domain })).toEqual([])
    await fail(`alice@${domain}`)
    expect(await read('alarms', { domain })).toMatchObject([{ account: `alice@${domain}`, failures: 2, seconds: 60 }])
  })
})

describe('an exclusive login', () => {
  const states = async (tokens: string[]) => Promise.all(tokens.map(async (token) => (await call('/sapi/users/me', { token })).status))

  it('ends the older ones of the user and closes their sockets', async () => {
    await createDomain(domain, { settings: { logins: { exclusive: true } } })
    await createUser(domain, 'alice')
    await createUser(domain, 'bob')
    const bobs = await tokenOf(`bob@${domain}`)
    const first = await login(`alice@${domain}`, userPassword)
    const socket = await openHubSocket(first.access_token)
    const second = await login(`alice@${domain}`, userPassword)
    expect((await socket.closed).code).toBe(4401)
    await expectOAuthError(await requestToken({ grant_type: 'refresh_token', refresh_token: first.refresh_token }), 400, 'invalid_grant')
    expect(await states([first.access_token, second.access_token, bobs])).toEqual([401, 200, 200])
    // A refresh is the same login.
    const again = await requestToken({ grant_type: 'refresh_token', refresh_token: second.refresh_token })
    const { access_token } = await expectJson<{ access_token: string }>(again, 200)
    expect(await states([access_token])).toEqual([200])
  })

  it('is asked for by an ancestor, and leaves one of those that come at the same moment', async () => {
    await createDomain(domain, { settings: { logins: { exclusive: true } } })
    await createDomain(`under.${domain}`, { parent: domain, settings: { logins: { exclusive: false } } })
    await createUser(`under.${domain}`, 'alice')
    const tokens = await Promise.all(Array.from({ length: 4 }, () => tokenOf(`alice@under.${domain}`)))
    const count = env.DB.prepare(`select count(*) as n from logins join users on users.id = logins.user_id where users.username = 'alice'`)
    expect(await count.first()).toEqual({ n: 1 })
    expect((await states(tokens)).filter((status) => status === 200)).toHaveLength(1)
  })
})

describe('the audit log', () => {
  it('has what admins change, before and after, and nothing of what they send', async () => {
    await createDomain(domain)
    await createUser(domain, 'boss', { role: 'admin' })
    const { access_token: token } = await login(`boss@${domain}`, userPassword)
    const json = { domain, username: 'new', email: 'a-secret@example.com', role: 'user' }
    const made = await call('/sapi/users', { json, token, headers: { 'cf-connecting-ip': '192.0.2.9' } })
    const { id } = await expectJson<{ id: string }>(made, 201)
    await expectProblem(await call('/sapi/users', { json, token }), 409, 'conflict')
    await expectProblem(await call('/sapi/users', { json: { username: 1 }, token }), 400, 'invalidRequest')
    expect((await call(`/sapi/users/${id}`, { method: 'DELETE', token })).status).toBe(200)
    await call('/sapi/users', { token })
    await call('/sapi/users', { json, token: await tokenOf(`boss@${domain}`), headers: { 'idempotency-key': 'once' } })
    const entries = await read('audit', { token })
    expect(JSON.stringify(entries)).not.toContain('a-secret')
    const told = entries.map(({ operation, target, status, created }) => [operation, target, status, created])
    expect(told.toReversed()).toEqual([
      ['createUser', '/sapi/users', 201, `/sapi/users/${id}`],
      ['createUser', '/sapi/users', 409, null],
      ['createUser', '/sapi/users', 400, null],
      ['deleteUser', `/sapi/users/${id}`, 200, null],
      ['createUser', '/sapi/users', 201, expect.any(String)],
    ])
    expect(entries.at(-1)).toMatchObject({
      ...{ username: `boss@${domain}`, role: 'admin', address: '192.0.2.9', traceId: made.headers.get('x-trace-id') },
      loginId: expect.any(String),
    })
  })

  it('is in the domain of who did it, whatever was changed', async () => {
    await createDomain(domain)
    const target = `/sapi/users`
    await createUser(domain, 'alice')
    const [newest] = await read('audit', { domain: 'default' })
    expect(newest).toMatchObject({ operation: 'createUser', target, role: 'platform-admin', username: 'admin@default', status: 201 })
    expect(await read('audit', { domain })).toEqual([])
  })

  it('lets nobody change anything that it cannot write down', async () => {
    await createDomain(domain)
    const token = await adminToken()
    const broken = { getByName: () => ({ beginAudit: () => Promise.reject(new Error('gone')) }) }
    const json = { domain, username: 'ghost', role: 'user' }
    await expectProblem(
      await call('/sapi/users', { json, token, env: { LEDGER: broken as unknown as typeof env.LEDGER } }),
      503,
      'unavailable',
    )
    expect(await expectJson(await call(`/sapi/users?domain=${domain}`, { token }), 200)).toEqual([])
  })

  it('is not for users', async () => {
    await createDomain(domain)
    await createUser(domain, 'alice')
    const token = await tokenOf(`alice@${domain}`)
    for (const path of ['audit', 'loginStats', 'loginFailures', 'alarms'])
      await expectProblem(await call(`/sapi/${path}?month=${month}`, { token }), 403, 'forbidden')
  })
})
