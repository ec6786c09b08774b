import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '#test/support/stack.ts'

/** The webphone as its users have it: by its buttons, keys and words, against a whole Ringway. */

let stack: Stack
let browser: Browser
let pages: Page[] = []
const complaints: string[] = []

beforeAll(async () => {
  stack = await startStack({ web: true })
  browser = await launch()
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

/** Ten pictures a second are enough to be seen, and leave the machine to the calls. `devices`: what the user answers when asked for them. */
function launch(options: { devices: 'allow' | 'deny' } = { devices: 'allow' }): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--use-fake-device-for-media-stream=fps=10',
      `--use-fake-ui-for-media-stream${options.devices === 'deny' ? '=deny' : ''}`,
      '--auto-select-desktop-capture-source=Entire screen',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

async function openPage(options: { path?: string; viewport?: { width: number; height: number }; by?: Browser } = {}): Promise<Page> {
  const context = await (options.by ?? browser).newContext({ viewport: options.viewport ?? { width: 1100, height: 760 } })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    // What a policy forbids is told here only; a refused request is one too, and expected where a password is wrong.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  await page.goto(`${stack.url}${options.path ?? '/'}`)
  pages.push(page)
  return page
}

async function signIn(page: Page, username: string, password = 'ringway-demo'): Promise<void> {
  await page.getByTestId('username').fill(username)
  await page.getByTestId('password').fill(password)
  await page.getByTestId('sign-in').click()
}

async function phoneOf(username: string, options: Parameters<typeof openPage>[0] = {}): Promise<Page> {
  const page = await openPage(options)
  await signIn(page, username)
  await page.getByTestId('search').waitFor()
  return page
}

const inState = (page: Page, state: string) => page.locator(`[data-testid="call-state"][data-state="${state}"]`).waitFor()
const tileOf = (page: Page, username: string, facts = '') =>
  page.locator(`[data-testid^="tile-"][data-username="${username}@default"]${facts}`)

/** Resolves when the pictures of so many are moving in their tiles. */
const seeing = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll<HTMLVideoElement>('figure video')].filter((video) => video.videoWidth > 0 && video.currentTime > 0)
        .length === wanted,
    count,
  )

/** Resolves when the sound of so many others is being played. */
const hearing = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) => [...document.querySelectorAll('audio')].filter((audio) => !audio.paused && audio.currentTime > 0).length === wanted,
    count,
  )

async function callByVideo(caller: Page, callee: Page, name: string): Promise<void> {
  await caller.getByTestId(`contact-${name}`).getByTestId('call-video').click()
  await callee.getByTestId('accept-video').click()
  await Promise.all([inState(caller, 'active'), inState(callee, 'active')])
  await Promise.all([seeing(caller, 2), seeing(callee, 2), hearing(caller, 1), hearing(callee, 1)])
}

describe('signing in', () => {
  test('tells what is missing and what is wrong, and lets in what is right', async () => {
    const page = await openPage()
    await page.getByTestId('sign-in').click()
    await page.getByText('Enter your username.').waitFor()
    await signIn(page, 'alice', 'not her password')
    await page.getByTestId('sign-in-error').getByText('wrong').waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('password')
    await signIn(page, 'alice@default')
    await page.getByRole('heading', { level: 1, name: /^Hello, / }).waitFor()
    expect(await page.getByTestId('contact-alice').count()).toBe(0)
    await page.getByTestId('contact-bob').waitFor()
  })

  test('lasts through a reload and ends where it is asked to', async () => {
    const page = await phoneOf('alice')
    await page.reload()
    await page.getByTestId('contact-bob').waitFor()
    await page.getByTestId('account-menu').click()
    await page.getByTestId('sign-out').click()
    await page.getByTestId('username').waitFor()
    await page.reload()
    await page.getByTestId('username').waitFor()
  })

  test('shows nothing of the client to the page unless the address asks for it', async () => {
    const page = await phoneOf('alice')
    expect(await page.evaluate(() => '__ringway' in window)).toBe(false)
  })
})

describe('two parties', () => {
  test('see and hear each other, mute, switch cameras, share a screen, hang up', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    await callByVideo(alice, bob, 'bob')
    await alice.keyboard.press('m')
    await tileOf(bob, 'alice', '[data-muted="true"]').waitFor()
    await alice.getByTestId('control-microphone').click()
    await tileOf(bob, 'alice', '[data-muted="false"]').waitFor()
    await alice.keyboard.press('v')
    await tileOf(bob, 'alice', '[data-camera="false"]').waitFor()
    await alice.keyboard.press('v')
    await tileOf(bob, 'alice', '[data-camera="true"]').waitFor()
    await seeing(bob, 2)
    await alice.getByTestId('control-screen').click()
    await bob.getByRole('figure', { name: /^Screen of / }).waitFor()
    await seeing(bob, 3)
    await alice.getByTestId('control-screen').click()
    await bob.getByRole('figure', { name: /^Screen of / }).waitFor({ state: 'detached' })
    await alice.getByTestId('hang-up').click()
    await bob.getByRole('heading', { name: 'The other side hung up' }).waitFor()
    await alice.getByRole('heading', { name: 'Call ended' }).waitFor()
  })

  test('are both in the call again when one reloads, and Back only looks away from it', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    await callByVideo(alice, bob, 'bob')
    await bob.reload()
    await inState(bob, 'active')
    await Promise.all([seeing(alice, 2), seeing(bob, 2), hearing(alice, 1)])
    await alice.goBack()
    await alice.getByTestId('return-to-call').click()
    await inState(alice, 'active')
    await alice.getByTestId('hang-up').click()
    await bob.getByTestId('call-summary').waitFor()
    expect(await bob.getByTestId('call-again').count()).toBe(1)
  })

  test('on a phone', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob', { viewport: { width: 390, height: 800 } })]
    await callByVideo(alice, bob, 'bob')
    await bob.getByTestId('control-more').click()
    await bob.getByTestId('control-devices').click()
    await bob.getByRole('dialog', { name: 'Devices' }).waitFor()
    await bob.keyboard.press('Escape')
    await bob.getByTestId('hang-up').click()
    await alice.getByTestId('call-summary').waitFor()
  })
})

describe('three parties', () => {
  test('one rung from within the call; its owner mutes, locks, removes and ends', async () => {
    const [alice, bob, carol] = [await phoneOf('alice'), await phoneOf('bob'), await phoneOf('carol')]
    await callByVideo(alice, bob, 'bob')
    await alice.keyboard.press('a')
    await alice.getByTestId('add-people').getByTestId('contact-carol').getByTestId('add-to-call').click()
    await alice.getByTestId('ringing-tile').waitFor()
    await carol.getByTestId('accept-video').click()
    await Promise.all([seeing(alice, 3), seeing(bob, 3), seeing(carol, 3), hearing(carol, 2)])

    await alice.keyboard.press('p')
    const panel = alice.getByRole('complementary', { name: 'People' })
    await panel.getByTestId('toggle-lock').click()
    await carol.getByTestId('locked').waitFor()
    const row = panel.locator('[data-username="carol@default"]')
    await row.getByRole('button').click()
    await alice.getByTestId('mute-participant').click()
    await tileOf(bob, 'carol', '[data-muted="true"]').waitFor()
    await carol.getByText('The host muted you').waitFor()
    await row.getByRole('button').click()
    await alice.getByTestId('kick-participant').click()
    await carol.getByTestId('call-summary').waitFor()
    await tileOf(bob, 'carol').waitFor({ state: 'detached' })
    await alice.getByTestId('hang-up').click()
    await bob.getByTestId('call-summary').waitFor()
  })

  test('a second call rings in a corner, and answering it leaves the first', async () => {
    const [alice, bob, carol] = [await phoneOf('alice'), await phoneOf('bob'), await phoneOf('carol')]
    await callByVideo(alice, bob, 'bob')
    await carol.getByTestId('contact-alice').getByTestId('call-audio').click()
    await alice.getByTestId('incoming-call').waitFor()
    await alice.getByTestId('accept-audio').click()
    await inState(carol, 'active')
    await tileOf(alice, 'carol').waitFor()
    await bob.getByTestId('call-summary').waitFor()
    await alice.getByTestId('hang-up').click()
    await carol.getByTestId('call-summary').waitFor()
  })
})

describe('a call that comes to nothing says why', () => {
  test('offline, unknown, declined, given up', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    const says = (title: string | RegExp) => alice.getByTestId('call-summary').getByRole('heading', { name: title }).waitFor()
    await alice.getByTestId('contact-dave').getByTestId('call-audio').click()
    await says(/is offline$/)
    await alice.getByTestId('search').fill('nobody-of-this-name')
    await alice.keyboard.press('Enter')
    await says('There is nobody of this name')
    await alice.getByTestId('search').fill('bob')
    await alice.keyboard.press('Enter')
    await bob.getByTestId('decline').click()
    await says(/declined the call$/)
    await alice.getByTestId('call-again').click()
    await bob.getByTestId('incoming-call').waitFor()
    await alice.getByTestId('hang-up').click()
    await says('Call cancelled')
    await bob.getByText(/^Missed call from /).waitFor()
    expect(await bob.getByTestId('incoming-call').count()).toBe(0)
  })
})

describe('a conference', () => {
  test('is made, joined by its link, also by somebody who must sign in first, and kept through a reload', async () => {
    const alice = await phoneOf('alice')
    await alice.getByTestId('new-conference').click()
    const link = await alice.getByTestId('conference-address').innerText()
    await alice.getByTestId('join-video').click()
    await alice.getByRole('heading', { name: 'You are the first one here' }).waitFor()
    expect(alice.url()).toBe(link)
    const bob = await openPage({ path: new URL(link).pathname + new URL(link).search })
    await bob.getByText('Sign in to join the conference.').waitFor()
    await signIn(bob, 'bob')
    await bob.getByTestId('join-audio').click()
    await tileOf(alice, 'bob').waitFor()
    await bob.reload()
    await inState(bob, 'active')
    await hearing(alice, 1)
    await bob.getByTestId('hang-up').click()
    await bob.getByTestId('call-again').waitFor()
    await alice.getByTestId('hang-up').click()
    await alice.getByTestId('call-summary').waitFor()
  })
})

describe('sound that the browser holds back', () => {
  test('is heard after a click', async () => {
    const [alice, bob] = [await phoneOf('alice'), await phoneOf('bob')]
    // As browsers do on a page that nobody has touched since it was loaded.
    await bob.evaluate(() => {
      const { play } = HTMLAudioElement.prototype
      HTMLAudioElement.prototype.play = function (this: HTMLAudioElement) {
        if (document.querySelector('[data-touched]') !== null) return play.call(this)
        this.autoplay = false
        return Promise.reject(new DOMException('Nobody has touched the page', 'NotAllowedError'))
      }
    })
    await alice.getByTestId('contact-bob').getByTestId('call-audio').click()
    await bob.getByTestId('accept-audio').click()
    await bob.getByTestId('enable-sound').waitFor()
    await bob.evaluate(() => document.body.setAttribute('data-touched', ''))
    await bob.getByTestId('enable-sound').click()
    await hearing(bob, 1)
    expect(await bob.getByTestId('enable-sound').count()).toBe(0)
    await bob.getByTestId('hang-up').click()
    await alice.getByTestId('call-summary').waitFor()
  })
})

describe('without devices', () => {
  test('somebody whose browser refuses them is still in the call, and told what to do', async () => {
    const refusing = await launch({ devices: 'deny' })
    try {
      const alice = await phoneOf('alice')
      const bob = await phoneOf('bob', { by: refusing })
      await alice.getByTestId('contact-bob').getByTestId('call-video').click()
      await bob.getByTestId('accept-video').click()
      await inState(alice, 'active')
      await bob.getByTestId('refused-microphone').waitFor()
      await bob.getByTestId('refused-camera').waitFor()
      await tileOf(alice, 'bob', '[data-muted="true"][data-camera="false"]').waitFor()
      await seeing(bob, 1)
      await bob.getByTestId('hang-up').click()
      await alice.getByTestId('call-summary').waitFor()
    } finally {
      await refusing.close()
    }
  })
})
