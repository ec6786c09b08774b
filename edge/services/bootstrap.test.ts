import { beforeEach, describe, expect, it } from 'vitest'
import { forgetIsolate } from '../routes/testing/forget.ts'
import { forgetBootstrap, ensureBootstrapped } from './bootstrap.ts'
import {
  adminPassword,
  adminToken,
  call,
  env,
  expectJson,
  expectProblem,
  login,
  type Made,
  requestToken,
  startEmpty,
} from '../routes/testing/api.ts'

beforeEach(startEmpty)

const accounts = JSON.stringify([
  { username: 'alice', password: 'demo', displayName: 'Alice' },
  { username: 'bob@other.example', password: 'demo' },
])
const users = async () =>
  (
    await env.DB.prepare(
      'select username, domains.name as domain, role, alias from users join domains on domains.id = domain_id order by username',
    ).all()
  ).results

describe('a first start', () => {
  it('makes the default domain and the first admin', async () => {
    expect(await expectJson(await call('/healthz'), 200)).toEqual({ status: 'ok' })
    expect(await users()).toEqual([{ username: 'admin', domain: 'default', role: 'platform-admin', alias: '' }])
    await login('admin@default', adminPassword)
  })

  it('is what any other request waits for', async () => {
    await login('admin', adminPassword)
  })

  it('takes the names that the deployment gives', async () => {
    const own = { RINGWAY_DEFAULT_DOMAIN: 'Acme.Example', RINGWAY_ADMIN: 'root', RINGWAY_ADMIN_PASSWORD: 'another secret' }
    await expectJson(await call('/healthz', { env: own }), 200)
    expect(await users()).toEqual([{ username: 'root', domain: 'acme.example', role: 'platform-admin', alias: '' }])
    await expectJson(await requestToken({ grant_type: 'password', username: 'root', password: 'another secret' }, { env: own }), 200)
  })

  it('makes the accounts asked for, once each', async () => {
    const own = { ...env, RINGWAY_DEMO_ACCOUNTS: accounts }
    await ensureBootstrapped(own)
    await login('alice', 'demo')
    await login('bob@other.example', 'demo')
    const listed = await expectJson<Made[]>(await call('/sapi/users?q=alice', { token: await adminToken() }), 200)
    expect(listed).toMatchObject([{ username: 'alice', role: 'user', alias: 'Alice' }])
    await expectJson(await call(`/sapi/users/${listed[0]?.id}`, { method: 'DELETE', token: await adminToken() }), 200)
    forgetBootstrap()
    await ensureBootstrapped(own)
    expect((await users()).map(({ username }) => username)).toEqual(['admin', 'bob'])
  })

  it('in several isolates at once makes everything once', async () => {
    const own = { ...env, RINGWAY_DEMO_ACCOUNTS: accounts }
    await Promise.all(
      [1, 2, 3].map(() => {
        forgetBootstrap()
        return ensureBootstrapped(own)
      }),
    )
    expect((await users()).map(({ username }) => username)).toEqual(['admin', 'alice', 'bob'])
    const counts = await env.DB.prepare(
      'select (select count(*) from domains) as domains, (select count(*) from credentials) as credentials',
    ).first()
    expect(counts).toEqual({ domains: 2, credentials: 3 })
  })
})

describe('a later start', () => {
  it('needs no password, and does not undo a change of it', async () => {
    await call('/healthz')
    const [admin] = await expectJson<Made[]>(await call('/sapi/users', { token: await adminToken() }), 200)
    const json = { type: 'basic', user: admin?.id, data: { password: 'changed since' } }
    await expectJson(await call('/sapi/credentials', { json, token: await adminToken() }), 201)
    forgetBootstrap()
    await expectJson(await call('/healthz', { env: { RINGWAY_ADMIN_PASSWORD: '' } }), 200)
    forgetBootstrap()
    await expectJson(await call('/healthz'), 200)
    await login('admin', 'changed since')
  })
})

describe('a deployment that cannot start', () => {
  const expectNotReady = async (own: Partial<typeof env>, reason: string) => {
    forgetBootstrap()
    const problem = await expectProblem(await call('/healthz', { env: { RINGWAY_LOG_LEVEL: 'error', ...own } }), 503, 'unavailable')
    expect(problem['context']).toEqual({ reason })
    await expectProblem(await call('/sapi/users', { env: own }), 503, 'unavailable')
    expect(
      await expectJson(await requestToken({ grant_type: 'password', username: 'admin', password: 'x' }, { env: own }), 503),
    ).toMatchObject({ error: 'temporarily_unavailable' })
  }

  it('says that it has no admin and no password for one', async () => {
    await expectNotReady({ RINGWAY_ADMIN_PASSWORD: '' }, 'adminPasswordMissing')
    await expectJson(await call('/healthz'), 200)
  })

  it.each([
    { RINGWAY_ADMIN: 'no such name!' },
    { RINGWAY_DEFAULT_DOMAIN: 'no domain' },
    { RINGWAY_SETTINGS: '{"rooms":1}' },
    { RINGWAY_OAUTH_PROVIDERS: '[{"name":"google"}]' },
    { RINGWAY_DEMO_ACCOUNTS: 'not json' },
    { RINGWAY_DEMO_ACCOUNTS: '[{"username":"x"}]' },
    { RINGWAY_DEMO_ACCOUNTS: '[{"username":"a b","password":"x"}]' },
  ])('says that it is misconfigured: %j', async (own) => {
    await expectNotReady(own, 'misconfigured')
  })

  it('says that the admin named is none', async () => {
    await ensureBootstrapped({
      ...env,
      RINGWAY_ADMIN: 'root',
      RINGWAY_DEMO_ACCOUNTS: JSON.stringify([{ username: 'admin', password: 'demo' }]),
    })
    await env.DB.prepare(`update users set disabled = 1 where username = 'root'`).run()
    await expectNotReady({}, 'misconfigured')
  })

  it('says that its master key is missing, or is another one than before', async () => {
    await call('/healthz')
    for (const RINGWAY_MASTER_KEY of ['', 'c2hvcnQ=', Buffer.alloc(32, 9).toString('base64')]) {
      forgetIsolate()
      await expectNotReady({ RINGWAY_MASTER_KEY }, 'masterKeyUnusable')
    }
  })

  it('says that its database is not migrated', async () => {
    await env.DB.prepare('alter table domains rename to domains_away').run()
    try {
      await expectNotReady({}, 'databaseNotMigrated')
    } finally {
      await env.DB.prepare('alter table domains_away rename to domains').run()
    }
  })
})
