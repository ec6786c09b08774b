import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { TrackStats } from '#shared/sdk/index.ts'
import { BenchBrowser } from '../browser/BenchBrowser.ts'
import { bundleForPage } from '../browser/bundle.ts'
import type { Deployment } from '../deployment/Deployment.ts'
import { round } from '../kit/statistics.ts'

/** What one browser received from the other while the load ran. */
export interface ReceivedQuality {
  readonly at: 'caller' | 'callee'
  /** Share of the played samples that had to be made up. */
  readonly concealed: number
  readonly audioJitterMs: number
  readonly audioLoss: number
  /** Whether there was sound in it. */
  readonly audible: boolean
  /** Decoded frames a second, of 15 that are sent. */
  readonly framesPerSecond: number
  readonly videoJitterMs: number
  readonly videoLoss: number
}

const receivingWithinMs = 30_000
const names = ['caller', 'callee'] as const

/** One more call, between two Chromium contexts, to see by what a user would see how the load is borne. */
export class QualityCall {
  readonly #browser: BenchBrowser
  readonly #pages: readonly [Page, Page]

  private constructor(browser: BenchBrowser, pages: readonly [Page, Page]) {
    this.#browser = browser
    this.#pages = pages
  }

  /** Signs two users in; they are idle until `measure`. */
  static async prepare(deployment: Deployment): Promise<QualityCall> {
    const browser = await BenchBrowser.start()
    try {
      const script = await bundleForPage('calls/quality-page.ts')
      const open = async (role: string): Promise<Page> => {
        const account = await deployment.createUser(`quality-${role}`)
        const page = await browser.open({ url: `${deployment.url}/healthz`, script })
        await page.evaluate((options) => window.quality.connect(options), { ...account })
        return page
      }
      return new QualityCall(browser, [await open('caller'), await open('callee')])
    } catch (error) {
      await browser.close()
      throw error
    }
  }

  get chromium(): string {
    return this.#browser.version
  }

  /** Calls, measures for so long, and hangs up. `meanwhile` runs during the measurement. */
  async measure<T>(seconds: number, meanwhile: () => Promise<T>): Promise<{ received: readonly ReceivedQuality[]; meanwhile: T }> {
    const [caller] = this.#pages
    await caller.evaluate(() => window.quality.call('quality-callee'))
    const late = new AbortController()
    const tooLate = sleep(receivingWithinMs, undefined, { signal: late.signal }).then(() => {
      throw new Error('The call between the browsers did not come to flow')
    })
    tooLate.catch(() => undefined)
    await Promise.race([Promise.all(this.#pages.map((page) => page.evaluate(() => window.quality.receiving()))), tooLate])
    late.abort()
    const before = await this.#received()
    const startedAt = performance.now()
    const [result] = await Promise.all([meanwhile(), sleep(seconds * 1000)])
    const after = await this.#received()
    const elapsed = (performance.now() - startedAt) / 1000
    await caller.evaluate(() => window.quality.hangUp())
    const received = names.map((at, index) => qualityOf(at, { before: before[index] ?? [], after: after[index] ?? [], elapsed }))
    return { received, meanwhile: result }
  }

  close(): Promise<void> {
    return this.#browser.close()
  }

  #received(): Promise<readonly (readonly TrackStats[])[]> {
    return Promise.all(this.#pages.map((page) => page.evaluate(() => window.quality.received())))
  }
}

function qualityOf(
  at: ReceivedQuality['at'],
  stats: { before: readonly TrackStats[]; after: readonly TrackStats[]; elapsed: number },
): ReceivedQuality {
  const grown = (kind: 'audio' | 'video', of: (track: TrackStats) => number | null): number => {
    const value = (tracks: readonly TrackStats[]): number =>
      tracks.filter((track) => track.kind === kind).reduce((sum, track) => sum + (of(track) ?? 0), 0)
    return value(stats.after) - value(stats.before)
  }
  const lossOf = (kind: 'audio' | 'video'): number => {
    const lost = grown(kind, ({ packetsLost }) => packetsLost)
    return round(lost / Math.max(1, lost + grown(kind, ({ packets }) => packets)), 5)
  }
  const jitterOf = (kind: 'audio' | 'video'): number => round(1000 * (stats.after.find((track) => track.kind === kind)?.jitter ?? 0), 1)
  return {
    at,
    concealed: round(
      grown('audio', ({ concealedSamples }) => concealedSamples) /
        Math.max(
          1,
          grown('audio', ({ samples }) => samples),
        ),
      5,
    ),
    audioJitterMs: jitterOf('audio'),
    audioLoss: lossOf('audio'),
    audible: grown('audio', ({ audioEnergy }) => audioEnergy) > 0,
    framesPerSecond: round(grown('video', ({ frames }) => frames) / stats.elapsed, 1),
    videoJitterMs: jitterOf('video'),
    videoLoss: lossOf('video'),
  }
}
