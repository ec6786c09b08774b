import { bearerPrefix, ticketPrefix, wapiVersions } from '#shared/protocol/versions.ts'
import type { WebSocketConstructor } from '../api/client.ts'
import type { RingwayError } from '../RingwayError.ts'
import { abnormalClosure, type Connect, type Connection, type ConnectionHandlers, type Credentials } from './Connection.ts'

/**
 * WAPI over a WebSocket. Credentials travel as subprotocols, since a browser's WebSocket takes no headers.
 * For the same reason a refused attempt looks like a failed one, so its cause is asked for by `inquire`.
 */
export class WebSocketConnection implements Connection {
  readonly #socket: WebSocket
  readonly #inquire: () => Promise<RingwayError | undefined>
  #handlers: ConnectionHandlers | null
  #opened = false

  private constructor(socket: WebSocket, handlers: ConnectionHandlers, inquire: () => Promise<RingwayError | undefined>) {
    this.#socket = socket
    this.#handlers = handlers
    this.#inquire = inquire
    socket.onopen = () => {
      this.#opened = true
      this.#handlers?.opened()
    }
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') this.#handlers?.message(event.data)
    }
    socket.onclose = (event) => void this.#closed(event.code)
    // An `error` is always followed by a `close`, which says more.
    socket.onerror = () => undefined
  }

  /** `url` is an http(s) address. `inquire` asks the server, in another way, what is wrong with the credentials or the path. */
  static connector(
    url: string,
    options: { webSocket: WebSocketConstructor; inquire: (credentials: Credentials) => Promise<RingwayError | undefined> },
  ): Connect {
    const address = url.replace(/^http/, 'ws')
    return (credentials, handlers) => {
      const socket = new options.webSocket(address, subprotocols(credentials))
      return new WebSocketConnection(socket, handlers, () => options.inquire(credentials))
    }
  }

  send(message: string): void {
    // A socket that is closing drops the message; the request is sent again after the resume.
    if (this.#socket.readyState === 1) this.#socket.send(message)
  }

  close(): void {
    this.#handlers = null
    if (this.#socket.readyState < 2) this.#socket.close(1000)
  }

  async #closed(code: number): Promise<void> {
    const refusal = this.#opened || this.#handlers === null ? undefined : await this.#inquire()
    const handlers = this.#handlers
    this.#handlers = null
    handlers?.closed(code === 0 ? abnormalClosure : code, refusal)
  }
}

function subprotocols(credentials: Credentials): string[] {
  const ticket = credentials.ticket === undefined ? [] : [ticketPrefix + credentials.ticket]
  return [...wapiVersions, bearerPrefix + credentials.bearer, ...ticket]
}
