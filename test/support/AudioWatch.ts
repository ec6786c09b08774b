import type { Page } from 'playwright-core'

declare global {
  interface Window {
    /** Times at which received audio packets were seen to rise, in milliseconds of the page's clock. */
    audioSeen?: number[]
  }
}

const everyMs = 50

/** Watches, inside a page, the packets of received audio, to tell how long none came. */
export class AudioWatch {
  readonly #page: Page
  readonly #from: number

  private constructor(page: Page, from: number) {
    this.#page = page
    this.#from = from
  }

  static async start(page: Page): Promise<AudioWatch> {
    const from = await page.evaluate((everyMs) => {
      const seen: number[] = (window.audioSeen = [])
      const last = new Map<string, number>()
      const look = async (): Promise<void> => {
        const [call] = window.__ringway?.client.calls.values() ?? []
        for (const track of (await call?.getStats())?.tracks ?? []) {
          if (track.direction !== 'recv' || track.kind !== 'audio') continue
          const key = String(track.publicationId)
          const before = last.get(key)
          // Counters begin anew when media moves, so any change is an arrival.
          if (track.packets > 0 && before !== track.packets) seen.push(performance.now())
          last.set(key, track.packets)
        }
        if (window.audioSeen === seen) setTimeout(() => void look(), everyMs)
      }
      void look()
      return performance.now()
    }, everyMs)
    return new AudioWatch(page, from)
  }

  /** The longest time without a packet, once packets have been coming for a second again after a gap of at least 200 ms. */
  async gapUntilFlowing(): Promise<number> {
    const handle = await this.#page.waitForFunction((from) => {
      const seen = window.audioSeen ?? []
      const times = [from, ...seen]
      let longest = 0
      let after = 0
      for (let index = 1; index < times.length; index++) {
        const gap = (times[index] ?? 0) - (times[index - 1] ?? 0)
        if (gap > longest) {
          longest = gap
          after = times[index] ?? 0
        }
      }
      return longest > 200 && performance.now() - after > 1_000 ? Math.round(longest) : null
    }, this.#from)
    const gap = await handle.jsonValue()
    if (gap === null) throw new Error('No gap was seen')
    return gap
  }

  /** The longest time without a packet so far. */
  async longestGap(): Promise<number> {
    return this.#page.evaluate((from) => {
      const times = [from, ...(window.audioSeen ?? []), performance.now()]
      return Math.round(Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0))))
    }, this.#from)
  }
}
