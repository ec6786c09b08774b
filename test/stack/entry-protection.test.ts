import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '#infra/system/run-command.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** OPS-1 on a whole Ringway: the runtime's own limiter, workerd's own sockets, and the front before them. */

const apiLimit = 50
const webLimit = 200

interface Answer {
  readonly status: number
  readonly headers: Headers
}

/** Sends until it is refused. At the turn of the limiter's window, as many again may pass. */
async function untilRefused(send: (index: number) => Promise<Answer>, limit: number): Promise<{ passed: number; refused: Answer }> {
  for (let passed = 0; passed <= 2 * limit; passed++) {
    const answer = await send(passed)
    if (answer.status === 429) return { passed, refused: answer }
  }
  throw new Error(`Not refused after ${2 * limit} requests`)
}

const forged = (index: number): Record<string, string> => {
  const address = `198.51.100.${index % 250}`
  return { 'cf-connecting-ip': address, 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` }
}

describe('reached directly', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack({ env: { RINGWAY_LIMIT_LOOPBACK: '1' } })
  })
  afterAll(async () => {
    await stack?.stop()
  })

  const get = async (path: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(stack.url + path, { headers })
    await response.arrayBuffer()
    return response
  }

  test('the application is a page that nobody frames, with camera and microphone for itself', async () => {
    const { status, headers } = await get('/')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/html')
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'self'/)
    expect(headers.get('permissions-policy')).toContain('camera=(self), microphone=(self), display-capture=(self)')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    // A browser would hold a machine without TLS to it.
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test('a body that stops coming is not waited for', { timeout: 40_000 }, async () => {
    const { hostname, port } = new URL(stack.url)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.write(
      'POST /sapi/o/token HTTP/1.1\r\nHost: ringway\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"grant_type":',
    )
    await expect.poll(() => Buffer.concat(chunks).toString(), { timeout: 30_000 }).toContain('408')
    expect(Buffer.concat(chunks).toString()).toContain('"code":"requestTimeout"')
    socket.destroy()
  })

  test('an address is held to its requests, whatever it says of itself', async () => {
    const api = await untilRefused((index) => get('/.well-known/jwks.json', forged(index)), apiLimit)
    expect(api.passed).toBeGreaterThanOrEqual(apiLimit - 10)
    expect(api.refused.headers.get('retry-after')).toBe('10')
    expect(api.refused.headers.get('content-type')).toBe('application/problem+json')
    const web = await untilRefused((index) => get('/favicon.svg', forged(index)), webLimit)
    expect(web.passed).toBeGreaterThanOrEqual(webLimit - 10)
    // The media hosts of this machine went on all the while.
    await stack.until((status) => status.state === 'ready' && status.hosts.every(({ ready }) => ready))
  })
})

describe('behind the front', () => {
  let stack: Stack
  const folder = mkdtempSync(join(tmpdir(), 'ringway-tls-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  let agent: Agent

  beforeAll(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    await runCommand('openssl', ['req', ...options, ...subject, '-keyout', key, '-out', cert])
    agent = new Agent({ ca: readFileSync(cert), keepAlive: true })
    stack = await startStack({ env: { RINGWAY_TLS_CERT: cert, RINGWAY_TLS_KEY: key, RINGWAY_LIMIT_LOOPBACK: '1' } })
  })
  afterAll(async () => {
    agent.destroy()
    await stack?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = httpsRequest(stack.url + path, { agent, headers }, (answer) => {
        answer.resume().once('end', () => {
          const entries = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
          resolve({ status: answer.statusCode ?? 0, headers: new Headers(entries) })
        })
      })
      outgoing.once('error', reject).end()
    })

  test('browsers are held to TLS', async () => {
    expect((await get('/')).headers.get('strict-transport-security')).toBe('max-age=31536000')
    expect((await get('/healthz')).headers.get('strict-transport-security')).toBe('max-age=31536000')
  })

  test('an address is the one that connects', async () => {
    const { passed } = await untilRefused((index) => get('/.well-known/jwks.json', forged(index)), apiLimit)
    expect(passed).toBeGreaterThanOrEqual(apiLimit - 10)
  })
})
