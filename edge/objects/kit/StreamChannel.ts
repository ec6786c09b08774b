import type { Channel } from './Channel.ts'

/** The runtime tells of a client that has gone only when something is written to it, so this is also how soon a loss is noticed. */
const keepAliveEvery = 5_000
/** A client that reads this slowly is given up; it resumes by its session. */
const maxBuffered = 1024 * 1024

/**
 * Server-sent events (HTML, "Server-sent events") for clients without WebSockets. Frames are unnamed
 * events; the first event, `connection`, carries the id to name in POSTs; the last, `close`, what a
 * WebSocket's close frame would say. It lives in memory: while it is open the object does not hibernate.
 */
export class StreamChannel implements Channel {
  readonly #encoder = new TextEncoder()
  readonly #onGone: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  readonly body: ReadableStream<Uint8Array>

  constructor(options: { connectionId: string; onGone: () => void }) {
    this.#onGone = options.onGone
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        cancel: () => this.#lose(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxBuffered }),
    )
    this.#timer = setInterval(() => this.#write(': keep-alive\n\n'), keepAliveEvery)
    this.#write(`event: connection\ndata: ${JSON.stringify({ connectionId: options.connectionId })}\n\n`)
  }

  get open(): boolean {
    return this.#controller !== undefined
  }

  /** `text` is JSON in one line. */
  send(text: string): void {
    this.#write(`data: ${text}\n\n`)
  }

  close(code: number, reason: string): void {
    this.#write(`event: close\ndata: ${JSON.stringify({ code, reason })}\n\n`)
    const controller = this.#drop()
    try {
      controller?.close()
    } catch {
      // The stream has failed already.
    }
  }

  /** Nothing survives the stream, so there is nowhere to keep it. */
  save(): void {}

  forget(): void {}

  /** Keep-alives go the other way here. */
  heardAt(): number {
    return Number.POSITIVE_INFINITY
  }

  #write(text: string): void {
    const controller = this.#controller
    if (controller === undefined) return
    try {
      controller.enqueue(this.#encoder.encode(text))
    } catch {
      this.#lose()
      return
    }
    if ((controller.desiredSize ?? 0) > 0) return
    this.#lose()
    controller.error(new Error('The client reads too slowly'))
  }

  #lose(): void {
    if (this.#drop() !== undefined) this.#onGone()
  }

  #drop(): ReadableStreamDefaultController<Uint8Array> | undefined {
    clearInterval(this.#timer)
    const controller = this.#controller
    this.#controller = undefined
    return controller
  }
}
