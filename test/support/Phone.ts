import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { toneWav } from './tone.ts'
import type { RingwayClient, TrackStats } from '#shared/sdk/index.ts'

declare global {
  interface Window {
    /** The webphone's client, where the address says `?test`. */
    __ringway?: { client: RingwayClient }
    /** What the calls of this page told, in order. */
    heard?: string[]
  }
}

/** Chromium whose devices are generated: a steady tone, and a moving picture or the one given (YUV4MPEG2). */
export async function launchBrowser(
  options: { camera?: Buffer; executablePath?: string; home?: string; args?: readonly string[] } = {},
): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'ringway-devices-'))
  const tone = join(folder, 'tone.wav')
  writeFileSync(tone, toneWav())
  const camera = join(folder, 'camera.y4m')
  if (options.camera !== undefined) writeFileSync(camera, options.camera)
  const browser = await chromium.launch({
    executablePath: options.executablePath ?? process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    headless: true,
    ...(options.home === undefined ? {} : { env: { ...process.env, HOME: options.home } }),
    args: [
      '--headless=new',
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${tone}`,
      ...(options.camera === undefined ? [] : [`--use-file-for-fake-video-capture=${camera}`]),
      '--auto-select-desktop-capture-source=Entire screen',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...(options.args ?? []),
    ],
  })
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }))
  return browser
}

export interface Video {
  readonly width: number
  readonly height: number
  readonly frameRate: number
}

/** Small enough that four parties fit into one browser on two cores. */
export const smallVideo: Video = { width: 320, height: 180, frameRate: 10 }

/** What arrives of one track between two looks at it. */
interface Arrival {
  readonly participantId: string
  readonly source: string
  readonly packets: number
  readonly frames: number
  readonly energy: number
}

/** One user at the webphone in a browser context of its own. */
export class Phone {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors that the page did not catch. */
  readonly errors: string[] = []

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message))
  }

  /** Opens the webphone, signed out. */
  static async open(browser: Browser, url: string): Promise<Phone> {
    const context = await browser.newContext({ permissions: ['microphone', 'camera'], viewport: { width: 1000, height: 700 } })
    const phone = new Phone(context, await context.newPage())
    await phone.page.goto(`${url}/?test`)
    return phone
  }

  /** Opens the webphone and signs in by its form. */
  static async signedIn(browser: Browser, url: string, account: { username: string; password: string }): Promise<Phone> {
    const phone = await Phone.open(browser, url)
    await phone.signIn(account)
    return phone
  }

  async signIn(account: { username: string; password: string }): Promise<void> {
    await this.page.getByTestId('username').fill(account.username)
    await this.page.getByTestId('password').fill(account.password)
    await this.page.getByTestId('sign-in').click()
    await this.untilOnline()
  }

  async untilOnline(): Promise<void> {
    await this.page.waitForFunction(() => window.__ringway?.client.state === 'online')
  }

  /** Rings somebody; resolves with the room's id as soon as it rings. */
  call(to: string | readonly string[], media: { video?: boolean | Video; simulcast?: boolean } = {}): Promise<string> {
    return this.page.evaluate(
      async ({ to, media }) => {
        const call = await window.__ringway?.client.call({ to, audio: true, ...media })
        return call?.id ?? ''
      },
      { to, media },
    )
  }

  /** Rings one more into the call that is on. */
  async invite(to: string): Promise<void> {
    await this.page.evaluate(async (to) => {
      const [call] = window.__ringway?.client.calls.values() ?? []
      await call?.invite(to, { video: true })
    }, to)
  }

  /** Waits until it rings, and answers. */
  async answer(media: { video?: boolean | Video; simulcast?: boolean } = {}): Promise<void> {
    await this.page.waitForFunction(() => (window.__ringway?.client.invites.size ?? 0) > 0)
    await this.page.evaluate(async (media) => {
      const [incoming] = window.__ringway?.client.invites.values() ?? []
      await incoming?.accept({ audio: true, ...media })
    }, media)
  }

  async hangUp(): Promise<void> {
    await this.page.evaluate(async () => {
      for (const call of window.__ringway?.client.calls.values() ?? []) await call.leave()
    })
  }

  /** Notes from now on what the call tells: who came, went, was gone and back. */
  async listen(): Promise<void> {
    await this.page.evaluate(() => {
      const heard: string[] = (window.heard = [])
      const [call] = window.__ringway?.client.calls.values() ?? []
      if (call === undefined) throw new Error('There is no call to listen to')
      call.on('participantJoined', ({ username }) => heard.push(`joined ${username}`))
      call.on('participantLeft', ({ participant }) => heard.push(`left ${participant.username}`))
      call.on('participantDown', ({ username }) => heard.push(`down ${username}`))
      call.on('participantUp', ({ username }) => heard.push(`up ${username}`))
      call.on('trackMuted', ({ participant, track }) =>
        heard.push(`${track.muted ? 'muted' : 'unmuted'} ${participant.username} ${track.source}`),
      )
      call.on('mediaMoved', ({ me, finished }) => me && !finished && heard.push('moved'))
      call.on('ended', (reason) => heard.push(`ended ${reason}`))
    })
  }

  async heard(): Promise<string[]> {
    return this.page.evaluate(() => window.heard ?? [])
  }

  /** Ids of everybody in the call, by username. */
  async participants(): Promise<Record<string, string>> {
    return this.page.evaluate(() => {
      const [call] = window.__ringway?.client.calls.values() ?? []
      return Object.fromEntries([...(call?.participants.values() ?? [])].map(({ username, id }) => [username, id]))
    })
  }

  async stats(): Promise<readonly TrackStats[]> {
    return this.page.evaluate(async () => {
      const [call] = window.__ringway?.client.calls.values() ?? []
      return (await call?.getStats())?.tracks ?? []
    })
  }

  /** How media of the call travels, of each transport: by itself, or over a TURN server and how. */
  async paths(): Promise<readonly (string | null)[]> {
    return this.page.evaluate(async () => {
      const [call] = window.__ringway?.client.calls.values() ?? []
      return ((await call?.getStats())?.transports ?? []).map(({ path }) => path)
    })
  }

  /**
   * Resolves when sound and, if asked, pictures of so many others are being decoded: within two looks the
   * audio energy and the frames of each of them have risen.
   */
  async untilReceiving(others: { audio: number; video?: number }): Promise<void> {
    const video = others.video ?? 0
    let before = await this.stats()
    for (;;) {
      await this.page.waitForTimeout(1_200)
      const now = await this.stats()
      const arrivals = arrivalsBetween(before, now)
      const heard = arrivals.filter(({ source, energy }) => source === 'microphone' && energy > 0)
      const seen = arrivals.filter(({ source, frames }) => source === 'camera' && frames > 0)
      if (heard.length === others.audio && seen.length === video) return
      before = now
    }
  }

  async close(): Promise<void> {
    await this.context.close()
  }
}

function arrivalsBetween(before: readonly TrackStats[], now: readonly TrackStats[]): Arrival[] {
  return now
    .filter(({ direction }) => direction === 'recv')
    .map((track) => {
      const earlier = before.find(({ direction, publicationId }) => direction === 'recv' && publicationId === track.publicationId)
      return {
        participantId: track.participantId,
        source: track.source,
        packets: track.packets - (earlier?.packets ?? 0),
        frames: (track.frames ?? 0) - (earlier?.frames ?? 0),
        energy: (track.audioEnergy ?? 0) - (earlier?.audioEnergy ?? 0),
      }
    })
}
