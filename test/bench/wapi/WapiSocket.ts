import { WebSocket } from 'ws'
import { bearerPrefix, ticketPrefix, wapiVersions } from '#shared/protocol/versions.ts'
import { type Event, type Method, serverFrameSchema } from '#shared/protocol/wapi/frames.ts'

interface Pending {
  readonly resolve: (body: unknown) => void
  readonly reject: (error: Error) => void
}

const openWithinMs = 20_000

/**
 * A WAPI connection without the SDK: what a measurement of signaling needs, and nothing that would
 * compete with the server for the processor.
 */
export class WapiSocket {
  readonly #socket: WebSocket
  readonly #pending = new Map<string, Pending>()
  readonly #listeners = new Set<(event: Event) => void>()
  #pongs = 0
  #nextId = 1

  /** @param options.path Such as `/wapi/hub`. */
  static async open(options: { url: string; path: string; token: string; ticket?: string }): Promise<WapiSocket> {
    const protocols = [...wapiVersions, bearerPrefix + options.token]
    if (options.ticket !== undefined) protocols.push(ticketPrefix + options.ticket)
    const socket = new WebSocket(options.url.replace(/^http/, 'ws') + options.path, protocols, {
      perMessageDeflate: false,
      handshakeTimeout: openWithinMs,
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new WapiSocket(socket)
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    // Without a listener, an error would end the process; the close that follows it settles everything.
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#receive(String(data)))
    socket.on('close', (code) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`The connection was closed with ${code}`))
      this.#pending.clear()
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Keep-alives answered so far. */
  get pongs(): number {
    return this.#pongs
  }

  request(method: Method, resource: string, body?: unknown): Promise<unknown> {
    const id = String(this.#nextId++)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, resource, ...(body === undefined ? {} : { body }) }))
    })
  }

  ping(): void {
    this.#socket.send('ping')
  }

  /** Gives back how to stop listening. */
  onEvent(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The next event of this name. */
  next(name: string): Promise<Event> {
    return new Promise((resolve) => {
      const stop = this.onEvent((event) => {
        if (event.event !== name) return
        stop()
        resolve(event)
      })
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    if (text === 'pong') {
      this.#pongs += 1
      return
    }
    const frame = serverFrameSchema.parse(JSON.parse(text))
    if ('event' in frame) {
      for (const listener of this.#listeners) listener(frame)
      return
    }
    if (frame.id === null) return
    const pending = this.#pending.get(frame.id)
    this.#pending.delete(frame.id)
    if (frame.status < 300) pending?.resolve(frame.body)
    else pending?.reject(new Error(`${frame.status} ${JSON.stringify(frame.body)}`))
  }
}
