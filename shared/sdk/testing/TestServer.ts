import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AppError } from '#shared/errors/AppError.ts'
import { toProblem } from '#shared/errors/error-body.ts'
import { parseSubprotocols } from '#shared/protocol/versions.ts'
import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import { type Respond, TestConnection } from './TestConnection.ts'

export interface Visitor {
  readonly path: string
  readonly bearer: string
  readonly ticket: string | undefined
}

/** A server that speaks WAPI and does to its clients what a test asks for. */
export class TestServer {
  readonly connections: TestConnection[] = []
  /** Attempts to connect, refused ones included. */
  readonly visits: Visitor[] = []
  respond: Respond = () => ({})
  /** Answers a REST request; undefined: 404. */
  rest: (request: { method: string; path: string; headers: IncomingMessage['headers']; body: string }) => Promise<RestAnswer | undefined> =
    () => Promise.resolve(undefined)
  /** Why somebody may not connect. */
  refuse: (visitor: Visitor) => AppError | undefined = () => undefined
  /** `drop`: WebSockets are dropped before they open, as some proxies do. `hang`: nothing is answered. */
  websockets: 'open' | 'drop' | 'hang' = 'open'
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })
  readonly #waiting = new Set<() => void>()
  readonly #hanging = new Set<Duplex>()

  private constructor(http: Server) {
    this.#http = http
    http.on('upgrade', (request, socket, head) => {
      const visitor = this.#visit(request)
      socket.on('error', () => undefined)
      if (this.websockets === 'hang') return void this.#hanging.add(socket)
      if (this.websockets === 'drop' || this.refuse(visitor) !== undefined) return void socket.destroy()
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#opened(client, visitor))
    })
    http.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#handle(request, response))
  }

  static async start(): Promise<TestServer> {
    const http = createServer()
    const server = new TestServer(http)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    const address = this.#http.address()
    if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a port')
    return `http://127.0.0.1:${address.port}`
  }

  get latest(): TestConnection {
    const connection = this.connections.at(-1)
    if (connection === undefined) throw new TypeError('Nobody has connected')
    return connection
  }

  /** Every request received, over all connections. */
  get requests() {
    return this.connections.flatMap((connection) => connection.requests)
  }

  /** Waits until the condition holds, looking whenever something has happened. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          clearTimeout(timer)
          this.#waiting.delete(look)
          resolve()
        }
        const timer = setTimeout(look, 10)
        this.#waiting.add(look)
      })
    }
  }

  async connected(count: number): Promise<TestConnection> {
    await this.until(() => this.connections.length >= count)
    return this.latest
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.drop()
    for (const socket of this.#hanging) socket.destroy()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  #visit(request: IncomingMessage): Visitor {
    const { bearer, ticket } = parseSubprotocols(request.headers['sec-websocket-protocol'] ?? null)
    const header = request.headers.authorization?.replace(/^Bearer /, '')
    const path = (request.url ?? '').replace(/\/(events|messages)(\?.*)?$/, '')
    const ticketHeader = request.headers['ringway-ticket']
    const visitor = {
      path,
      bearer: bearer ?? header ?? '',
      ticket: ticket ?? (typeof ticketHeader === 'string' ? ticketHeader : undefined),
    }
    this.visits.push(visitor)
    return visitor
  }

  #opened(socket: WebSocket, visitor: Visitor): void {
    const connection = new TestConnection({ ...visitor, carrier: { socket } })
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === keepAlive.request) {
        if (connection.alive) connection.send(keepAlive.response)
        return
      }
      void connection.answer(text, this.respond).then((answer) => {
        if (answer !== undefined) connection.send(answer)
        this.#look()
      })
    })
    socket.on('close', () => {
      connection.closed = true
      this.#look()
    })
    this.connections.push(connection)
    this.#look()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = 'GET', headers } = request
    const body = await readAll(request)
    if (url.startsWith('/wapi/')) return this.#handleFallback({ request, response, body })
    const answer = await this.rest({ method, path: url, headers, body })
    response.writeHead(answer?.status ?? (answer === undefined ? 404 : 200), { 'content-type': 'application/json', ...answer?.headers })
    response.end(JSON.stringify(answer?.body ?? {}))
  }

  async #handleFallback({ request, response, body }: { request: IncomingMessage; response: ServerResponse; body: string }): Promise<void> {
    const visitor = this.#visit(request)
    const refusal = this.refuse(visitor)
    if (refusal !== undefined) return problem(response, refusal.status, toProblem(refusal))
    if (request.url?.endsWith('/events') === true) return this.#stream(response, visitor)
    const connection = this.connections[Number(new URL(request.url ?? '', this.url).searchParams.get('connection') || -1)]
    if (connection === undefined || connection.closed)
      return problem(response, 404, { code: 'notFound', message: 'Not found.', retryable: false })
    const answer = await connection.answer(body, this.respond)
    this.#look()
    if (answer === undefined) return
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(answer)
  }

  #stream(response: ServerResponse, visitor: Visitor): void {
    const connection = new TestConnection({ ...visitor, carrier: { stream: response } })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: connection\ndata: ${JSON.stringify({ connectionId: String(this.connections.length) })}\n\n`)
    response.on('close', () => {
      connection.closed = true
      this.#look()
    })
    this.connections.push(connection)
    this.#look()
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }
}

export interface RestAnswer {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function problem(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify(body))
}
