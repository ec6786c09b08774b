import { beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  type Call,
  createDomain,
  createUser,
  expectJson,
  login,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'

/** OPS-1: whose pages may call the REST API, and read what it answers whom. */

beforeEach(startAnew)

const readableBy = async (path: string, options: Call, origin: string): Promise<boolean> => {
  const response = await call(path, { ...options, headers: { ...options.headers, origin } })
  await response.body?.cancel()
  expect(response.headers.get('vary')).toContain('Origin')
  return response.headers.get('access-control-allow-origin') === origin
}

const preflight = (origin: string, method: string, env: Call['env'] = {}) =>
  call('/sapi/users', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method }, env })

describe('a preflight', () => {
  it('is allowed for a host that some domain claims, with all that the API takes', async () => {
    await createDomain('a', { origins: ['app.acme.example'] })
    const { headers } = await preflight('https://app.acme.example', 'PATCH')
    expect(headers.get('access-control-allow-origin')).toBe('https://app.acme.example')
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE')
    for (const name of ['authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key'])
      expect(headers.get('access-control-allow-headers')).toContain(name)
    expect((await preflight('https://evil.example', 'PATCH')).headers.get('access-control-allow-origin')).toBeNull()
  })

  it.each([
    ['app.corp.example', 'https://app.corp.example', true],
    ['one.example|*.corp.example', 'https://app.corp.example', true],
    [String.raw`app-\d\.corp\.example`, 'https://app-1.corp.example', true],
    [String.raw`app-\d\.corp\.example`, 'https://app-1.corp.example.evil.example', false],
    ['one.example', 'https://app.corp.example', false],
  ])('is allowed for a host that the deployment claims: %s, %s', async (origins, origin, allowed) => {
    const { headers } = await preflight(origin, 'GET', { RINGWAY_CORS_ORIGINS: origins })
    expect(headers.get('access-control-allow-origin')).toBe(allowed ? origin : null)
  })
})

describe('an answer', () => {
  const ofA = 'https://app.a.example'
  const ofB = 'https://app.b.example'

  beforeEach(async () => {
    await createDomain('a', { origins: ['app.a.example'] })
    await createDomain('b', { origins: ['app.b.example'] })
    for (const domain of ['a', 'b']) await createUser(domain, 'alice')
  })

  it("may be read by pages that the caller's own domain claims, and by no other's", async () => {
    const token = await tokenOf('alice@a')
    expect(await readableBy('/sapi/users/me', { token }, ofA)).toBe(true)
    expect(await readableBy('/sapi/users/me', { token }, ofB)).toBe(false)
    // Refusals that know the caller are about it too.
    expect(await readableBy('/sapi/users', { token }, ofB)).toBe(false)
    expect(await readableBy('/sapi/users/me', { token, env: { RINGWAY_CORS_ORIGINS: 'app.b.example' } }, ofB)).toBe(true)
  })

  it('with tokens may be read by pages of the domain that they are for', async () => {
    const json = { grant_type: 'password', username: 'alice@a', password: userPassword }
    expect(await readableBy('/sapi/o/token', { json }, ofA)).toBe(true)
    expect(await readableBy('/sapi/o/token', { json }, ofB)).toBe(false)
    const { refresh_token } = await login('alice@b', userPassword)
    expect(await readableBy('/sapi/o/token', { json: { grant_type: 'refresh_token', refresh_token } }, ofA)).toBe(false)
  })

  it('to nobody may be read wherever a preflight passes: it tells only that', async () => {
    expect(await readableBy('/sapi/users/me', {}, ofB)).toBe(true)
    expect(await readableBy('/sapi/o/token', { json: { grant_type: 'password', username: 'x', password: 'y' } }, ofB)).toBe(true)
    expect(await readableBy('/sapi/users/me', {}, 'https://evil.example')).toBe(false)
  })

  it('shows the headers that a client needs', async () => {
    const token = await adminToken()
    const response = await call('/sapi/users?limit=1', { token, headers: { origin: ofA }, env: { RINGWAY_CORS_ORIGINS: '*.a.example' } })
    await expectJson(response, 200)
    for (const name of ['etag', 'link', 'location', 'retry-after', 'x-trace-id', 'allow'])
      expect(response.headers.get('access-control-expose-headers')).toContain(name)
  })

  it('to the page of a visitor may be read there', async () => {
    await createDomain('c', { origins: ['app.c.example'], enableAnonymous: true })
    const anonymous = await requestToken({ grant_type: 'anonymous' }, { headers: { origin: 'https://app.c.example' } })
    expect(anonymous.headers.get('access-control-allow-origin')).toBe('https://app.c.example')
  })
})
