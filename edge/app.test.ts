import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import {
  adminPassword,
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  login,
  startAnew,
  tokenOf,
  userPassword,
} from './routes/testing/api.ts'
import { openHubSocket } from './routes/testing/hub-socket.ts'

beforeEach(startAnew)
afterEach(() => {
  vi.restoreAllMocks()
})

describe('paths', () => {
  it.each([
    '/sapi',
    '/sapi/nothing',
    '/sapi/o/nothing',
    '/wac/sapi/nothing/',
    '/wapi/nothing',
    '/dispatcher/nothing',
    '/.well-known/nothing',
  ])('%s is no page', async (path) => {
    const token = await adminToken()
    await expectProblem(await call(path, { token }), 404, 'unknownResource')
    await expectProblem(await call(path, { method: 'PATCH', token }), 404, 'unknownResource')
  })

  it.each(['/', '/webphone', '/sapiens', '/wac/x'])('%s is an asset', async (path) => {
    const seen: string[] = []
    const ASSETS = {
      ...env.ASSETS,
      fetch: async (request: RequestInfo | URL) => (seen.push(new Request(request).url), new Response('<html>')),
    }
    const response = await call(path, { env: { ASSETS } })
    expect(await response.text()).toBe('<html>')
    expect(seen).toEqual([`https://edge.example${path}`])
  })
})

describe('failures', () => {
  it('are problem details with a trace id, and tell nothing of their cause', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const DB = new Proxy(env.DB, {
      get() {
        throw new Error('the secret name of the database')
      },
    })
    const token = await adminToken()
    await expectJson(await call('/sapi/contacts', { token }), 200)
    const response = await call('/sapi/contacts', { token, env: { DB } })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = await expectProblem(response, 500, 'internal')
    expect(problem['traceId']).toBe(response.headers.get('x-trace-id'))
    expect(JSON.stringify(problem)).not.toContain('secret')
    const logged = JSON.parse(String(errors.mock.calls[0]?.[0]))
    expect(logged).toMatchObject({ event: 'request.failed', level: 'error', traceId: problem['traceId'] })
    expect(JSON.stringify(logged)).toContain('the secret name of the database')
  })

  it('of size come before any reading', async () => {
    const headers = { 'content-length': String(maxClientMessageBytes + 1) }
    await expectProblem(
      await call('/sapi/users', { method: 'POST', headers, token: await adminToken(), body: 'x'.repeat(maxClientMessageBytes + 1) }),
      413,
      'payloadTooLarge',
    )
  })
})

describe('CORS', () => {
  const page = 'https://www.shop.example'
  const preflight = (origin: string, path = '/sapi/o/token') =>
    call(path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
    })

  beforeEach(async () => {
    await createDomain('shop', { origins: ['*.shop.example'] })
  })

  it('lets pages of hosts that a domain claims call the API', async () => {
    const answer = await preflight(page)
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-headers': 'authorization, content-type, if-match, if-none-match, idempotency-key',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      vary: 'Origin',
    })
    await createUser('shop', 'alice')
    const response = await call('/wac/sapi/domains?limit=1', { headers: { origin: page }, token: await tokenOf('alice@shop') })
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
    expect(response.headers.get('access-control-expose-headers')).toContain('link')
    expect(response.headers.get('vary')).toContain('Origin')
  })

  it('lets them read failures too', async () => {
    const response = await call('/sapi/domains', { headers: { origin: page } })
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe(page)
  })

  it.each(['https://evil.example', 'https://www.shop.example.evil.example', 'https://evilshop.example', 'null', 'https://shop.example'])(
    'keeps %s out',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull()
      const response = await call('/sapi/domains', { headers: { origin }, token: await adminToken() })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})

describe('the log', () => {
  const lines: string[] = []

  beforeEach(() => {
    lines.length = 0
    for (const method of ['log', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line))
  })

  const events = () => lines.map((line) => JSON.parse(line))

  it('has one event per request, with who and what', async () => {
    const token = await adminToken()
    lines.length = 0
    const response = await call('/wac/sapi/users/some-id', { token })
    const requests = events().filter(({ event }) => event === 'request')
    expect(requests).toEqual([
      {
        time: expect.any(String),
        level: 'info',
        event: 'request',
        traceId: response.headers.get('x-trace-id'),
        method: 'GET',
        route: '/wac/sapi/users/:id',
        status: 404,
        durationMs: expect.any(Number),
        domainId: expect.any(String),
        userId: expect.any(String),
        role: 'platform-admin',
        code: 'notFound',
      },
    ])
  })

  it('never has a password, a token or a secret', async () => {
    const silly = { env: { RINGWAY_LOG_LEVEL: 'silly' } }
    await createDomain('shop', { enableAnonymous: true })
    const user = await createUser('shop', 'alice')
    const alice = await login('alice@shop', userPassword)
    const secrets = [
      adminPassword,
      userPassword,
      env.RINGWAY_MASTER_KEY,
      env.RINGWAY_ENROLMENT_SECRET,
      alice.access_token,
      alice.refresh_token,
    ]
    const token = await adminToken()
    const made = await expectJson<{ data: { clientId: string; clientSecret: string } }>(
      await call('/sapi/credentials', { json: { type: 'client', domain: 'shop', data: { name: 'gateway' } }, token, ...silly }),
      201,
    )
    const { clientId, clientSecret } = made.data
    const basic = btoa(`${clientId}:${clientSecret}`)
    const socket = await openHubSocket(alice.access_token)
    secrets.push(token, clientSecret, basic, 'a wrong password', 'a new password', 'a stray token')
    const attempts = [
      call('/sapi/o/token', { json: { grant_type: 'password', username: 'alice@shop', password: 'a wrong password' }, ...silly }),
      call('/sapi/o/token', { body: `{"grant_type":"password","password":"a wrong password"`, ...silly }),
      call('/sapi/o/token', { json: { grant_type: 'client_credentials' }, headers: { authorization: `Basic ${basic}` }, ...silly }),
      call('/sapi/o/token', { json: { grant_type: 'anonymous', username: '@shop' }, ...silly }),
      call('/sapi/o/introspect', { form: { token: alice.refresh_token }, token, ...silly }),
      call('/sapi/credentials', { json: { type: 'basic', user: user.id, data: { password: 'a new password' } }, token, ...silly }),
      call('/sapi/users?q=a%20stray%20token', { token, ...silly }),
      call('/sapi/users/a%20stray%20token', { token, ...silly }),
      call('/sapi/o/token', { json: { grant_type: 'refresh_token', refresh_token: alice.refresh_token }, ...silly }),
      call('/sapi/o/token', { json: { grant_type: 'refresh_token', refresh_token: alice.refresh_token }, ...silly }),
      call('/sapi/o/revoke', { form: { token: alice.refresh_token }, ...silly }),
    ]
    for (const answer of await Promise.all(attempts)) {
      for (const [, value] of /"(?:access|refresh)_token":"([^"]+)"/g[Symbol.matchAll](await answer.text()))
        if (value !== undefined) secrets.push(value)
    }
    await socket.closed
    expect(events().map(({ event }) => event)).toEqual(expect.arrayContaining(['request', 'login.opened', 'login.failed', 'logins.ended']))
    const log = lines.join('\n')
    expect(secrets.length).toBeGreaterThan(12)
    for (const secret of secrets) expect(log).not.toContain(secret)
  })
})
