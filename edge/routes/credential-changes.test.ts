import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  expectJson,
  expectProblem,
  login,
  type Made,
  startAnew,
  tokenOf,
} from './testing/api.ts'

/** What may change of a credential (CRED-1), and whose changes count. */

beforeEach(async () => {
  await startAnew()
  await createDomain('a')
})

const post = async (json: unknown) => expectJson<Made>(await call('/sapi/credentials', { json, token: await adminToken() }), 201)
const send = async (method: string, { id }: { id: string }, json?: unknown, headers = {}) =>
  call(`/sapi/credentials/${id}`, { method, json, headers, token: await adminToken() })
const get = async (credential: { id: string }) => send('GET', credential)

async function aPassword(): Promise<Made> {
  const user = await createUser('a', 'alice')
  return post({ type: 'basic', user: user.id, data: { password: 'a long secret' }, lease: 60 })
}

describe('a password', () => {
  it('keeps its secret while context and lease change; a lease begins with its change', async () => {
    const credential = await aPassword()
    const changed = await expectJson<Made>(await send('PATCH', credential, { context: { by: 'hand' } }), 200)
    expect(changed).toEqual({ ...credential, context: { by: 'hand' } })
    const longer = await expectJson<Made>(await send('PATCH', credential, { lease: 3600, context: { by: null } }), 200)
    expect(longer).toMatchObject({ lease: 3600, context: {} })
    expect(Number(longer['expires'])).toBeGreaterThanOrEqual(Number(credential['created']) + 3_600_000)
    const endless = await expectJson<Made>(await send('PUT', credential, { ...longer, lease: 0 }), 200)
    expect(endless).toMatchObject({ lease: 0, expires: null })
    expect(await expectJson(await get(credential), 200)).toEqual(endless)
    await login('alice@a', 'a long secret')
  })

  it('is not changed by a change', async () => {
    const credential = await aPassword()
    const problem = await expectProblem(await send('PATCH', credential, { data: { password: 'the next secret' } }), 400, 'invalidRequest')
    expect(JSON.stringify(problem)).toContain('another credential')
    await login('alice@a', 'a long secret')
  })

  it('says clearly how long it must be', async () => {
    const user = await createUser('a', 'alice')
    const json = { type: 'basic', user: user.id, data: { password: 'qa2' } }
    const problem = await expectProblem(await call('/sapi/credentials', { json, token: await adminToken() }), 400, 'invalidRequest')
    expect(JSON.stringify(problem)).toContain('at least 8 characters')
    expect(JSON.stringify(problem)).not.toContain('qa2')
  })
})

describe('a client', () => {
  const register = (data: Record<string, unknown> = {}) => post({ type: 'client', domain: 'a', data: { name: 'gateway', ...data } })

  it('is registered anew, with the secret it has', async () => {
    const client = await register()
    const changed = await expectJson<Made>(await send('PATCH', client, { data: { name: 'border', role: 'admin' } }), 200)
    expect(changed).toMatchObject({ id: client.id, data: { name: 'border', role: 'admin', clientId: client.id } })
    expect(JSON.stringify(changed)).not.toContain('clientSecret')
    const { clientSecret } = client['data'] as { clientSecret: string }
    const json = { grant_type: 'client_credentials', client_id: client.id, client_secret: clientSecret }
    await expectJson(await call('/sapi/o/token', { json }), 200)
  })

  it('cannot become what its secret does not fit, or more than who changes it', async () => {
    const client = await register()
    await expectProblem(await send('PATCH', client, { data: { authMethod: 'none' } }), 400, 'invalidRequest')
    await expectProblem(await send('PATCH', client, { data: { authMethod: 'client_secret_post' } }), 409, 'conflict')
    await expectProblem(await send('PATCH', client, { data: { name: '' } }), 400, 'invalidRequest')
    await createUser('a', 'boss', { role: 'admin' })
    const json = { data: { role: 'platform-admin' } }
    const asBoss = await call(`/sapi/credentials/${client.id}`, { method: 'PATCH', json, token: await tokenOf('boss@a') })
    await expectProblem(asBoss, 403, 'forbidden')
  })
})

describe('any credential', () => {
  it('stays of its type, domain and user', async () => {
    const credential = await aPassword()
    for (const change of [{ type: 'client' }, { domain: 'default' }, { user: 'somebody' }, { user: null }])
      await expectProblem(await send('PATCH', credential, change), 409, 'conflict')
    expect(await expectJson(await get(credential), 200)).toEqual(credential)
  })

  it('is changed and removed as it was read', async () => {
    const credential = await aPassword()
    const etag = (await get(credential)).headers.get('etag') ?? ''
    expect((await send('GET', credential, undefined, { 'if-none-match': etag })).status).toBe(304)
    await expectJson(await send('PATCH', credential, { context: { n: 1 } }, { 'if-match': etag }), 200)
    for (const method of ['PATCH', 'DELETE'])
      await expectProblem(
        await send(method, credential, method === 'PATCH' ? { context: { n: 2 } } : undefined, { 'if-match': etag }),
        412,
        'preconditionFailed',
      )
    const fresh = (await get(credential)).headers.get('etag') ?? ''
    expect((await send('DELETE', credential, undefined, { 'if-match': fresh })).status).toBe(204)
  })

  it('is made once per idempotency key', async () => {
    const user = await createUser('a', 'bob')
    const json = { type: 'client', domain: 'a', data: { name: `for ${user.id}` } }
    const options = { json, token: await adminToken(), headers: { 'idempotency-key': 'one' } }
    const [first, again] = [await call('/sapi/credentials', options), await call('/sapi/credentials', options)]
    expect(await expectJson(again, 201)).toEqual(await expectJson(first, 201))
    expect(await expectJson<Made[]>(await call('/sapi/credentials?type=client', { token: await adminToken() }), 200)).toHaveLength(1)
  })
})
