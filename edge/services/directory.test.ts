import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defaultSettings } from '#shared/protocol/settings.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, type Made, startAnew } from '../routes/testing/api.ts'
import { directory } from './directory.ts'
import { requireService } from './requirements.ts'

let a: Made
let b: Made

beforeEach(async () => {
  await startAnew()
  a = await createDomain('a')
  b = await createDomain('b', { jurisdiction: 'eu' })
})

const find = (target: string, from = a) => directory(env).findUser(target, { domainId: from.id })

/** Writes beside the API, as another isolate does: this one is not told. */
const elsewhere = (statement: string, ...values: unknown[]) =>
  env.DB.prepare(statement)
    .bind(...values)
    .run()

async function after<Value>(milliseconds: number, action: () => Promise<Value>): Promise<Value> {
  const now = Date.now() + milliseconds
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now)
  try {
    return await action()
  } finally {
    clock.mockRestore()
  }
}

describe('findUser (DOM-4)', () => {
  it("resolves a bare name in the caller's own domain, any other by its domain", async () => {
    const [bobOfA, bobOfB] = [await createUser('a', 'bob'), await createUser('b', 'bob', { alias: 'Bob B.' })]
    expect(await find('bob')).toEqual({ userId: bobOfA.id, domainId: a.id, username: 'bob@a', hasHub: false })
    expect(await find('bob', b)).toMatchObject({ userId: bobOfB.id })
    expect(await find(' Bob@B ')).toEqual({
      userId: bobOfB.id,
      domainId: b.id,
      username: 'bob@b',
      displayName: 'Bob B.',
      jurisdiction: 'eu',
      hasHub: false,
    })
    expect(await find(`wac-user:${bobOfB.id}`)).toMatchObject({ username: 'bob@b' })
  })

  it('finds nobody by a bare name that exists elsewhere only, nor by nonsense', async () => {
    await createUser('b', 'bob')
    for (const target of ['bob', 'bob@a', 'bob@nowhere', `wac-user:${crypto.randomUUID()}`, '', '@', '@b', 'bob@', "' or 1=1 --"]) {
      expect(await find(target), target).toBeUndefined()
    }
  })

  it('finds nobody who is out of use, or whose domain or one above it is', async () => {
    await createUser('a', 'gone', { disabled: true })
    await createDomain('off', { disabled: true })
    await createDomain('below', { parent: 'off' })
    await createUser('below', 'carol')
    expect(await find('gone')).toBeUndefined()
    expect(await find('carol@below')).toBeUndefined()
  })

  it('finds a user that another isolate has just made, within two seconds', async () => {
    expect(await find('late')).toBeUndefined()
    const user = await createUser('a', 'early')
    await elsewhere(`update users set username = 'late' where id = ?`, user.id)
    expect(await after(2_000, () => find('late'))).toMatchObject({ userId: user.id })
  })

  it('finds a user at once after this isolate has made it', async () => {
    expect(await find('new')).toBeUndefined()
    await createUser('a', 'new')
    expect(await find('new')).toBeDefined()
  })

  it('keeps what it found for half a minute', async () => {
    const user = await createUser('a', 'bob')
    await directory(env).markHubCreated(user.id)
    expect(await find('bob')).toMatchObject({ hasHub: true })
    await elsewhere('update users set disabled = 1 where id = ?', user.id)
    expect(await find('bob')).toBeDefined()
    expect(await after(30_000, () => find('bob'))).toBeUndefined()
  })
})

describe('markHubCreated', () => {
  it('is seen at once, and in other isolates within two seconds', async () => {
    const [bob, carol] = [await createUser('a', 'bob'), await createUser('a', 'carol')]
    expect([await find('bob'), await find('carol')]).toMatchObject([{ hasHub: false }, { hasHub: false }])
    await directory(env).markHubCreated(bob.id)
    expect(await find('bob')).toMatchObject({ hasHub: true })
    await elsewhere('update users set has_hub = 1 where id = ?', carol.id)
    expect(await after(2_000, () => find('carol'))).toMatchObject({ hasHub: true })
  })

  it('writes once per user', async () => {
    const bob = await createUser('a', 'bob')
    await directory(env).markHubCreated(bob.id)
    await elsewhere('update users set has_hub = 0 where id = ?', bob.id)
    await directory(env).markHubCreated(bob.id)
    expect(await env.DB.prepare('select has_hub from users where id = ?').bind(bob.id).first()).toEqual({ has_hub: 0 })
  })
})

describe('policyOf', () => {
  it('resolves deployment, ancestors and domain', async () => {
    await createDomain('parent', {
      services: { login: [], contacts: ['wac'] },
      settings: { rooms: { participantsLimit: 4 }, media: { cameraBandwidth: 900 } },
    })
    const child = await createDomain('child', {
      parent: 'parent',
      services: { contacts: ['wac'], recording: [] },
      settings: { rooms: { participantsLimit: 9 } },
    })
    const own = { ...env, RINGWAY_SETTINGS: JSON.stringify({ invites: { watchdog: 5_000 } }) }
    expect(await directory(own).policyOf(child.id)).toEqual({
      domainId: child.id,
      name: 'child',
      services: ['contacts'],
      settings: {
        ...defaultSettings,
        rooms: { ...defaultSettings.rooms, participantsLimit: 4 },
        media: { ...defaultSettings.media, cameraBandwidth: 900 },
        invites: { ...defaultSettings.invites, watchdog: 5_000 },
      },
    })
  })

  it('tells the jurisdiction', async () => {
    expect(await directory(env).policyOf(b.id)).toMatchObject({ jurisdiction: 'eu' })
  })

  it('is as of half a minute ago at most', async () => {
    const services = async () => (await directory(env).policyOf(a.id)).services
    expect(await services()).toEqual(['login', 'contacts', 'callcontrol'])
    await elsewhere(`update domains set services = '{"login":[]}' where id = ?`, a.id)
    expect(await services()).toContain('contacts')
    expect(await after(30_000, services)).toEqual(['login'])
  })

  it('gives a domain out of use no service', async () => {
    const body = { domain: 'a', parent: null, origins: [], enableAnonymous: false, services: { login: [] }, disabled: true }
    await expectJson(await call(`/sapi/domains/${a.id}`, { method: 'PUT', json: body, token: await adminToken() }), 200)
    expect((await directory(env).policyOf(a.id)).services).toEqual([])
    await expect(requireService(env, { domainId: a.id }, 'login')).rejects.toMatchObject({ code: 'serviceNotEnabled' })
  })

  it('knows no domain that does not exist', async () => {
    await expect(directory(env).policyOf(crypto.randomUUID())).rejects.toMatchObject({ code: 'notFound' })
  })

  it.each(['{', '[]', '{"rooms":{"participantsLimit":"many"}}'])('refuses to work with settings that are none: %s', async (settings) => {
    await expect(directory({ ...env, RINGWAY_SETTINGS: settings }).policyOf(a.id)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
