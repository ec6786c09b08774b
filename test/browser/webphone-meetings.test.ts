import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type MeetingView, meetingSchema } from '#shared/protocol/sapi/meetings.ts'
import { Rest } from '#test/support/Rest.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

/** Meetings in the webphone (MEET-1): what their links lead to, for users, guests and whoever comes at the wrong time. */

let stack: Stack
let browser: Browser
let alice: Rest
let bobId: string
let pages: Page[] = []
const complaints: string[] = []

const hour = 3_600_000

beforeAll(async () => {
  stack = await startStack({ web: true })
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--use-fake-device-for-media-stream=fps=10',
      '--use-fake-ui-for-media-stream',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
    ],
  })
  const admin = await Rest.signIn(stack.url, { username: stack.admin.account, password: stack.admin.password })
  alice = await Rest.signIn(stack.url, { username: 'alice', password: 'ringway-demo' })
  bobId = await admin.idOf('/sapi/users?username=bob')
  await admin.send('PATCH', `/sapi/domains/${await admin.idOf('/sapi/domains?domain=default')}`, { enableAnonymous: true })
})

afterEach(async () => {
  await Promise.all(pages.map((page) => page.context().close()))
  pages = []
  expect(complaints.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await stack?.stop()
})

async function meet(times: { validSince?: number; validUntil?: number } = {}): Promise<MeetingView> {
  const now = Date.now()
  const body = { name: 'Weekly', users: [bobId], validSince: now - hour, validUntil: now + hour, ...times }
  return meetingSchema.parse(await alice.send('POST', '/sapi/meetings', body))
}

async function open(url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB', timezoneId: 'Europe/Madrid' })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    // A door that stays shut is what some of these tests are about.
    const isRefusal = /^(Failed to load resource|WebSocket connection to '\S+' failed)/.test(message.text())
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  pages.push(page)
  await page.goto(url)
  return page
}

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByTestId('username').fill(username)
  await page.getByTestId('password').fill('ringway-demo')
  await page.getByTestId('sign-in').click()
}

const tileOf = (page: Page, username: string) => page.locator(`[data-testid^="tile-"][data-username${username}]`)

describe('the link of a meeting', () => {
  test('brings in a guest without an account, through a reload too, and a user who signs in', async () => {
    const meeting = await meet()
    const guest = await open(meeting.url)
    await guest.getByText('Sign in to join the meeting.').waitFor()
    await guest.getByTestId('sign-in-guest').click()
    await guest.getByText('You are invited to a meeting.').waitFor()
    await guest.getByTestId('join-audio').click()
    await guest.getByRole('heading', { name: 'You are the first one here' }).waitFor()
    expect(guest.url()).toBe(meeting.url)
    expect(await guest.getByTestId('conference-address').innerText()).toBe(meeting.url)
    const bob = await open(meeting.url)
    await signIn(bob, 'bob')
    await bob.getByTestId('join-audio').click()
    await tileOf(guest, '="bob@default"').waitFor()
    await guest.reload()
    await tileOf(guest, '="bob@default"').waitFor()
    await tileOf(bob, '^="anonymous-"').waitFor()
    await guest.getByTestId('hang-up').click()
    await guest.getByTestId('call-again').click()
    await tileOf(guest, '="bob@default"').waitFor()
    expect(guest.url()).toBe(meeting.url)
  })

  test('says when the meeting begins, or that it is over', async () => {
    const later = await meet({ validSince: Date.UTC(2041, 4, 4, 9, 30), validUntil: Date.UTC(2041, 4, 4, 11) })
    const bob = await open(later.url)
    await signIn(bob, 'bob')
    await bob.getByTestId('join-audio').click()
    await bob.getByRole('heading', { name: /^The meeting begins on May 4, 2041 at 11:30\sAM$/u }).waitFor()
    const over = await meet({ validSince: Date.UTC(2021, 0, 1, 9), validUntil: Date.UTC(2021, 0, 1, 10) })
    const guest = await open(over.url)
    await guest.getByTestId('sign-in-guest').click()
    await guest.getByTestId('join-audio').click()
    await guest.getByRole('heading', { name: /^The meeting ended on January 1, 2021 at 11:00\sAM$/u }).waitFor()
  })

  test('without its key leads nowhere but for its users', async () => {
    const { uri } = await meet()
    const address = `${stack.url}/?room=${encodeURIComponent(uri)}`
    const carol = await open(address)
    expect(await carol.getByTestId('sign-in-guest').count()).toBe(0)
    await signIn(carol, 'carol')
    await carol.getByTestId('join-audio').click()
    await carol.getByRole('heading', { name: 'This call no longer exists, or it is not open to you' }).waitFor()
    const bob = await open(address)
    await signIn(bob, 'bob')
    await bob.getByTestId('join-audio').click()
    await bob.getByRole('heading', { name: 'You are the first one here' }).waitFor()
  })
})
