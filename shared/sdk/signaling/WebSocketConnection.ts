import { bearerPrefix, ticketPrefix, wapiVersions } from '#shared/protocol/versions.ts'
import type { WebSocketConstructor } from '../api/client.ts'
import { abnormalClosure, type Connect, type Connection, type ConnectionHandlers, type Credentials } from './Connection.ts'

/** WAPI over a WebSocket. Credentials travel as subprotocols, since a browser's WebSocket takes no headers. */
export class WebSocketConnection implements Connection {
  readonly #socket: WebSocket
  #handlers: ConnectionHandlers | null

  private constructor(socket: WebSocket, handlers: ConnectionHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    socket.onopen = () => this.#handlers?.opened()
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') this.#handlers?.message(event.data)
    }
    socket.onclose = (event) => this.#closed(event.code)
    // An `error` is always followed by a `close`, which says more.
    socket.onerror = () => undefined
  }

  /** `url` is an http(s) or ws(s) address. */
  static connector(url: string, WebSocketClass: WebSocketConstructor): Connect {
    const address = url.replace(/^http/, 'ws')
    return (credentials, handlers) => new WebSocketConnection(new WebSocketClass(address, subprotocols(credentials)), handlers)
  }

  send(message: string): void {
    // A socket that is closing drops the message; the request is sent again after the resume.
    if (this.#socket.readyState === 1) this.#socket.send(message)
  }

  close(): void {
    this.#handlers = null
    if (this.#socket.readyState < 2) this.#socket.close(1000)
  }

  #closed(code: number): void {
    const handlers = this.#handlers
    this.#handlers = null
    handlers?.closed(code === 0 ? abnormalClosure : code)
  }
}

function subprotocols(credentials: Credentials): string[] {
  const ticket = credentials.ticket === undefined ? [] : [ticketPrefix + credentials.ticket]
  return [...wapiVersions, bearerPrefix + credentials.bearer, ...ticket]
}
