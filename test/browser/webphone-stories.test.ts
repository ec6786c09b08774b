import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '#test/support/Phone.ts'

/** Every state of the webphone, on made-up people, held against axe and against the edges of the page. */

declare global {
  interface Window {
    axe: { run(options: { resultTypes: string[] }): Promise<AxeResults> }
  }
}

const root = resolve(import.meta.dirname, '..', '..')
const configFile = join(root, 'edge', 'web', 'stories', 'vite.config.ts')
const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const looks = [
  { name: 'desktop, light', viewport: { width: 1280, height: 800 }, query: 'theme=light', rules: true },
  { name: 'phone, dark', viewport: { width: 360, height: 740 }, query: 'theme=dark', rules: true },
  // Longer words in another size: what may break here is the layout.
  { name: 'tablet, Spanish', viewport: { width: 834, height: 1100 }, query: 'theme=light&language=es', rules: false },
] as const
const [desktop] = looks

let outDir: string
let server: PreviewServer
let browser: Browser
let url: string

beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'ringway-stories-'))
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  server = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { host: '127.0.0.1', port: 0, strictPort: false } })
  url = server.resolvedUrls?.local[0] ?? ''
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(outDir, { recursive: true, force: true })
})

/** What a page complained about since it was last asked. */
const complaintsOf = new WeakMap<Page, string[]>()

async function newPage(viewport: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const complaints: string[] = []
  complaintsOf.set(page, complaints)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return page
}

async function show(page: Page, story: string, query: string): Promise<void> {
  await page.goto(`${url}?story=${story}&${query}`)
  await page.locator('#root[data-ready]').waitFor({ state: 'attached' })
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  // What fades in is judged once it is there; what turns for ever is not waited for.
  await page.evaluate(async () => {
    const finite = document.getAnimations().filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime))
    await Promise.allSettled(finite.map((animation) => animation.finished))
  })
}

/** A story on a page of its own. */
async function open(story: string): Promise<Page> {
  const page = await newPage(desktop.viewport)
  await show(page, story, desktop.query)
  return page
}

async function storyNames(): Promise<string[]> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('link').first().waitFor()
  const names = await page.getByRole('link').allInnerTexts()
  await context.close()
  return names
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axeSource })
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`))
}

describe.each(looks)('on $name', (look) => {
  test('no state breaks a rule of accessibility, overflows the page or complains', async () => {
    const names = await storyNames()
    expect(names.length).toBeGreaterThan(25)
    const page = await newPage(look.viewport)
    const faults: string[] = []
    for (const story of names) {
      await show(page, story, look.query)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      const found = [
        ...(look.rules ? await violationsOf(page) : []),
        ...(overflow > 0 ? [`wider than the page by ${String(overflow)} px`] : []),
        ...(complaintsOf.get(page)?.splice(0) ?? []),
      ]
      faults.push(...found.map((fault) => `${story}: ${fault}`))
    }
    await page.context().close()
    expect(faults).toEqual([])
  }, 240_000)
})

describe('the focus', () => {
  test('goes into a call that rings, and onto none of its buttons', async () => {
    const page = await open('incoming-video')
    const dialog = page.getByRole('alertdialog', { name: 'Carol Nwosu is calling with video' })
    await dialog.waitFor()
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BUTTON')
    // Whoever was typing neither answers nor declines.
    await page.keyboard.type('a d\n')
    expect(await dialog.isVisible()).toBe(true)
    // Escape only silences.
    await page.keyboard.press('Escape')
    expect(await page.getByTestId('silence').innerText()).toBe('Silenced')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('accept-audio')
    await page.context().close()
  })

  test('stays where it is when a second call rings, and a key goes there', async () => {
    const page = await open('incoming-in-call')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.id ?? '')
    expect(await focused()).toBe('call-title')
    await page.keyboard.press('i')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('silence')
    await page.context().close()
  })

  test('goes to the title of a call that begins and to the words that end it', async () => {
    const page = await open('incoming-video')
    await page.getByTestId('accept-video').click()
    await page.getByTestId('hang-up').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('call-title')
    await page.keyboard.press('Shift+H')
    await page.getByTestId('call-summary').waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Call ended')
    await page.context().close()
  })
})

describe('keys', () => {
  test('mute, switch the camera, open the participants, and can be turned off', async () => {
    const page = await open('call-video')
    await page.keyboard.press('m')
    await page.getByRole('button', { name: 'Unmute microphone' }).waitFor()
    await page.keyboard.press('v')
    await page.getByRole('button', { name: 'Turn camera on' }).waitFor()
    await page.keyboard.press('p')
    await page.getByRole('complementary', { name: 'People' }).waitFor()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.getByText('Use single-key shortcuts').click()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('m')
    expect(await page.getByRole('button', { name: 'Unmute microphone' }).count()).toBe(1)
    await page.context().close()
  })

  test('call somebody without a mouse', async () => {
    const page = await open('home')
    await page.keyboard.press('/')
    await page.keyboard.type('carol')
    await page.getByTestId('contact-bob').waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.getByTestId('call-state').waitFor()
    expect(await page.getByTestId('call-state').getAttribute('data-state')).toBe('ringing')
    await page.context().close()
  })
})

describe('what is read out', () => {
  test('names who calls, and says whether one is heard', async () => {
    const ringing = await open('incoming-audio')
    expect(await ringing.getByTestId('live-assertive').innerText()).toBe('Bob Lindqvist is calling')
    await ringing.context().close()
    const page = await open('call-audio')
    await page.keyboard.press('m')
    await page.getByTestId('live-polite').filter({ hasText: 'Microphone off' }).waitFor({ state: 'attached' })
    await page.context().close()
  })
})

describe('the title', () => {
  test('turns to and fro while it rings, unless motion is unwanted', async () => {
    const page = await open('incoming-audio')
    expect(await page.title()).toContain('Bob Lindqvist is calling')
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await page.waitForFunction(() => document.title === 'Ringway')
    await page.waitForFunction(() => document.title.includes('Bob Lindqvist is calling'))
    await page.context().close()
  })
})
