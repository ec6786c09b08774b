import { beforeEach, describe, expect, it } from 'vitest'
import { maxUrlLength } from '#edge/domain/entry/route-class.ts'
import { adminToken, call, type Call, env, expectJson, expectProblem, startAnew } from './testing/api.ts'

/** OPS-1: what the entry refuses by itself, and what it says with every answer. */

beforeEach(startAnew)

/** A network that no other test uses, so that what it has sent before is known. */
let networks = 0
const newAddress = (): string => `198.51.${Math.floor(++networks / 250)}.${networks % 250}`
const from = (address: string): Call => ({ headers: { 'cf-connecting-ip': address } })

/** Sends until it is refused, at most `most` times; how many went through. The limiter's window may end meanwhile, which lets more through. */
async function sendUntilRefused(
  path: string,
  options: (index: number) => Call,
  most: number,
): Promise<{ passed: number; refused: Response | undefined }> {
  for (let passed = 0; passed < most; passed++) {
    const response = await call(path, options(passed))
    if (response.status === 429) return { passed, refused: response }
    await response.body?.cancel()
  }
  return { passed: most, refused: undefined }
}

const jwks = '/.well-known/jwks.json'

describe('an address', () => {
  it('may send 50 requests in 10 s to the API, and is told when to come back', async () => {
    const address = newAddress()
    const { passed, refused } = await sendUntilRefused(jwks, () => from(address), 200)
    expect(passed).toBeGreaterThanOrEqual(50)
    expect(passed).toBeLessThanOrEqual(100)
    expect(refused?.headers.get('retry-after')).toBe('10')
    expect(refused?.headers.get('access-control-allow-origin')).toBe('*')
    expect(refused?.headers.get('access-control-expose-headers')).toContain('retry-after')
    await expectProblem(refused ?? new Response(), 429, 'rateLimited')
    // Another one is not concerned, and neither are other kinds of requests.
    expect((await call(jwks, from(newAddress()))).status).toBe(200)
    expect((await call('/wapi/hub', from(address))).status).toBe(426)
  })

  it('is counted by its /64 where it is of IPv6', async () => {
    const prefix = `2001:db8:${(++networks).toString(16)}:7`
    const { passed, refused } = await sendUntilRefused(jwks, (index) => from(`${prefix}::${index.toString(16)}:1`), 200)
    expect(refused?.status).toBe(429)
    expect(passed).toBeLessThanOrEqual(100)
  })

  it('is not limited where it is of this machine, unless told so', async () => {
    expect((await sendUntilRefused(jwks, () => from('127.0.0.1'), 120)).refused).toBeUndefined()
    expect((await sendUntilRefused(jwks, () => ({}), 120)).refused).toBeUndefined()
    const limited = { ...from('127.0.0.1'), env: { RINGWAY_LIMIT_LOOPBACK: '1' } }
    expect((await sendUntilRefused(jwks, () => limited, 200)).refused?.status).toBe(429)
  })

  it('cannot pass for this machine where the configured header does not tell it', async () => {
    const unknown = { headers: { 'cf-connecting-ip': '127.0.0.1' }, env: { RINGWAY_ADDRESS_HEADER: 'Client-IP' } }
    expect((await sendUntilRefused(jwks, () => unknown, 200)).refused?.status).toBe(429)
  })

  it('is not limited for a media host with a key', async () => {
    const enrolment = { headers: { authorization: `Bearer ${env.RINGWAY_ENROLMENT_SECRET}` }, json: { region: 'local', name: 'h' } }
    const { hostId, hostKey } = await expectJson<{ hostId: string; hostKey: string }>(await call('/dispatcher/hosts', enrolment), 201)
    const address = newAddress()
    const path = `/dispatcher/hosts/${hostId}/socket`
    const withKey = (key: string): Call => ({ headers: { 'cf-connecting-ip': address, authorization: `Bearer ${key}` } })
    expect((await sendUntilRefused(path, () => withKey(hostKey), 120)).refused).toBeUndefined()
    expect((await sendUntilRefused(path, () => withKey(`${hostKey.slice(0, -4)}AAAA`), 200)).refused?.status).toBe(429)
  })
})

describe('every answer', () => {
  const common = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'strict-transport-security': 'max-age=31536000' }
  const headersOf = async (path: string, options: Call = {}) => Object.fromEntries((await call(path, options)).headers)

  it.each(['/healthz', jwks, '/sapi/users/me', '/wac/sapi/nothing', '/sapi/o/token', '/wapi/hub', '/dispatcher/hosts'])(
    'of an API is no page: %s',
    async (path) => {
      expect(await headersOf(path)).toMatchObject({ ...common, 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" })
    },
  )

  it('for a page lets it reach its own origin, camera and microphone, and be framed by nobody else', async () => {
    const assets = { fetch: async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }) }
    const headers = await headersOf('/', { env: { ASSETS: assets as unknown as Fetcher } })
    expect(headers).toMatchObject({ ...common, 'cross-origin-opener-policy': 'same-origin' })
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';.*frame-ancestors 'self'$/)
    expect(headers['permissions-policy']).toMatch(/camera=\(self\).*microphone=\(self\).*display-capture=\(self\).*geolocation=\(\)/)
  })

  it('for the documentation lets its renderer set styles, and its windows talk to each other', async () => {
    const assets = { fetch: async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }) }
    const headers = await headersOf('/docs/api/', { env: { ASSETS: assets as unknown as Fetcher } })
    expect(headers['content-security-policy']).toMatch(/script-src 'self'; style-src 'self' 'unsafe-inline'.*frame-ancestors 'self'$/)
    expect(headers).not.toHaveProperty('cross-origin-opener-policy')
  })

  it('keeps what a route or a page says of itself', async () => {
    const own = new Response('', { headers: { 'content-security-policy': 'sandbox', 'referrer-policy': 'origin' } })
    const headers = await headersOf('/x', { env: { ASSETS: { fetch: async () => own } as unknown as Fetcher } })
    expect(headers).toMatchObject({
      'content-security-policy': 'sandbox',
      'referrer-policy': 'origin',
      'x-content-type-options': 'nosniff',
    })
  })
})

describe('a request that is too large', () => {
  it('is refused by its declared length before it is read', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++
          controller.enqueue(new Uint8Array(1024))
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { 'content-length': String(1024 * 1024) }
    await expectProblem(await call('/sapi/users', { body, headers, token: await adminToken() }), 413, 'payloadTooLarge')
    expect(pulled).toBe(0)
  })

  it.each([
    ['/sapi/o/token', 16 * 1024],
    ['/sapi/users', 64 * 1024],
    ['/dispatcher/hosts', 64 * 1024],
  ])('is refused by what has come of it where it declares nothing: %s', async (path, limit) => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 8192
        controller.enqueue(new Uint8Array(8192).fill(0x20))
      },
    })
    const headers: Record<string, string> = path.startsWith('/dispatcher')
      ? { authorization: `Bearer ${env.RINGWAY_ENROLMENT_SECRET}` }
      : {}
    const token = path.startsWith('/sapi/users') ? await adminToken() : undefined
    const response = await call(path, { body, headers, token })
    expect(await expectJson(response, 413)).toMatchObject({ code: 'payloadTooLarge', context: { limit } })
    expect(sent).toBeLessThan(limit + 64 * 1024)
  })

  it('is refused for its URL and for its headers', async () => {
    await expectProblem(await call(`/sapi/users?q=${'x'.repeat(maxUrlLength)}`), 414, 'uriTooLong')
    const headers = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x-${index}`, 'y'.repeat(1000)]))
    await expectProblem(await call('/sapi/users/me', { headers }), 431, 'headersTooLarge')
  })

  it('sends nothing with the web application', async () => {
    await expectProblem(await call('/', { body: 'x', headers: { 'content-length': '1' } }), 413, 'payloadTooLarge')
  })
})

describe('a method that a path does not have', () => {
  it.each([
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['GET', '/sapi/o/token', 'POST'],
    ['PUT', '/wac/sapi/o/token/', 'POST'],
    ['POST', '/wapi/hub', 'GET, HEAD'],
    ['GET', '/wapi/hub/messages', 'POST'],
    ['DELETE', '/wapi/rooms/some-room', 'GET, HEAD'],
    ['PATCH', '/dispatcher/hosts', 'GET, HEAD, POST'],
    ['GET', '/dispatcher/hosts/some-host/drain', 'POST'],
    ['POST', jwks, 'GET, HEAD'],
  ])('answers 405 and says which it has: %s %s', async (method, path, allow) => {
    const response = await call(path, { method })
    expect(response.headers.get('allow')).toBe(allow)
    await expectProblem(response, 405, 'unsupportedMethod')
  })

  it('is told apart from a path that nobody has', async () => {
    await expectProblem(await call('/dispatcher/nothing'), 404, 'unknownResource')
    await expectProblem(await call('/.well-known/nothing', { method: 'POST' }), 404, 'unknownResource')
  })
})
