import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { adminToken, call, createDomain, createUser, env, expectJson, startAnew } from './testing/api.ts'
import { exchange, failureOf, federatedLogin, fragmentOf, wayBack, type Way } from './testing/federated-login.ts'
import { LoginProvider } from './testing/login-provider.ts'

/** Who somebody at a provider is here, and in which tenant. */

let provider: LoginProvider
const services = { login: [], oauth2client: [] }

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services, settings: { logins: { createOAuthUser: true } } })
  await createDomain('b', { services, origins: ['pages-of-b.example'], settings: { logins: { createOAuthUser: true } } })
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'ann', email: 'ann@acme.com', email_verified: true }
})

afterEach(() => vi.unstubAllGlobals())

/** A provider of a domain. */
const configure = async (domain: string, fields: Record<string, unknown> = {}) =>
  expectJson(await call('/sapi/oauthProviders', { json: { ...provider.configuration, domain, ...fields }, token: await adminToken() }), 201)

/** The same as one of the deployment. */
const everywhere = (fields: Record<string, unknown> = {}): Way => ({
  env: { RINGWAY_OAUTH_PROVIDERS: JSON.stringify([{ ...provider.configuration, ...fields }]) },
})

const usernameOf = async (way: Way = {}) => decodeJwt((await federatedLogin(provider, way)).access_token)['username']

const setting = async (domain: string, logins: Record<string, unknown>) => {
  await env.DB.prepare('update domains set settings = ? where name = ?').bind(JSON.stringify({ logins }), domain).run()
}

describe('a first login', () => {
  it('creates nobody where createOAuthUser is off', async () => {
    await setting('a', {})
    await configure('a')
    expect(await failureOf(provider)).toBe('accountUnknown')
    await setting('a', { createOAuthUser: true })
    expect(await usernameOf()).toBe('ann@a')
  })

  it('goes by the provider before the domain', async () => {
    await configure('a', { createOAuthUser: false })
    expect(await failureOf(provider)).toBe('accountUnknown')
  })

  it('gives a new user its capabilities', async () => {
    await setting('a', { createOAuthUser: true, newUserCaps: '+call-history,-chat' })
    await configure('a')
    const { sub } = decodeJwt((await federatedLogin(provider)).access_token)
    const user = await expectJson(await call(`/sapi/users/${sub ?? ''}`, { token: await adminToken() }), 200)
    expect(user).toMatchObject({ capabilities: ['+call-history', '-chat'], email: 'ann@acme.com', role: 'user', domain: 'a' })
  })

  it('never takes over an account of the same name', async () => {
    const local = await createUser('a', 'ann', { email: 'ann@acme.com' })
    await configure('a')
    expect(await failureOf(provider)).toBe('accountTaken')
    const linked = await env.DB.prepare('select * from oauth_identities where user_id = ?').bind(local.id).first()
    expect(linked).toBeNull()
  })

  it('creates one user for two at once', async () => {
    await configure('a')
    const back = await Promise.all([wayBack(provider), wayBack(provider)])
    const tokens = await Promise.all(
      back.map(async (response) =>
        expectJson<{ access_token: string }>(await exchange(fragmentOf(response).get('federated_code') ?? ''), 200),
      ),
    )
    expect(new Set(tokens.map(({ access_token: token }) => decodeJwt(token).sub)).size).toBe(1)
  })

  it('needs a name that a user can have', async () => {
    provider.userInfo = { preferred_username: '@' }
    await configure('a')
    expect(await failureOf(provider)).toBe('accountUnknown')
  })
})

describe('an account of the same e-mail address', () => {
  beforeEach(async () => {
    await createUser('a', 'ann.lee', { email: 'Ann@acme.com' })
    await configure('a', { linkByVerifiedEmail: true })
  })

  it('is linked where an admin wants it and the provider has verified the address', async () => {
    expect(await usernameOf()).toBe('ann.lee@a')
    provider.userInfo = { preferred_username: 'ann', email: 'changed@acme.com' }
    expect(await usernameOf()).toBe('ann.lee@a')
  })

  it.each([{ email_verified: false }, { email_verified: undefined }, { email: 'ANN@evil.example' }])(
    'is not linked with %j',
    async (claims) => {
      provider.userInfo = { ...provider.userInfo, ...claims }
      expect(await usernameOf()).toBe('ann@a')
    },
  )

  it('is not linked where two have it', async () => {
    await createUser('a', 'ann.two', { email: 'ann@acme.com' })
    expect(await usernameOf()).toBe('ann@a')
  })

  it('is not linked where it is a platform admin: no domain speaks for one', async () => {
    await env.DB.prepare(`update users set role = 'platform-admin' where username = 'ann.lee'`).run()
    expect(await failureOf(provider)).toBe('accountUnknown')
  })
})

describe('the domain of a new user', () => {
  it.each([
    ['at the door of the deployment', null, {}],
    ['right under the domain signed in to', 'a', { parent: 'a' }],
  ])('is that of the verified address where there is one %s, and it wants such users', async (_, domain, fields) => {
    await createDomain('acme.com', { services, ...fields, settings: { logins: { createOAuthUser: false } } })
    expect(await failureOf(provider, { ...everywhere(), domain })).toBe('accountUnknown')
    await setting('acme.com', { createOAuthUser: true })
    expect(await usernameOf({ ...everywhere(), domain })).toBe('ann@acme.com')
  })

  it('is not that of an address that nobody has verified', async () => {
    await createDomain('acme.com', { parent: 'a', services, settings: { logins: { createOAuthUser: true } } })
    provider.userInfo = { preferred_username: 'ann', email: 'ann@acme.com' }
    expect(await usernameOf(everywhere())).toBe('ann@a')
  })

  it('is what the provider names by domainClaim, or none', async () => {
    const way = (domain: string | null) => ({ ...everywhere({ domainClaim: 'hd' }), domain })
    await createDomain('team', { parent: 'a', services, settings: { logins: { createOAuthUser: true } } })
    provider.userInfo = { ...provider.userInfo, hd: 'b' }
    expect(await failureOf(provider, way('a'))).toBe('accountUnknown')
    expect(await usernameOf(way(null))).toBe('ann@b')
    provider.idToken = { sub: 'subject-2' }
    provider.userInfo = { sub: 'subject-2', preferred_username: 'eve', hd: 'unknown.example' }
    expect(await failureOf(provider, way(null))).toBe('accountUnknown')
    provider.userInfo = { ...provider.userInfo, hd: 'team' }
    expect(await usernameOf(way('a'))).toBe('eve@team')
  })

  it.each([
    ['the address', {}, 'ann@a'],
    ['domainClaim', { domainClaim: 'hd' }, 'accountUnknown'],
  ])('is never one that an admin elsewhere, or further down, has called like %s', async (_, fields, outcome) => {
    provider.userInfo = { ...provider.userInfo, hd: 'acme.com' }
    const squatting = { services, settings: { logins: { createOAuthUser: true, linkByVerifiedEmail: true } } }
    await createDomain('under-a', { parent: 'a', services })
    for (const parent of ['b', 'under-a']) {
      const { id } = await createDomain('acme.com', { ...squatting, parent })
      await createUser('acme.com', 'trap', { email: 'ann@acme.com' })
      const back = fragmentOf(await wayBack(provider, everywhere(fields)))
      const code = back.get('federated_code')
      const username =
        code === null ? undefined : decodeJwt(String((await expectJson(await exchange(code, everywhere()), 200))['access_token']))
      expect(username?.['username'] ?? back.get('federated_error')).toBe(outcome)
      expect(await failureOf(provider, { ...everywhere(fields), domain: null })).toBe(outcome === 'ann@a' ? null : 'accountUnknown')
      await expectJson(await call(`/sapi/domains/${id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
    }
  })

  it('is the forced one', async () => {
    expect(await usernameOf(everywhere({ OAuthUserForcedDomain: 'b' }))).toBe('ann@b')
  })

  it('is never one that a domain forces upon another', async () => {
    await setting('a', { createOAuthUser: true, OAuthUserForcedDomain: 'b' })
    expect(await failureOf(provider, everywhere())).toBe('accountUnknown')
    await configure('a', { name: 'own' })
    expect(await failureOf(provider, { provider: 'own' })).toBe('accountUnknown')
    await createDomain('under-a', { parent: 'a', services })
    await setting('a', { createOAuthUser: true, OAuthUserForcedDomain: 'under-a' })
    expect(await usernameOf({ provider: 'own' })).toBe('ann@under-a')
  })

  it('of a domain’s own provider is that domain or one under it, whatever is claimed', async () => {
    await createDomain('acme.com', { services, settings: { logins: { createOAuthUser: true } } })
    await configure('a', { domainClaim: 'hd' })
    provider.userInfo = { ...provider.userInfo, hd: 'b' }
    expect(await failureOf(provider)).toBe('accountUnknown')
    provider.userInfo = { ...provider.userInfo, hd: undefined }
    expect(await usernameOf()).toBe('ann@a')
  })
})

describe('another tenant', () => {
  it('never gets the user of another domain, only one of its own for the same person', async () => {
    const { sub } = decodeJwt((await federatedLogin(provider, everywhere())).access_token)
    const pages = { ...everywhere(), domain: 'b', returnTo: 'https://pages-of-b.example/' }
    const own = decodeJwt((await federatedLogin(provider, pages)).access_token)
    expect(own['username']).toBe('ann@b')
    expect(own.sub).not.toBe(sub)
    // Both are there from now on, each at its own door.
    expect(await usernameOf({ ...everywhere(), domain: 'b' })).toBe('ann@b')
    expect(decodeJwt((await federatedLogin(provider, everywhere())).access_token).sub).toBe(sub)
  })

  it('that creates nobody does not get one either', async () => {
    await federatedLogin(provider, everywhere())
    await setting('b', {})
    for (const returnTo of ['https://pages-of-b.example/', '/phone'])
      expect(await failureOf(provider, { ...everywhere(), domain: 'b', returnTo })).toBe('accountUnknown')
  })

  it('is not in question where no domain is named: the user is who it is', async () => {
    await federatedLogin(provider, everywhere())
    expect(await usernameOf({ ...everywhere(), domain: null })).toBe('ann@a')
  })

  it('cannot have a user that has moved away, nor a platform admin', async () => {
    await configure('a')
    const { sub: moved } = decodeJwt((await federatedLogin(provider)).access_token)
    await env.DB.prepare(`update users set domain_id = (select id from domains where name = 'b') where id = ?`).bind(moved).run()
    const { sub: stayed, username } = decodeJwt((await federatedLogin(provider)).access_token)
    expect(stayed).not.toBe(moved)
    expect(username).toBe('ann@a')
    await env.DB.prepare(`update users set role = 'platform-admin' where id = ?`).bind(stayed).run()
    expect(await failureOf(provider)).toBe('accountTaken')
  })

  it('does not get the tokens of a platform admin at its own pages, even of its own domain', async () => {
    const ofPages = { ...everywhere(), domain: 'b', returnTo: 'https://pages-of-b.example/' }
    const { sub } = decodeJwt((await federatedLogin(provider, { ...everywhere(), domain: 'b' })).access_token)
    expect(decodeJwt((await federatedLogin(provider, ofPages)).access_token).sub).toBe(sub)
    await env.DB.prepare(`update users set role = 'platform-admin' where id = ?`).bind(sub).run()
    expect(await failureOf(provider, ofPages)).toBe('accountTaken')
    const ours = decodeJwt((await federatedLogin(provider, { ...everywhere(), domain: 'b' })).access_token)
    expect(ours).toMatchObject({ sub, role: 'platform-admin' })
  })

  it('does not know whom another provider of the same issuer knows', async () => {
    await configure('a')
    await configure('b')
    expect(await usernameOf()).toBe('ann@a')
    expect(await usernameOf({ domain: 'b' })).toBe('ann@b')
  })
})

it('lets nobody in who is out of use', async () => {
  await configure('a')
  await federatedLogin(provider)
  await env.DB.prepare(`update users set disabled = 1 where username = 'ann'`).run()
  expect(await failureOf(provider)).toBe('accountUnknown')
})
