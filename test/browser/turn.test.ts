import { execFileSync } from 'node:child_process'
import { request } from 'node:https'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { FirewalledNetwork } from '#test/support/FirewalledNetwork.ts'
import { launchBrowser, Phone } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'
import { TestAuthority } from '#test/support/TestAuthority.ts'

/** One party behind a firewall that lets no UDP out, and TCP to HTTPS and the TURN server only (TURN-1). */

const name = 'calls.ringway.test'
const password = 'a password of this test'
const [httpsPort, turnPort, turnTlsPort] = [18_443, 13_478, 443]

let network: FirewalledNetwork
let authority: TestAuthority
let stack: Stack
let inside: Browser
let outside: Browser
let phones: Phone[] = []

beforeAll(async () => {
  network = await FirewalledNetwork.open()
  const address = network.serverAddress
  authority = await TestAuthority.create({ name, address })
  stack = await startStack({
    web: true,
    env: {
      PORT: String(httpsPort),
      RINGWAY_BIND: address,
      RINGWAY_DEMO: '0',
      RINGWAY_TLS_CERT: authority.cert,
      RINGWAY_TLS_KEY: authority.key,
      RINGWAY_TURN_PORT: String(turnPort),
      RINGWAY_TURN_TLS_PORT: String(turnTlsPort),
    },
  })
  for (const username of ['alice', 'bob']) await createUser(username)
  const args = [`--host-resolver-rules=MAP ${name} ${address}`]
  inside = await launchBrowser({ executablePath: network.executable('/usr/bin/chromium'), home: authority.home, args })
  outside = await launchBrowser({ home: authority.home, args })
}, 240_000)

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.close()))
  phones = []
})

afterAll(async () => {
  await inside?.close()
  await outside?.close()
  await stack?.stop()
  authority?.close()
  await network?.close()
})

const tokenSchema = z.object({ access_token: z.string() })
const madeSchema = z.object({ id: z.string() })

async function createUser(username: string): Promise<void> {
  const { account, password: adminPassword } = stack.admin
  const token = tokenSchema.parse(await post('/sapi/o/token', { grant_type: 'password', username: account, password: adminPassword }))
  const user = madeSchema.parse(await post('/sapi/users', { username, role: 'user' }, token.access_token))
  await post('/sapi/credentials', { type: 'basic', user: user.id, data: { password } }, token.access_token)
}

/** Node trusts the test's authority for one request at a time. */
function post(path: string, body: unknown, token?: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const target = { host: network.serverAddress, port: httpsPort, path, servername: name, ca: authority.authority }
  return new Promise((resolve, reject) => {
    request({ ...target, method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(JSON.parse(text)))
    })
      .on('error', reject)
      .end(JSON.stringify(body))
  })
}

async function phoneOf(browser: Browser, username: string): Promise<Phone> {
  const phone = await Phone.signedIn(browser, `https://${name}:${httpsPort}`, { username, password })
  phones.push(phone)
  return phone
}

async function call(): Promise<{ alice: Phone; bob: Phone }> {
  const [alice, bob] = [await phoneOf(inside, 'alice'), await phoneOf(outside, 'bob')]
  await alice.call('bob')
  await bob.answer()
  await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
  return { alice, bob }
}

describe('behind a firewall', () => {
  test.each([
    ['tcp', turnPort],
    ['tls', turnTlsPort],
  ])(
    'media goes over TURN by %s',
    async (path, port) => {
      await network.allowTcp([httpsPort, port])
      const { alice, bob } = await call()
      expect(await alice.paths()).toEqual([path, path])
      expect(await bob.paths()).toEqual(['direct', 'direct'])
      expect(alice.errors).toEqual([])
    },
    120_000,
  )

  test('a TURN server that crashes is back, and so is the call', async () => {
    await network.allowTcp([httpsPort, turnPort])
    const { alice, bob } = await call()
    await alice.listen()
    const pid = Number(execFileSync('pgrep', ['-f', `^turnserver -c ${stack.stateDir}`], { encoding: 'utf8' }).trim())
    process.kill(pid, 'SIGKILL')
    // Concealment sounds on for a while: only the path tells that it broke, and that there is one again.
    const untilPaths = (wanted: string | null) =>
      vi.waitUntil(async () => (await alice.paths()).every((path) => path === wanted), { timeout: 60_000, interval: 50 })
    await untilPaths(null)
    await untilPaths('tcp')
    await Promise.all([alice.untilReceiving({ audio: 1 }), bob.untilReceiving({ audio: 1 })])
    expect((await alice.heard()).filter((line) => /left|joined|ended/.test(line))).toEqual([])
  }, 120_000)
})
