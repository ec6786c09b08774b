import type { Logger } from '#shared/log/logger.ts'
import { backoffMs, type BackoffBounds, linkBackoff } from './backoff.ts'
import { dial } from './dial.ts'
import type { SocketTarget } from './edge-addresses.ts'
import type { LinkEnd } from './FleetLink.ts'

/** A link that lived this long was a real one: the wait starts over. In milliseconds. */
const settledMs = 5000

export interface RedialerOptions {
  /** Where to dial now; asked before each try. Rejecting counts as a failed try. */
  readonly target: (signal: AbortSignal) => Promise<SocketTarget>
  /** Takes over a socket as it opens; resolves when it is over. `stop` ends the redialling. */
  readonly serve: (socket: WebSocket) => Promise<LinkEnd | 'stop'>
  /** Hears of each failed try, before the wait. */
  readonly failed?: (error: unknown, signal: AbortSignal) => Promise<void>
  readonly logger: Logger
  readonly backoff?: BackoffBounds
  readonly random?: () => number
}

/** Keeps one socket open: dials, serves, waits with jittered backoff, dials again, until it is closed. */
export class Redialer {
  readonly #options: RedialerOptions
  readonly #closing = new AbortController()
  #wake: () => void = () => undefined

  static start(options: RedialerOptions): Redialer {
    const redialer = new Redialer(options)
    void redialer.#run()
    return redialer
  }

  private constructor(options: RedialerOptions) {
    this.#options = options
  }

  /** Tries at once if it is waiting. */
  retryNow(): void {
    this.#wake()
  }

  /** Stops redialling and gives up a try under way. The socket in use belongs to whoever serves it. */
  close(): void {
    this.#closing.abort()
    this.#wake()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const served = await this.#open(signal)
      if (served !== undefined) {
        const since = performance.now()
        const end = await served.used
        if (end === 'stop') return
        this.#options.logger.info('link.lost', { cause: end.cause, code: end.code })
        if (performance.now() - since >= settledMs) attempt = 0
      }
      if (!signal.aborted) await this.#wait(attempt)
    }
  }

  async #open(signal: AbortSignal): Promise<{ readonly used: Promise<LinkEnd | 'stop'> } | undefined> {
    const { target, serve } = this.#options
    try {
      return await dial(await target(signal), { signal, use: serve })
    } catch (error) {
      if (signal.aborted) return undefined
      this.#options.logger.debug('link.dialFailed', { error })
      await this.#options.failed?.(error, signal)
      return undefined
    }
  }

  #wait(attempt: number): Promise<void> {
    const { backoff = linkBackoff, random = Math.random } = this.#options
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, backoffMs(attempt, { bounds: backoff, random }))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
