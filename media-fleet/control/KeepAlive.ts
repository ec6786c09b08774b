import { heartbeatSeconds, missedHeartbeats } from '#shared/protocol/fleet/host-link.ts'

/**
 * The text frame `ping` at a fixed interval. The edge answers `pong` from its runtime, without waking
 * an object. Any frame shows that the far side lives; an interval without one counts as missed.
 */
export class KeepAlive {
  readonly #send: (frame: 'ping') => void
  readonly #lost: () => void
  readonly #timer: NodeJS.Timeout
  #missed = 0
  #sentAt: number | undefined
  #roundTripMs: number | undefined

  static start(options: { send: (frame: 'ping') => void; lost: () => void; intervalMs?: number }): KeepAlive {
    return new KeepAlive(options)
  }

  private constructor(options: { send: (frame: 'ping') => void; lost: () => void; intervalMs?: number }) {
    this.#send = options.send
    this.#lost = options.lost
    this.#timer = setInterval(() => this.#beat(), options.intervalMs ?? heartbeatSeconds * 1000)
  }

  /** Milliseconds from the last answered ping to its pong; undefined before the first one. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  /** To be told of each frame that arrives. True: the frame was a pong, and nobody else's. */
  heard(frame: unknown): boolean {
    this.#missed = 0
    if (frame !== 'pong') return false
    if (this.#sentAt !== undefined) this.#roundTripMs = performance.now() - this.#sentAt
    this.#sentAt = undefined
    return true
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    if (this.#missed >= missedHeartbeats) {
      this.close()
      this.#lost()
      return
    }
    this.#missed += 1
    this.#sentAt = performance.now()
    this.#send('ping')
  }
}
