import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectDead,
  expectJson,
  expectProblem,
  type Made,
  startAnew,
  tokenOf,
} from './testing/api.ts'
import { failureOf, federatedLogin } from './testing/federated-login.ts'
import { LoginProvider } from './testing/login-provider.ts'

let provider: LoginProvider
let ann: Made
let ofA: string

beforeEach(async () => {
  await startAnew()
  await createDomain('a', { services: { login: [], oauth2client: [] } })
  await createDomain('b', { services: { login: [], oauth2client: [] } })
  ann = await createUser('a', 'ann')
  await createUser('a', 'boss', { role: 'admin' })
  ofA = await tokenOf('boss@a')
  provider = await LoginProvider.start()
  provider.userInfo = { preferred_username: 'somebody.else' }
  const json = { ...provider.configuration, domain: 'a' }
  await expectJson(await call('/sapi/oauthProviders', { json, token: ofA }), 201)
})

afterEach(() => vi.unstubAllGlobals())

const link = (fields: Record<string, unknown> = {}, options: Parameters<typeof call>[1] = {}): Promise<Response> =>
  call('/sapi/oauthIdentities', { json: { user: ann.id, provider: 'acme-id', subject: 'subject-1', ...fields }, token: ofA, ...options })

it('lets somebody at the provider sign in as a user, until it is taken back', async () => {
  expect(await failureOf(provider)).toBe('accountUnknown')
  const identity = await expectJson<Made>(await link(), 201)
  expect(identity).toEqual({
    id: expect.any(String),
    user: ann.id,
    provider: 'acme-id',
    issuer: 'https://id.example',
    subject: 'subject-1',
    created: expect.any(Number),
  })
  const tokens = await federatedLogin(provider)
  expect(decodeJwt(tokens.access_token)['username']).toBe('ann@a')
  expect(await env.DB.prepare('select count(*) as n from third_party_tokens').first()).toEqual({ n: 1 })

  const path = `/sapi/oauthIdentities/${identity.id}`
  expect(await expectJson(await call(path, { token: ofA }), 200)).toEqual(identity)
  expect((await call(path, { method: 'DELETE', token: ofA })).status).toBe(204)
  await expectDead(tokens)
  expect(await failureOf(provider)).toBe('accountUnknown')
  expect(await env.DB.prepare('select count(*) as n from third_party_tokens').first()).toEqual({ n: 0 })
  await expectProblem(await call(path, { token: ofA }), 404, 'notFound')
})

it('leaves the user’s other logins alone', async () => {
  const identity = await expectJson<Made>(await link(), 201)
  const token = await tokenOf('ann@a')
  expect((await call(`/sapi/oauthIdentities/${identity.id}`, { method: 'DELETE', token: ofA })).status).toBe(204)
  expect((await call('/sapi/users/me', { token })).status).toBe(200)
})

it('is one per user, and goes with the user', async () => {
  await expectJson(await link(), 201)
  await expectProblem(await link(), 409, 'conflict')
  const eve = await createUser('a', 'eve')
  const other = await expectJson<Made>(await link({ user: eve.id }), 201)
  expect(await expectJson<Made[]>(await call('/sapi/oauthIdentities', { token: ofA }), 200)).toHaveLength(2)
  expect(await expectJson(await call(`/sapi/oauthIdentities?user=${eve.id}`, { token: ofA }), 200)).toEqual([other])
  await call(`/sapi/users/${eve.id}`, { method: 'DELETE', token: ofA })
  await expectProblem(await call(`/sapi/oauthIdentities/${other.id}`, { token: ofA }), 404, 'notFound')
})

describe('an admin of a domain', () => {
  const everywhere = () => ({ RINGWAY_OAUTH_PROVIDERS: JSON.stringify([{ ...provider.configuration, name: 'all' }]) })

  it('says nothing about identities of the deployment’s providers: that is for the platform', async () => {
    await expectProblem(await link({ provider: 'all' }, { env: everywhere() }), 403, 'forbidden')
    const made = await expectJson<Made>(await link({ provider: 'all' }, { env: everywhere(), token: await adminToken() }), 201)
    expect(made).toMatchObject({ provider: 'all' })
    expect(await expectJson(await call('/sapi/oauthIdentities', { token: ofA }), 200)).toEqual([made])
  })

  it('reaches its own users only', async () => {
    const bob = await createUser('b', 'bob')
    await expectProblem(await link({ user: bob.id }), 404, 'notFound')
    await expectProblem(await call(`/sapi/oauthIdentities?user=${bob.id}`, { token: ofA }), 404, 'notFound')
    const foreign = { env: everywhere(), token: await adminToken() }
    const ofBob = await expectJson<Made>(await link({ user: bob.id, provider: 'all' }, foreign), 201)
    for (const method of ['GET', 'DELETE'])
      await expectProblem(await call(`/sapi/oauthIdentities/${ofBob.id}`, { method, token: ofA }), 404, 'notFound')
    expect(await expectJson(await call('/sapi/oauthIdentities', { token: ofA }), 200)).toEqual([])
  })

  it('links nobody to a platform admin, and by no provider that is not there', async () => {
    await env.DB.prepare(`update users set role = 'platform-admin' where id = ?`).bind(ann.id).run()
    await expectProblem(await link(), 403, 'forbidden')
    await expectProblem(await link({}, { token: await adminToken() }), 403, 'forbidden')
    await expectProblem(await link({ user: (await createUser('a', 'eve')).id, provider: 'unknown' }), 404, 'notFound')
  })
})
