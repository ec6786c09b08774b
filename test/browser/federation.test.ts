import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { clientId, clientSecret, type Fault, LoginProvider } from '#test/support/login-provider.ts'
import { launchBrowser } from '#test/support/Phone.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** Federated login (AUTH-2) as a user has it: the webphone in Chromium, a whole Ringway, and a real OpenID provider. */

let stack: Stack
let provider: LoginProvider
let browser: Browser
let contexts: BrowserContext[] = []
/** What went through the browsers, to look for what must not have. */
const urls: string[] = []
const referrers: string[] = []
/** Bodies of token requests. */
const exchanges: string[] = []
const secrets: string[] = []

beforeAll(async () => {
  stack = await startStack({ web: true, env: { RINGWAY_ALLOW_LOOPBACK_URLS: '1', RINGWAY_LOG_LEVEL: 'debug' } })
  provider = await LoginProvider.start({ redirectUri: `${stack.url}/sapi/o/federated/callback` })
  browser = await launchBrowser()
  await configure({ name: 'lab', displayName: 'Lab ID', issuer: provider.issuer, clientSecret, createOAuthUser: true })
})

afterEach(async () => {
  provider.fault = 'none'
  await Promise.all(contexts.map((context) => context.close()))
  contexts = []
})

afterAll(async () => {
  await browser?.close()
  await provider?.close()
  await stack?.stop()
})

const tokensSchema = z.looseObject({ access_token: z.string(), refresh_token: z.string() })

async function requestToken(body: Record<string, string>): Promise<z.infer<typeof tokensSchema>> {
  const response = await fetch(`${stack.url}/sapi/o/token`, { method: 'POST', body: new URLSearchParams(body) })
  return tokensSchema.parse(await response.json())
}

async function openPhone(): Promise<Page> {
  const context = await browser.newContext()
  contexts.push(context)
  // The provider's pages ask for a font of the internet.
  await context.route('https://fonts.googleapis.com/**', (route) => route.abort())
  const page = await context.newPage()
  page.on('request', (request) => {
    urls.push(request.url())
    referrers.push(request.headers()['referer'] ?? '')
    if (request.url().endsWith('/sapi/o/token')) exchanges.push(request.postData() ?? '')
  })
  page.on('framenavigated', (frame) => urls.push(frame.url()))
  page.on('response', (response) => {
    if (!response.url().endsWith('/sapi/o/token') || response.status() !== 200) return
    void response.json().then((tokens: unknown) => {
      const { access_token, refresh_token } = tokensSchema.parse(tokens)
      secrets.push(access_token, refresh_token)
    })
  })
  await page.goto(`${stack.url}/?test`)
  return page
}

/** From the webphone's button through the provider's login and consent pages, as far as they are shown. */
async function signInAs(page: Page, login: string): Promise<void> {
  await page.getByTestId('provider-lab').click()
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

const untilOnline = (page: Page) => page.waitForFunction(() => window.__ringway?.client.state === 'online')
const userOf = (page: Page) => page.evaluate(() => window.__ringway?.client.session?.user)
const errorOn = async (page: Page) => page.getByTestId('sign-in-error').getByText(/./).innerText()
/** Cookies that hold logins on their way. */
const flowsOf = async (page: Page) => (await page.context().cookies()).filter(({ name }) => name.includes('federated'))

test('a user signs in with a provider, and is created, and is the same the next time', async () => {
  const page = await openPhone()
  expect(await page.getByTestId('provider-lab').innerText()).toBe('Continue with Lab ID')
  await signInAs(page, 'grace')
  await untilOnline(page)
  const first = await userOf(page)
  expect(first).toMatchObject({ username: 'grace@default', displayName: 'grace of the provider', domain: 'default' })
  expect(page.url()).toBe(`${stack.url}/?test`)
  expect(await flowsOf(page)).toEqual([])

  // The session is like any other: a reload keeps it.
  await page.reload()
  await untilOnline(page)

  await page.evaluate(() => window.__ringway?.client.logout())
  // The provider remembers the user and asks nothing.
  await page.getByTestId('provider-lab').click()
  await untilOnline(page)
  expect((await userOf(page))?.userId).toBe(first?.userId)
})

test('users of the domain see one another', async () => {
  const page = await openPhone()
  await signInAs(page, 'hedy')
  await page.getByTestId('contact-alice').waitFor()
  await page.getByTestId('contact-grace').waitFor()
})

describe('what a provider says wrong signs nobody in', () => {
  const faults: readonly Exclude<Fault, 'none' | 'down'>[] = [
    'wrongNonce',
    'wrongIssuer',
    'wrongAudience',
    'expired',
    'tampered',
    'forged',
    'unsigned',
  ]
  test.each(faults)('%s', async (fault) => {
    const page = await openPhone()
    provider.fault = fault
    await signInAs(page, `mallory-${fault.toLowerCase()}`)
    expect(await errorOn(page)).toBe("Your provider's answer could not be verified. Please try again.")
    expect(await userOf(page)).toBeUndefined()
    expect(page.url()).toBe(`${stack.url}/?test`)
    expect(await usersNamed(`mallory`)).toEqual([])

    // And the same provider, right again, does.
    provider.fault = 'none'
    await page.getByTestId('provider-lab').click()
    await untilOnline(page)
    await removeUsers('mallory')
  })
})

describe('a provider that is away', () => {
  const away = 'Your provider cannot be reached. Try again in a moment.'

  test('on the way back is told as that, and the next attempt goes through', async () => {
    const page = await openPhone()
    provider.fault = 'down'
    await signInAs(page, 'ida')
    expect(await errorOn(page)).toBe(away)
    expect(await userOf(page)).toBeUndefined()
    provider.fault = 'none'
    await page.getByTestId('provider-lab').click()
    await untilOnline(page)
  })

  test('before the way there is told without leaving for nowhere', async () => {
    // Nothing listens on this port (RFC 6335 §6: reserved).
    await configure({ name: 'away', displayName: 'Away ID', issuer: 'http://127.0.0.1:1023' })
    const page = await openPhone()
    await page.getByTestId('provider-away').click()
    expect(await errorOn(page)).toBe(away)
    expect(page.url()).toBe(`${stack.url}/?test`)
  })
})

test('a user who says no at the provider is told so', async () => {
  const page = await openPhone()
  await page.getByTestId('provider-lab').click()
  await page.getByText('[ Cancel ]').click()
  expect(await errorOn(page)).toBe('The sign-in was cancelled, or your provider has refused it.')
})

describe('what comes a second time', () => {
  test('a callback, its state and its code are of no use', async () => {
    const page = await openPhone()
    await page.getByTestId('provider-lab').click()
    await page.getByPlaceholder('Enter any login').waitFor()
    const flows = await flowsOf(page)
    expect(flows).toHaveLength(1)
    const callback = page.waitForRequest((request) => request.url().includes('/sapi/o/federated/callback'))
    await page.getByPlaceholder('Enter any login').fill('joan')
    await page.getByPlaceholder('and password').fill('any')
    await page.getByRole('button', { name: 'Sign-in' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    const callbackUrl = (await callback).url()
    await untilOnline(page)
    const exchange = exchanges.at(-1) ?? ''
    await page.evaluate(() => window.__ringway?.client.logout())

    // In the browser that had it, whose cookie is gone; with the cookie kept by somebody; in another browser.
    await page.goto(callbackUrl)
    expect(await errorOn(page)).toContain('The sign-in took too long, or was begun in another tab.')
    await page.context().addCookies(flows)
    await page.goto(callbackUrl)
    expect(await errorOn(page)).toContain('The sign-in took too long, or was begun in another tab.')
    const other = await openPhone()
    await other.goto(callbackUrl)
    expect(await errorOn(other)).toContain('The sign-in took too long, or was begun in another tab.')

    // The one-time code, with its verifier.
    expect(JSON.parse(exchange)).toMatchObject({ grant_type: 'urn:ringway:federated-code', code_verifier: expect.any(String) })
    const again = await fetch(`${stack.url}/sapi/o/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: exchange,
    })
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('a code that another page has got is not taken', async () => {
    const page = await openPhone()
    await page.goto(`${stack.url}/?test#federated_code=slipped-to-the-user`)
    await page.reload()
    expect(await errorOn(page)).toContain('The sign-in took too long, or was begun in another tab.')
  })
})

test('no token, secret or code is in a URL, a referrer or a log', () => {
  expect(secrets.length).toBeGreaterThan(4)
  expect(provider.issued.length).toBeGreaterThan(4)
  const folder = join(stack.stateDir, 'logs')
  const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(logs.join('')).toContain('federation.userCreated')
  const codes = exchanges.map((body) => z.looseObject({ code: z.string().optional() }).parse(JSON.parse(body)).code ?? '')
  for (const secret of [...secrets, ...provider.issued, clientSecret]) {
    expect(urls.filter((url) => url.includes(secret))).toEqual([])
    expect(referrers.filter((url) => url.includes(secret))).toEqual([])
    expect(logs.some((log) => log.includes(secret))).toBe(false)
  }
  for (const code of codes.filter((code) => code.length > 20)) {
    expect(referrers.filter((url) => url.includes(code))).toEqual([])
    expect(logs.some((log) => log.includes(code))).toBe(false)
  }
})

async function asAdmin(path: string, options: { method?: string; json?: unknown } = {}): Promise<unknown> {
  const { access_token: token } = await requestToken({
    grant_type: 'password',
    username: stack.admin.account,
    password: stack.adminPassword,
  })
  const response = await fetch(`${stack.url}${path}`, {
    method: options.method ?? 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: options.json === undefined ? null : JSON.stringify(options.json),
  })
  const body: unknown = await response.json()
  expect(response.ok, JSON.stringify(body)).toBe(true)
  return body
}

const configure = (fields: Record<string, unknown>) => asAdmin('/sapi/oauthProviders', { method: 'POST', json: { clientId, ...fields } })

async function usersNamed(part: string): Promise<{ id: string; username: string }[]> {
  return z.array(z.looseObject({ id: z.string(), username: z.string() })).parse(await asAdmin(`/sapi/users?q=${part}`))
}

async function removeUsers(part: string): Promise<void> {
  for (const { id } of await usersNamed(part)) await asAdmin(`/sapi/users/${id}`, { method: 'DELETE' })
}
