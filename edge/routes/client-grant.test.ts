import { decodeJwt } from 'jose'
import { beforeEach, expect, it } from 'vitest'
import {
  adminPassword,
  adminToken,
  call,
  createDomain,
  env,
  expectJson,
  expectOAuthError,
  type Made,
  requestToken,
  startAnew,
} from './testing/api.ts'

const makeClient = async (fields: Record<string, unknown>) => {
  const client = await expectJson<Made & { data: { clientId: string; clientSecret: string } }>(
    await call('/sapi/credentials', {
      json: { type: 'client', data: { name: 'gateway', ...fields }, domain: 'a' },
      token: await adminToken(),
    }),
    201,
  )
  return client.data
}
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
})
const grant = { grant_type: 'client_credentials' }

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

it('takes id and secret by HTTP Basic or in the body, and gives no refresh token', async () => {
  const { clientId, clientSecret } = await makeClient({})
  const answers = [
    await requestToken(grant, { headers: basic(clientId, clientSecret) }),
    await requestToken({ ...grant, client_id: clientId, client_secret: clientSecret }),
    await call('/sapi/o/token', { form: { ...grant, client_id: clientId, client_secret: clientSecret } }),
  ]
  for (const answer of answers) {
    const tokens = await expectJson(answer, 200)
    expect(Object.keys(tokens).toSorted()).toEqual(['access_token', 'expires_in', 'token_type'])
    expect(decodeJwt(String(tokens['access_token']))).toMatchObject({
      sub: `client-${clientId}`,
      role: 'user',
      username: expect.stringMatching(/^client-\w{12}@a$/),
    })
  }
})

it('acts with its role within its domain', async () => {
  const { clientId, clientSecret } = await makeClient({ role: 'admin' })
  const { access_token: token } = await expectJson(await requestToken(grant, { headers: basic(clientId, clientSecret) }), 200)
  const users = await expectJson<Made[]>(await call('/sapi/users', { token: String(token) }), 200)
  expect(users).toEqual([])
  await expectJson(await call('/sapi/users', { json: { username: 'made-by-client' }, token: String(token) }), 201)
  await expectJson(await call('/sapi/users', { json: { username: 'x', domain: 'default' }, token: String(token) }), 404)
})

it('refuses a wrong secret, an unknown client and a password as a client', async () => {
  const { clientId, clientSecret } = await makeClient({})
  const user = await env.DB.prepare(`select id from credentials where type = 'basic'`).first<{ id: string }>()
  for (const headers of [
    basic(clientId, `${clientSecret}x`),
    basic(crypto.randomUUID(), clientSecret),
    basic(user?.id ?? '', adminPassword),
    { authorization: 'Basic %%' },
  ]) {
    const response = await requestToken(grant, { headers })
    await expectOAuthError(response, 401, 'invalid_client')
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="ringway"')
  }
})

it('ends with its credential: no more tokens, and those it has are dead', async () => {
  const { clientId, clientSecret } = await makeClient({ role: 'admin' })
  const { access_token } = await expectJson(await requestToken(grant, { headers: basic(clientId, clientSecret) }), 200)
  const removed = await call(`/sapi/credentials/${clientId}`, { method: 'DELETE', token: await adminToken() })
  expect(removed.status).toBe(204)
  await expectOAuthError(await requestToken(grant, { headers: basic(clientId, clientSecret) }), 401, 'invalid_client')
  const refused = await expectJson(await call('/sapi/users', { token: String(access_token) }), 401)
  expect(refused['code']).toBe('tokenRevoked')
})

it('ends with its lease', async () => {
  const response = await call('/sapi/credentials', {
    json: { type: 'client', data: { name: 'short' }, domain: 'a', lease: 1 },
    token: await adminToken(),
  })
  const { data } = await expectJson<{ data: { clientId: string; clientSecret: string } }>(response, 201)
  await env.DB.prepare('update credentials set expires_at = ? where id = ?')
    .bind(Date.now() - 1, data.clientId)
    .run()
  await expectOAuthError(await requestToken(grant, { headers: basic(data.clientId, data.clientSecret) }), 401, 'invalid_client')
})
