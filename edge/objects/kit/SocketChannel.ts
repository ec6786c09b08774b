import { z } from 'zod'
import type { Channel } from './Channel.ts'

/** Attachments hold 16,384 bytes; the rest is left for the encoding. */
const maxStateBytes = 12 * 1024

const attachmentSchema = z.object({ kind: z.literal('client'), state: z.unknown().optional() })

/**
 * What a client's socket has attached; undefined for any other socket. `state` is absent once the
 * connection is over. Tags do not serve: a socket that closed during hibernation has none any more.
 */
export function attachmentOf(socket: WebSocket): z.infer<typeof attachmentSchema> | undefined {
  return attachmentSchema.safeParse(socket.deserializeAttachment()).data
}

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
    this.forget()
    try {
      this.#socket.close(code, reason)
    } catch {
      // It is closed already.
    }
  }

  save(state: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(state)).byteLength
    if (bytes > maxStateBytes) throw new TypeError(`A connection's state of ${bytes} bytes does not fit its attachment`)
    this.#socket.serializeAttachment({ kind: 'client', state })
  }

  /** Until the client has answered the close frame the runtime still lists the socket; without its state it is nobody's. */
  forget(): void {
    this.#socket.serializeAttachment({ kind: 'client' })
  }

  heardAt(): number | undefined {
    return this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime()
  }
}
