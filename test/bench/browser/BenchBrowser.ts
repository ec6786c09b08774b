import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { writeVoice } from './voice.ts'

/** Chromium without a window, whose microphone is a file and whose camera is a moving picture. */
export class BenchBrowser {
  readonly #browser: Browser
  readonly #removeVoice: () => void

  static async start(): Promise<BenchBrowser> {
    const voice = writeVoice()
    const given = process.env['CHROMIUM_BIN']
    try {
      const browser = await chromium.launch({
        executablePath: given !== undefined && existsSync(given) ? given : '/usr/bin/chromium',
        args: [
          '--headless=new',
          '--no-sandbox',
          '--use-fake-device-for-media-stream',
          '--use-fake-ui-for-media-stream',
          `--use-file-for-fake-audio-capture=${voice.path}`,
          '--autoplay-policy=no-user-gesture-required',
          // Two pages talk to each other, and one of them is always in the background.
          '--disable-background-timer-throttling',
          '--disable-backgrounding-occluded-windows',
          '--disable-renderer-backgrounding',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--no-first-run',
        ],
      })
      return new BenchBrowser(browser, voice.remove)
    } catch (error) {
      voice.remove()
      throw error
    }
  }

  private constructor(browser: Browser, removeVoice: () => void) {
    this.#browser = browser
    this.#removeVoice = removeVoice
  }

  get version(): string {
    return this.#browser.version()
  }

  /** A page of its own context at this address, with the script run in it. */
  async open(options: { url: string; script: string }): Promise<Page> {
    const context: BrowserContext = await this.#browser.newContext({ permissions: ['microphone', 'camera'] })
    const page = await context.newPage()
    page.on('pageerror', (error) => console.error(`In the page: ${error.stack ?? error.message}`))
    await page.goto(options.url)
    await page.addScriptTag({ content: options.script })
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#removeVoice()
  }
}
