import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import type { SignalingTiming } from './timing.ts'

/**
 * Notices a connection that is dead without having been closed, as after a change of network. The
 * server's socket answers by itself, without waking the object behind it.
 */
export class KeepAlive {
  readonly #timing: SignalingTiming
  readonly #send: (message: string) => void
  readonly #dead: () => void
  #interval: ReturnType<typeof setInterval> | undefined
  #deadline: ReturnType<typeof setTimeout> | undefined

  constructor(options: { timing: SignalingTiming; send: (message: string) => void; dead: () => void }) {
    this.#timing = options.timing
    this.#send = options.send
    this.#dead = options.dead
  }

  start(): void {
    this.stop()
    this.#interval = setInterval(() => this.#ping(this.#timing.pongTimeout), this.#timing.pingInterval)
  }

  stop(): void {
    clearInterval(this.#interval)
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Asks at once, with less patience. */
  probe(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#ping(this.#timing.wakeTimeout)
  }

  /** Anything received shows that the connection lives. True for an answer to a keep-alive, which is no message. */
  handleMessage(text: string): boolean {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    return text === keepAlive.response
  }

  #ping(patience: number): void {
    if (this.#deadline !== undefined) return
    this.#deadline = setTimeout(() => this.#dead(), patience)
    this.#send(keepAlive.request)
  }
}
