import { beforeEach, describe, expect, it } from 'vitest'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

const fields = { name: 'google', issuer: 'https://accounts.google.com', clientId: 'id', clientSecret: 'hush' }
const create = async (json: Record<string, unknown> = {}, token?: string): Promise<Response> =>
  call('/sapi/oauthProviders', { json: { ...fields, domain: 'a', ...json }, token: token ?? (await adminToken()) })

let ofA: string

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
  await createDomain('a.sub', { parent: 'a' })
  await createDomain('b')
  await createUser('a', 'boss', { role: 'admin' })
  ofA = await tokenOf('boss@a')
})

it('are made, read, replaced, changed and removed', async () => {
  const made = await expectJson<Made>(await create(), 201)
  expect(made).toEqual({
    id: expect.any(String),
    domain: 'a',
    name: 'google',
    displayName: '',
    issuer: 'https://accounts.google.com',
    clientId: 'id',
    hasClientSecret: true,
    scopes: ['openid', 'profile', 'email'],
    usernameClaim: 'preferred_username',
    emailClaim: 'email',
    domainClaim: null,
    enabled: true,
    createOAuthUser: null,
    OAuthUserForcedDomain: null,
    newUserCaps: null,
    linkByVerifiedEmail: null,
    allowedAudiences: [],
    keepTokens: true,
    created: expect.any(Number),
  })
  const path = `/sapi/oauthProviders/${made.id}`
  expect(await expectJson(await call(path, { token: ofA }), 200)).toEqual(made)
  const change = { enabled: false, newUserCaps: '+call-history,-chat', OAuthUserForcedDomain: 'a.sub' }
  const changed = await expectJson(await call(path, { method: 'PATCH', json: change, token: ofA }), 200)
  expect(changed).toEqual({ ...made, ...change })
  const { clientSecret: _, ...withoutSecret } = fields
  const replaced = await expectJson(await call(path, { method: 'PUT', json: { ...withoutSecret, displayName: 'G' }, token: ofA }), 200)
  expect(replaced).toEqual({ ...made, displayName: 'G' })
  expect((await call(path, { method: 'DELETE', token: ofA })).status).toBe(204)
  await expectProblem(await call(path, { token: ofA }), 404, 'notFound')
})

it('keep their secret sealed, as long as none or another is given', async () => {
  const { id } = await expectJson<Made>(await create(), 201)
  const stored = async () => (await env.DB.prepare('select * from oauth_providers where id = ?').bind(id).first()) ?? {}
  const first = await stored()
  expect(JSON.stringify(first)).not.toContain('hush')
  expect(first['sealed_client_secret']).toMatch(/^v1\./)
  const path = `/sapi/oauthProviders/${id}`
  await expectJson(await call(path, { method: 'PATCH', json: { displayName: 'x' }, token: ofA }), 200)
  expect((await stored())['sealed_client_secret']).toBe(first['sealed_client_secret'])
  const without = await expectJson(await call(path, { method: 'PUT', json: { ...fields, clientSecret: null }, token: ofA }), 200)
  expect(without['hasClientSecret']).toBe(false)
  expect((await stored())['sealed_client_secret']).toBeNull()
})

it('take their secret and the tokens they have issued to no other issuer', async () => {
  const { id } = await expectJson<Made>(await create(), 201)
  const patch = (json: Record<string, unknown>) => call(`/sapi/oauthProviders/${id}`, { method: 'PATCH', json, token: ofA })
  const elsewhere = { issuer: 'https://evil.example' }
  const problem = await expectProblem(await patch(elsewhere), 400, 'invalidRequest')
  expect(problem).toMatchObject({ context: { issues: [{ path: 'clientSecret' }] } })
  const { clientSecret: _, ...withoutSecret } = fields
  const put = { method: 'PUT', json: { ...withoutSecret, ...elsewhere }, token: ofA }
  await expectProblem(await call(`/sapi/oauthProviders/${id}`, put), 400, 'invalidRequest')
  await env.DB.prepare(
    `insert into third_party_tokens (user_id, provider, sealed_access_token, scope, stored_at)
     select id, ?, 'sealed', '', 0 from users where username = 'boss'`,
  )
    .bind(id)
    .run()
  const kept = async () => (await env.DB.prepare('select count(*) as n from third_party_tokens where provider = ?').bind(id).first())?.['n']
  await expectJson(await patch({ displayName: 'x' }), 200)
  expect(await kept()).toBe(1)
  expect(await expectJson(await patch({ ...elsewhere, clientSecret: 'for the other' }), 200)).toMatchObject(elsewhere)
  expect(await kept()).toBe(0)
  expect(await expectJson(await patch({ issuer: fields.issuer, clientSecret: null }), 200)).toMatchObject({ hasClientSecret: false })
  // Where there is none, nothing is given away.
  await expectJson(await patch(elsewhere), 200)
})

it('have one name each in their domain', async () => {
  await expectJson(await create(), 201)
  await expectProblem(await create(), 409, 'conflict')
  await expectJson(await create({ domain: 'b' }), 201)
  const other = await expectJson<Made>(await create({ name: 'other' }), 201)
  const renamed = await call(`/sapi/oauthProviders/${other.id}`, { method: 'PATCH', json: { name: 'google' }, token: ofA })
  await expectProblem(renamed, 409, 'conflict')
})

describe('an admin of a domain', () => {
  it('reaches those of its domain and under it, and no others', async () => {
    const own = await expectJson<Made>(await create({ domain: '' }, ofA), 201)
    const under = await expectJson<Made>(await create({ domain: 'a.sub' }, ofA), 201)
    const foreign = await expectJson<Made>(await create({ domain: 'b' }), 201)
    await expectProblem(await create({ domain: 'b' }, ofA), 404, 'notFound')
    const listed = await expectJson<Made[]>(await call('/sapi/oauthProviders', { token: ofA }), 200)
    expect(listed.map(({ id }) => id)).toEqual([own.id, under.id])
    expect(await expectJson(await call('/sapi/oauthProviders?domain=a.sub', { token: ofA }), 200)).toEqual([under])
    await expectProblem(await call('/sapi/oauthProviders?domain=b', { token: ofA }), 404, 'notFound')
    for (const method of ['GET', 'DELETE'])
      await expectProblem(await call(`/sapi/oauthProviders/${foreign.id}`, { method, token: ofA }), 404, 'notFound')
    await expectProblem(await call(`/sapi/oauthProviders/${foreign.id}`, { method: 'PUT', json: fields, token: ofA }), 404, 'notFound')
  })

  it.each(['b', 'default', 'unknown.example'])('cannot force users into %s', async (OAuthUserForcedDomain) => {
    const problem = await expectProblem(await create({ OAuthUserForcedDomain }), 400, 'invalidRequest')
    expect(problem).toMatchObject({
      context: { issues: [{ path: 'OAuthUserForcedDomain', message: 'Neither the domain nor one under it' }] },
    })
  })

  it('is one: users cannot', async () => {
    await createUser('a', 'ann')
    const token = await tokenOf('ann@a')
    await expectProblem(await create({}, token), 403, 'forbidden')
    await expectProblem(await call('/sapi/oauthProviders', { token }), 403, 'forbidden')
  })
})

it.each([
  ['http://accounts.example.com', 'notHttps'],
  ['https://10.0.0.1', 'privateAddress'],
  ['https://localhost:8080', 'privateAddress'],
  ['https://id.internal/realm', 'privateAddress'],
  ['https://u:p@accounts.example.com', 'credentialsInUrl'],
  ['accounts.example.com', 'notAUrl'],
  ['https://accounts.example.com/?x=1', 'An issuer has no query (OpenID Connect Discovery §3)'],
])('do not have the issuer %s', async (issuer, message) => {
  const problem = await expectProblem(await create({ issuer }), 400, 'invalidRequest')
  expect(problem).toMatchObject({ context: { issues: [{ path: 'issuer', message }] } })
})

it.each([
  { scopes: ['profile'] },
  { scopes: ['openid', 'a b'] },
  { name: 'No Name' },
  { name: '' },
  { newUserCaps: 'a,,b' },
  { clientId: '' },
])('are not %j', async (wrong) => {
  await expectProblem(await create(wrong), 400, 'invalidRequest')
})

it('may be on this machine where the deployment says so', async () => {
  const json = { ...fields, domain: 'a', issuer: 'http://127.0.0.1:9000' }
  const options = { json, token: await adminToken(), env: { RINGWAY_ALLOW_LOOPBACK_URLS: '1' } }
  await expectJson(await call('/sapi/oauthProviders', options), 201)
})
