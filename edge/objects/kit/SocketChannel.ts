import type { Channel } from './Channel.ts'

/** Attachments hold 16,384 bytes; the rest is left for the encoding. */
const maxStateBytes = 12 * 1024

/** A hibernating WebSocket: the runtime keeps it, and its attachment, while the object sleeps. */
export class SocketChannel implements Channel {
  readonly #ctx: DurableObjectState
  readonly #socket: WebSocket

  constructor(ctx: DurableObjectState, socket: WebSocket) {
    this.#ctx = ctx
    this.#socket = socket
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  send(text: string): void {
    try {
      this.#socket.send(text)
    } catch {
      // The socket has gone; its close event tells.
    }
  }

  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason)
    } catch {
      // It is closed already.
    }
  }

  save(state: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(state)).byteLength
    if (bytes > maxStateBytes) throw new TypeError(`A connection's state of ${bytes} bytes does not fit its attachment`)
    this.#socket.serializeAttachment(state)
  }

  heardAt(): number | undefined {
    return this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime()
  }
}
