import { AppError } from '#shared/errors/AppError.ts'
import { toErrorBody, toProblem } from '#shared/errors/error-body.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { keepAlive, type Request as WapiRequest, type Response as WapiResponse } from '#shared/protocol/wapi/frames.ts'
import type { Clock } from '#shared/time/clock.ts'
import { identityOf, traceHeader } from '#edge/domain/forwarding.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { AlarmSchedule } from './AlarmSchedule.ts'
import type { Answer } from './AnswerLog.ts'
import type { Channel } from './Channel.ts'
import { ClientConnection, type ConnectionOwner, type ConnectionState, connectionStateSchema, type JsonObject } from './ClientConnection.ts'
import { Flood } from './Flood.ts'
import { type Entry, type Ending, Lifetimes } from './Lifetimes.ts'
import { readBody, readRequest } from './read-request.ts'
import { attachmentOf, SocketChannel } from './SocketChannel.ts'
import { StreamChannel } from './StreamChannel.ts'

export interface ClientCall {
  /** Goes into the answer of a failure and into the log. */
  readonly traceId: string
  readonly logger: Logger
}

export interface ClientConnectionsOptions {
  readonly logger: Logger
  readonly clock: Clock
  readonly alarms: AlarmSchedule
  /**
   * Answers a request; what it throws becomes an error answer (faults as `internal`, logged). It is
   * called in the order of the messages, up to its first `await`.
   */
  readonly onRequest: (connection: ClientConnection, request: WapiRequest, call: ClientCall) => Promise<Answer>
  /**
   * A connection has gone by itself: its client, the network, its token's expiry or its flooding ended it.
   * Not called after `close()` and not for a connection that another of its session replaced. `clean`: the client said goodbye.
   */
  readonly onClosed: (connection: ClientConnection, how: { clean: boolean }) => void | Promise<void>
  /** What to keep of the request that opens a connection; throws an AppError to refuse it. */
  readonly onOpen?: (request: Request, identity: Identity) => JsonObject
  /** Clients that send no keep-alive for `limit` ms are given up. Looked at every `every` ms, which wakes the object. */
  readonly silence?: { readonly limit: number; readonly every: number }
}

/** Distinguishes clients' sockets from others of the same object. */
const socketTag = 'client'

/**
 * The clients of a Durable Object. One set of messages in two forms: WebSocket (hibernating), and
 * server-sent events (`GET …/events`) with `POST …/messages?connection=<id>`. Identity comes from the
 * Worker's internal header only. Everything it must know after hibernation is in sockets' attachments.
 */
export class ClientConnections implements ConnectionOwner {
  readonly #ctx: DurableObjectState
  readonly #options: ClientConnectionsOptions
  readonly #lifetimes: Lifetimes
  readonly #entries = new Map<string, Entry>()
  readonly #bySession = new Map<string, ClientConnection>()
  readonly #bySocket = new WeakMap<WebSocket, Entry>()

  constructor(ctx: DurableObjectState, options: ClientConnectionsOptions) {
    this.#ctx = ctx
    this.#options = options
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(keepAlive.request, keepAlive.response))
    this.#lifetimes = new Lifetimes({ ...options, entries: () => [...this.#entries.values()], end: (entry, how) => this.#end(entry, how) })
    for (const socket of ctx.getWebSockets(socketTag)) this.#restore(socket)
  }

  /** The connection that a session uses now. */
  find(sessionId: string): ClientConnection | undefined {
    return this.#bySession.get(sessionId)
  }

  all(): ClientConnection[] {
    return [...this.#entries.values()].map((entry) => entry.connection)
  }

  /** Whether a socket of the object belongs here, for objects that hold other sockets too. */
  owns(socket: WebSocket): boolean {
    return attachmentOf(socket) !== undefined
  }

  /** The body of the object's `fetch` for client requests. Failures are problem+json (RFC 9457). */
  async fetch(request: Request): Promise<Response> {
    const traceId = request.headers.get(traceHeader) ?? newId()
    try {
      const identity = identityOf(request.headers)
      const path = new URL(request.url).pathname
      if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') return this.#openSocket(request, identity)
      if (path.endsWith('/events') && request.method === 'GET') return this.#openStream(request, identity)
      if (path.endsWith('/messages') && request.method === 'POST') return await this.#receivePost(request, { identity, traceId })
      throw new AppError('unknownResource')
    } catch (thrown) {
      const error = AppError.from(thrown)
      if (error.code === 'internal') this.#options.logger.error('connection.fault', { traceId, error: thrown })
      const headers = { 'content-type': 'application/problem+json' }
      return new Response(JSON.stringify(toProblem(error, { traceId })), { status: error.status, headers })
    }
  }

  /** The body of the object's `webSocketMessage`. */
  async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const entry = this.#entryOf(socket)
    if (entry === undefined) return
    const response = await this.#answer(entry, message, newId())
    if (response !== undefined) entry.connection.send(response)
  }

  /** The body of the object's `webSocketClose`. */
  async webSocketClose(socket: WebSocket, code: number, reason: string, wasClean: boolean): Promise<void> {
    const entry = this.#entryOf(socket)
    if (entry === undefined) return
    entry.channel.close(code === 1005 || code === 1006 ? 1000 : code, reason)
    await this.#lose(entry, { clean: wasClean && (code === 1000 || code === 1005) })
  }

  /** The body of the object's `webSocketError`. */
  async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    const entry = this.#entryOf(socket)
    if (entry === undefined) return
    this.#options.logger.debug('connection.error', { connectionId: entry.connection.connectionId, error })
    await this.#lose(entry, { clean: false })
  }

  claim(connection: ClientConnection, sessionId: string): void {
    const holder = this.#bySession.get(sessionId)
    if (holder !== undefined && holder.identity.userId !== connection.identity.userId) throw new AppError('forbidden')
  }

  bound(connection: ClientConnection, before: string | null): void {
    const { sessionId } = connection
    if (before !== null && before !== sessionId && this.#bySession.get(before) === connection) this.#bySession.delete(before)
    if (sessionId === null) return
    const older = this.#bySession.get(sessionId)
    this.#bySession.set(sessionId, connection)
    if (older !== undefined && older !== connection) older.close(closeCodes.replaced, 'A newer connection of this session took over')
  }

  renewed(connection: ClientConnection): void {
    this.#lifetimes.watch(connection)
  }

  closed(connection: ClientConnection): void {
    this.#forget(connection)
  }

  #openSocket(request: Request, identity: Identity): Response {
    const data = this.#options.onOpen?.(request, identity) ?? {}
    const { 0: client, 1: server } = new WebSocketPair()
    const connectionId = newId()
    this.#ctx.acceptWebSocket(server, [socketTag])
    const { connection } = this.#addSocket(server, { connectionId, identity, sessionId: null, data })
    connection.setData(data)
    this.#lifetimes.watch(connection)
    // The Worker has negotiated: it forwards the one version that is spoken.
    const version = request.headers.get('sec-websocket-protocol')
    return new Response(null, { status: 101, webSocket: client, headers: version === null ? {} : { 'sec-websocket-protocol': version } })
  }

  #openStream(request: Request, identity: Identity): Response {
    const data = this.#options.onOpen?.(request, identity) ?? {}
    const connectionId = newId()
    const onGone = () => this.#ctx.waitUntil(this.#loseById(connectionId))
    const channel = new StreamChannel({ connectionId, onGone })
    this.#lifetimes.watch(this.#add(channel, { connectionId, identity, sessionId: null, data }).connection)
    request.signal.addEventListener('abort', onGone)
    return new Response(channel.body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
  }

  async #receivePost(request: Request, from: { identity: Identity; traceId: string }): Promise<Response> {
    const connectionId = new URL(request.url).searchParams.get('connection') ?? ''
    const entry = this.#entries.get(connectionId)
    // Someone else's connection answers as one that does not exist.
    if (entry === undefined || !isSameLogin(entry.connection.identity, from.identity))
      throw new AppError('notFound', { context: { connection: connectionId } })
    if (from.identity.tokenExpiresAt > entry.connection.identity.tokenExpiresAt) entry.connection.renew(from.identity)
    const response = await this.#answerPost(entry, request, from.traceId)
    return Response.json(response, { headers: { 'cache-control': 'no-store' } })
  }

  async #answerPost(entry: Entry, request: Request, traceId: string): Promise<WapiResponse> {
    try {
      const answer = await this.#answer(entry, await readBody(request.body), traceId)
      if (answer !== undefined) return answer
      throw new AppError('rateLimited')
    } catch (thrown) {
      return errorResponse(null, AppError.from(thrown), traceId)
    }
  }

  /** Undefined where the client flooded so long that its connection was closed. */
  async #answer(entry: Entry, message: string | ArrayBuffer, traceId: string): Promise<WapiResponse | undefined> {
    const verdict = entry.flood.judge(this.#options.clock.now())
    if (verdict === 'close') {
      await this.#end(entry, { code: closeCodes.misbehaved, reason: 'Too many requests' })
      return undefined
    }
    const read = readRequest(message)
    if (verdict === 'refuse') return errorResponse(read.ok ? read.request.id : read.id, new AppError('rateLimited'), traceId)
    if (!read.ok) return errorResponse(read.id, read.error, traceId)
    return this.#ask(entry.connection, read.request, traceId)
  }

  async #ask(connection: ClientConnection, request: WapiRequest, traceId: string): Promise<WapiResponse> {
    const logger = this.#options.logger.child({ traceId, ...(connection.sessionId === null ? {} : { sessionId: connection.sessionId }) })
    try {
      const answer = await this.#options.onRequest(connection, request, { traceId, logger })
      return { id: request.id, status: answer.status, body: answer.body }
    } catch (thrown) {
      const error = AppError.from(thrown)
      const fields = { method: request.method, resource: request.resource, code: error.code, error: thrown }
      if (error.status >= 500) logger.error('request.fault', fields)
      else logger.debug('request.refused', fields)
      return errorResponse(request.id, error, traceId)
    }
  }

  /** Undefined for a connection that is over. */
  #restore(socket: WebSocket): Entry | undefined {
    const state = connectionStateSchema.safeParse(attachmentOf(socket)?.state)
    if (!state.success) return undefined
    const known = this.#entries.get(state.data.connectionId)
    if (known !== undefined) return known
    const entry = this.#addSocket(socket, state.data)
    const { sessionId } = state.data
    if (sessionId !== null && !this.#bySession.has(sessionId)) this.#bySession.set(sessionId, entry.connection)
    return entry
  }

  #addSocket(socket: WebSocket, state: ConnectionState): Entry {
    const entry = this.#add(new SocketChannel(this.#ctx, socket), state)
    this.#bySocket.set(socket, entry)
    return entry
  }

  #add(channel: Channel, state: ConnectionState): Entry {
    const now = this.#options.clock.now()
    const entry: Entry = { connection: new ClientConnection({ channel, owner: this, state }), channel, flood: new Flood(now), since: now }
    this.#entries.set(state.connectionId, entry)
    return entry
  }

  /** A socket that closed during hibernation is not among the object's sockets; only its close event brings it. */
  #entryOf(socket: WebSocket): Entry | undefined {
    const known = this.#bySocket.get(socket)
    if (known === undefined) return this.#restore(socket)
    return this.#entries.get(known.connection.connectionId)
  }

  #forget(connection: ClientConnection): boolean {
    const { sessionId } = connection
    if (sessionId !== null && this.#bySession.get(sessionId) === connection) this.#bySession.delete(sessionId)
    return this.#entries.delete(connection.connectionId)
  }

  async #loseById(connectionId: string): Promise<void> {
    const entry = this.#entries.get(connectionId)
    if (entry !== undefined) await this.#lose(entry, { clean: false })
  }

  /** Tells the object once that a connection has gone. */
  async #lose(entry: Entry, how: { clean: boolean }): Promise<void> {
    if (!this.#forget(entry.connection)) return
    entry.channel.forget()
    const { sessionId } = entry.connection
    // The loss of a hibernating socket may be told after a newer one took its session over.
    if (sessionId !== null && this.#bySession.has(sessionId)) return
    try {
      await this.#options.onClosed(entry.connection, how)
    } catch (error) {
      this.#options.logger.error('connection.closeFailed', { connectionId: entry.connection.connectionId, error })
    }
  }

  async #end(entry: Entry, how: Ending): Promise<void> {
    const gone = this.#lose(entry, { clean: false })
    entry.channel.close(how.code, how.reason)
    await gone
  }
}

const isSameLogin = (a: Identity, b: Identity): boolean => a.userId === b.userId && a.loginId === b.loginId

function errorResponse(id: string | null, error: AppError, traceId: string): WapiResponse {
  return { id, status: error.status, body: toErrorBody(error, { traceId }) }
}
