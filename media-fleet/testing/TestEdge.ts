import { createServer, type IncomingMessage, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type WebSocket, WebSocketServer } from 'ws'
import { newId } from '#shared/ids/ids.ts'
import { fleetFrameSchema, type FleetNotification } from '#shared/protocol/fleet/frames.ts'
import { parseSubprotocols } from '#shared/protocol/versions.ts'

/** What a question was answered with. */
export type Answered = { readonly result: unknown } | { readonly error: { readonly code: string; readonly context?: unknown } }

/** The edge's end of one socket that a host has dialled. */
export class EdgeSocket {
  readonly path: string
  readonly query: URLSearchParams
  readonly credentials: ReturnType<typeof parseSubprotocols>
  readonly notifications: FleetNotification[] = []
  /** The close code, once it has closed. */
  readonly closed: Promise<number>
  /** False: keep-alives go unanswered, as behind a broken network. */
  answersPings = true
  readonly #socket: WebSocket
  readonly #pending = new Map<number, (answered: Answered) => void>()
  #nextId = 1

  constructor(socket: WebSocket, request: IncomingMessage) {
    const url = new URL(request.url ?? '/', 'http://edge')
    this.path = url.pathname
    this.query = url.searchParams
    this.credentials = parseSubprotocols(request.headers['sec-websocket-protocol'] ?? null)
    this.#socket = socket
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('message', (data: Buffer) => this.#receive(data.toString()))
  }

  /** Asks and waits; many may be asked at once. */
  ask(method: string, params: unknown): Promise<Answered> {
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
      this.sendRaw(JSON.stringify({ id, method, params }))
    })
  }

  /** The result, or the error's code thrown. */
  async get(method: string, params: unknown): Promise<unknown> {
    const answered = await this.ask(method, params)
    if ('error' in answered) throw new Error(answered.error.code)
    return answered.result
  }

  sendRaw(data: string | Buffer): void {
    this.#socket.send(data)
  }

  /** The next answer to an id that `ask` did not give. */
  answerTo(id: number): Promise<Answered> {
    return new Promise((resolve) => this.#pending.set(id, resolve))
  }

  told(name: string): unknown[] {
    return this.notifications.filter(({ notify }) => notify === name).map(({ params }) => params)
  }

  close(code?: number): void {
    this.#socket.close(code)
  }

  /** Cuts the connection without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  #receive(text: string): void {
    if (text === 'ping') {
      if (this.answersPings) this.#socket.send('pong')
      return
    }
    const frame = fleetFrameSchema.parse(JSON.parse(text))
    if ('notify' in frame) this.notifications.push(frame)
    else if ('method' in frame) throw new TypeError(`Unexpected question: ${frame.method}`)
    else {
      this.#pending.get(frame.id)?.(frame)
      this.#pending.delete(frame.id)
    }
  }
}

/** Plays the dispatcher API to real hosts: enrolment, control sockets, room links. */
export class TestEdge {
  readonly enrolments: { authorization: string | undefined; body: unknown }[] = []
  /** Keys of the hosts that are known. */
  readonly hosts = new Map<string, string>()
  readonly controls: EdgeSocket[] = []
  readonly rooms: EdgeSocket[] = []
  secret = 'test-enrolment-secret'
  /** Refuses room links while set. */
  refusesRooms = false
  readonly port: number
  readonly #server: Server
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'ringway.fleet.v1' })

  static async listen(port = 0): Promise<TestEdge> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new TestEdge(server)
  }

  private constructor(server: Server) {
    this.#server = server
    const address = server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    server.on('request', (request, response) => {
      void this.#enrol(request).then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)))
    })
    server.on('upgrade', (request, socket, head) => {
      const status = this.#statusOf(request)
      if (status !== 101) return socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => {
        const edgeSocket = new EdgeSocket(accepted, request)
        const list = edgeSocket.path === '/dispatcher/rooms/link' ? this.rooms : this.controls
        list.push(edgeSocket)
      })
    })
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`)
  }

  /** Ends with every socket cut. */
  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #enrol(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    if (request.method !== 'POST' || request.url !== '/dispatcher/hosts') return { status: 404, body: {} }
    const { authorization } = request.headers
    this.enrolments.push({ authorization, body: JSON.parse(String(await buffer(request))) })
    if (authorization !== `Bearer ${this.secret}`) return { status: 401, body: {} }
    const [hostId, hostKey] = [newId(), `key-${newId()}`]
    this.hosts.set(hostId, hostKey)
    return { status: 201, body: { hostId, hostKey } }
  }

  #statusOf(request: IncomingMessage): number {
    const { pathname } = new URL(request.url ?? '/', 'http://edge')
    const { offered, bearer, ticket } = parseSubprotocols(request.headers['sec-websocket-protocol'] ?? null)
    if (!offered.includes('ringway.fleet.v1')) return 426
    if (pathname === '/dispatcher/rooms/link') {
      const known = [...this.hosts.values()].includes(bearer ?? '')
      return known && ticket !== undefined && !this.refusesRooms ? 101 : 403
    }
    const [, hostId] = /^\/dispatcher\/hosts\/([^/]+)\/socket$/.exec(pathname) ?? []
    if (hostId === undefined || !this.hosts.has(hostId)) return 404
    return this.hosts.get(hostId) === bearer ? 101 : 401
  }
}
