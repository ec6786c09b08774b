import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import type { SignalingTiming } from './timing.ts'

/**
 * Notices a connection that is dead without having been closed, as after a change of network. The
 * server's socket answers by itself, without waking the object behind it.
 *
 * Each answer sets the timer of the next question. An interval would not do: browsers let the timers of
 * hidden pages fire once a minute if they were set by timers, and a message is none. So a phone in a
 * background tab stays reachable.
 */
export class KeepAlive {
  readonly #timing: SignalingTiming
  readonly #send: (message: string) => void
  readonly #dead: () => void
  /** Until the next question, or, while `#asking`, for the answer. */
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false

  constructor(options: { timing: SignalingTiming; send: (message: string) => void; dead: () => void }) {
    this.#timing = options.timing
    this.#send = options.send
    this.#dead = options.dead
  }

  start(): void {
    this.stop()
    this.#timer = setTimeout(() => this.#ask(this.#timing.pongTimeout), this.#timing.pingInterval)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#asking = false
  }

  /** Asks at once, with less patience. */
  probe(): void {
    this.stop()
    this.#ask(this.#timing.wakeTimeout)
  }

  /** Anything received is an answer. True for what is nothing else, and so no message. */
  handleMessage(text: string): boolean {
    if (this.#asking) this.start()
    return text === keepAlive.response
  }

  #ask(patience: number): void {
    this.#asking = true
    this.#timer = setTimeout(() => this.#dead(), patience)
    this.#send(keepAlive.request)
  }
}
