import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { AxeResults } from 'axe-core'
import * as oidc from 'openid-client'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { launchBrowser } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** A person logs in to an application of others by Ringway: the application is a web server with the library openid-client. */

declare global {
  interface Window {
    axe: { run(options: { resultTypes: string[] }): Promise<AxeResults> }
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let stack: Stack
let browser: Browser
let application: Application
let pages: Page[] = []
const complaints: string[] = []

beforeAll(async () => {
  stack = await startStack()
  browser = await launchBrowser()
  application = await Application.start(stack)
})

afterEach(async () => {
  await Promise.all(pages.map((page) => page.context().close()))
  pages = []
  expect(complaints.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await application?.close()
  await stack?.stop()
})

/** A client of Ringway's: `/` begins a login, `/callback` says who logged in. */
class Application {
  readonly url: string
  readonly #server: Server
  readonly #configuration: oidc.Configuration
  readonly #begun = new Map<string, { verifier: string; nonce: string }>()

  private constructor(server: Server, url: string, configuration: oidc.Configuration) {
    this.#server = server
    this.url = url
    this.#configuration = configuration
    server.on('request', (request: IncomingMessage, response) => {
      this.#answer(request).then(
        ({ location, body }) => {
          response.writeHead(location === undefined ? 200 : 303, location === undefined ? { 'content-type': 'text/plain' } : { location })
          response.end(body)
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
    })
  }

  static async start({ url: issuer, adminPassword }: Stack): Promise<Application> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { clientId, clientSecret } = await register(issuer, { redirectUri: 'http://127.0.0.1/callback', password: adminPassword })
    const configuration = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
      // oxlint-disable-next-line typescript/no-deprecated -- Marked only to stand out; the stack of the tests speaks plain http.
      execute: [oidc.allowInsecureRequests],
    })
    return new Application(server, url, configuration)
  }

  async #answer(request: IncomingMessage): Promise<{ location?: string; body?: string }> {
    const url = new URL(request.url ?? '/', this.url)
    if (url.pathname === '/callback') return { body: await this.#finish(request, url) }
    const state = oidc.randomState()
    const begun = { verifier: oidc.randomPKCECodeVerifier(), nonce: oidc.randomNonce() }
    this.#begun.set(state, begun)
    const location = oidc.buildAuthorizationUrl(this.#configuration, {
      redirect_uri: `${this.url}/callback`,
      scope: 'openid profile sapi',
      state,
      nonce: begun.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    })
    return { location: location.href }
  }

  async #finish(request: IncomingMessage, url: URL): Promise<string> {
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams
    const state = form.get('state') ?? ''
    const begun = this.#begun.get(state)
    if (begun === undefined) throw new Error('No login was begun here')
    this.#begun.delete(state)
    if (form.has('error')) return `refused: ${form.get('error')}`
    const answer = request.method === 'POST' ? new Request(url, { method: 'POST', body: form }) : url
    const tokens = await oidc.authorizationCodeGrant(this.#configuration, answer, {
      expectedState: state,
      expectedNonce: begun.nonce,
      pkceCodeVerifier: begun.verifier,
      idTokenExpected: true,
    })
    return `hello ${String(tokens.claims()?.['preferred_username'])}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const tokenSchema = z.object({ access_token: z.string() })
const clientSchema = z.object({ data: z.object({ clientId: z.string(), clientSecret: z.string() }) })

async function register(issuer: string, { redirectUri, password }: { redirectUri: string; password: string }) {
  const login = new URLSearchParams({ grant_type: 'password', username: 'admin', password })
  const { access_token } = tokenSchema.parse(await (await fetch(`${issuer}/sapi/o/token`, { method: 'POST', body: login })).json())
  const response = await fetch(`${issuer}/sapi/credentials`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'client',
      domain: 'default',
      data: { name: 'Board', redirectUris: [redirectUri], grantTypes: ['authorization_code'] },
    }),
  })
  return clientSchema.parse(await response.json()).data
}

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // What a policy forbids is told here only; a wrong password is a failed request, and expected.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  pages.push(page)
  return page
}

async function logIn(page: Page, { username = 'alice', password = 'ringway-demo' } = {}): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const said = (page: Page) => page.locator('body').innerText()

test.each<[string, string, BrowserContextOptions]>([
  ['with scripts', 'alice', {}],
  ['without scripts', 'bob', { javaScriptEnabled: false }],
])('logs in, agrees, and is back at the application, %s; the next time nothing is asked', async (_, username, options) => {
  const page = await openPage(options)
  await page.goto(application.url)
  expect(page.url()).toContain(`${stack.url}/sapi/o/authorize?`)
  await logIn(page, { username, password: 'not the password' })
  await page.getByRole('alert').waitFor()
  await logIn(page, { username })
  await page.getByRole('heading', { name: 'Allow Board?' }).waitFor()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(`${application.url}/callback?**`)
  expect(await said(page)).toBe(`hello ${username}@default`)
  await page.goto(application.url)
  expect(await said(page)).toBe(`hello ${username}@default`)
  const cookies = await page.context().cookies(stack.url)
  expect(cookies.find(({ name }) => name === 'ringway-session')).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
})

test('who does not agree is back at the application too', async () => {
  const page = await openPage()
  await page.goto(`${application.url}/?prompt=consent`)
  await logIn(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL(`${application.url}/callback?**`)
  expect(await said(page)).toBe('refused: access_denied')
})

test.each<[string, BrowserContextOptions]>([
  ['by itself', {}],
  ['by its button where there are no scripts', { javaScriptEnabled: false }],
])('an answer that is a form is sent %s', async (_, options) => {
  const page = await openPage(options)
  await page.goto(`${application.url}/?response_mode=form_post&prompt=consent`)
  await logIn(page)
  await page.getByRole('button', { name: 'Allow' }).click()
  if (options.javaScriptEnabled === false) await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(`${application.url}/callback`)
  expect(await said(page)).toBe('hello alice@default')
})

describe.each<[string, BrowserContextOptions]>([
  ['light', { colorScheme: 'light' }],
  ['dark, on a telephone', { colorScheme: 'dark', viewport: { width: 360, height: 740 } }],
])('the pages, %s', (_, options) => {
  test('are readable by everybody, and fit', async () => {
    const page = await openPage(options)
    await page.goto(`${application.url}/?prompt=consent`)
    await expectFit(page)
    await logIn(page, { password: 'not the password' })
    await page.getByRole('alert').waitFor()
    await expectFit(page)
    await logIn(page)
    await page.getByRole('heading', { name: 'Allow Board?' }).waitFor()
    await expectFit(page)
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const lightness = Number(/oklch\((\d*\.?\d+)/.exec(background)?.[1])
    expect(lightness > 0.5, background).toBe(options.colorScheme === 'light')
  })
})

async function expectFit(page: Page): Promise<void> {
  // The page's own policy lets no script in; the browser itself may.
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
  expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
}
