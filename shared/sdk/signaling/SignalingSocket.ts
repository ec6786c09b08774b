import type { z } from 'zod'
import { newId } from '#shared/ids/ids.ts'
import type { Logger } from '#shared/log/logger.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { type Event, type Request, serverFrameSchema } from '#shared/protocol/wapi/frames.ts'
import { type Operation, type PathParameters, resourceOf, type ResponseOf } from '#shared/protocol/wapi/operation.ts'
import { Emitter } from '../kit/Emitter.ts'
import { type DeviceErrorCode, RingwayError } from '../RingwayError.ts'
import { abnormalClosure, type Connect, type Connection, type Credentials } from './Connection.ts'
import { KeepAlive } from './KeepAlive.ts'
import { PendingRequests } from './PendingRequests.ts'
import { reconnectDelay, type SignalingTiming } from './timing.ts'

/**
 *  idle ──open()──► connecting ──opened──► resuming ──resumed──► open
 *                     ▲    │                   │                   │
 *                     │    └─────failed────┐   │ lost              │ lost
 *                     │                    ▼   ▼                   │
 *                     └────delay──────── waiting ◄─────────────────┘
 *
 *  any ──close(), a close code that is final, a refused resume──► closed
 */
export type SocketState = 'idle' | 'connecting' | 'resuming' | 'open' | 'waiting' | 'closed'

/** Why a socket will not come back. `refused`: its resume was, with the error given. `closed`: by ourselves. */
export type SocketEndReason = 'ended' | 'unauthenticated' | 'forbidden' | 'replaced' | 'refused' | 'closed'

export interface SocketEvents {
  state: SocketState
  event: Event
  /** Not emitted for `close()`. */
  ended: { readonly reason: SocketEndReason; readonly error: RingwayError | null }
}

/** What a request carries, before the defaults of its schema are filled in. */
export type RequestInput<O extends Operation> = z.input<O['request']>

/** Sends a request on the connection at hand; it fails when that connection does. */
export type BoundRequest = <O extends Operation>(operation: O, params: PathParameters, body: RequestInput<O>) => Promise<ResponseOf<O>>

export interface SignalingSocketOptions {
  readonly connect: Connect
  /** `renew`: the server has refused the last ones. A rejection that is not retryable ends the socket. */
  credentials(options: { renew: boolean }): Promise<Credentials>
  /** Says on each new connection who we are and what we have seen, before anything else is sent. */
  resume(request: BoundRequest): Promise<void> | null
  readonly timing: SignalingTiming
  readonly logger: Logger
  /** What requests are rejected with once the socket is closed. */
  readonly closedCode: DeviceErrorCode
  readonly random?: () => number
}

const authenticationCodes: readonly string[] = ['unauthenticated', 'tokenExpired', 'tokenRevoked']

/**
 * A request/response and event channel that outlives its connections: it reconnects, resumes, and sends
 * again what was not answered.
 */
export class SignalingSocket {
  readonly #options: SignalingSocketOptions
  readonly #emitter: Emitter<SocketEvents>
  readonly #pending = new PendingRequests()
  readonly #keepAlive: KeepAlive
  #state: SocketState = 'idle'
  #connection: Connection | null = null
  /** Tells the work of one connection from that of earlier ones. */
  #generation = 0
  /** Connections lost since one was last resumed. */
  #failures = 0
  /** The server refused our credentials; at the second time in a row it is final. */
  #refused = false
  #resyncing = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: SignalingSocketOptions) {
    this.#options = options
    this.#emitter = new Emitter(options.logger)
    this.#keepAlive = new KeepAlive({
      timing: options.timing,
      send: (message) => this.#connection?.send(message),
      dead: () => this.#lost(abnormalClosure),
    })
  }

  get on(): Emitter<SocketEvents>['on'] {
    return this.#emitter.on
  }

  get state(): SocketState {
    return this.#state
  }

  open(): void {
    if (this.#state === 'idle') this.#connect()
  }

  /**
   * Waits for the connection where there is none, and for the resume; survives both being lost.
   * `first`: when requests are sent again, the others would make no sense before this one.
   */
  request<O extends Operation>(
    operation: O,
    params: PathParameters,
    body: RequestInput<O>,
    options: { first?: boolean } = {},
  ): Promise<ResponseOf<O>> {
    if (this.#state === 'closed') return Promise.reject(RingwayError.ofDevice(this.#options.closedCode))
    const frame = frameOf(operation, params, body)
    const timeout = this.#options.timing.requestTimeout
    const answer = this.#pending.add<O['response']>(frame, { answer: operation.response, timeout, ...options })
    if (this.#state === 'open') this.#send(frame)
    return answer
  }

  /** Resumes on the open connection: an event is missing. Once at a time. */
  resync(): void {
    if (this.#state !== 'open' || this.#resyncing) return
    this.#resyncing = true
    void this.#resume(this.#generation).finally(() => (this.#resyncing = false))
  }

  /** Something hints that the network has changed: looks at once. */
  wake(): void {
    if (this.#state === 'waiting') this.#connect()
    else if (this.#state === 'open') this.#keepAlive.probe()
  }

  /** Idempotent. */
  close(): void {
    this.#end('closed', null)
  }

  #connect(): void {
    clearTimeout(this.#timer)
    const generation = ++this.#generation
    const renew = this.#refused
    this.#enter('connecting')
    this.#timer = setTimeout(() => this.#lost(abnormalClosure), this.#options.timing.openTimeout)
    this.#options.credentials({ renew }).then(
      (credentials) => {
        if (generation === this.#generation) this.#dial(credentials)
      },
      (error: unknown) => {
        if (generation !== this.#generation) return
        if (error instanceof RingwayError && !error.retryable) this.#end('unauthenticated', error)
        else this.#lost(abnormalClosure)
      },
    )
  }

  #dial(credentials: Credentials): void {
    this.#connection = this.#options.connect(credentials, {
      opened: () => this.#opened(),
      message: (text) => this.#handleMessage(text),
      closed: (code, refusal) => this.#closed(code, refusal),
    })
  }

  #opened(): void {
    clearTimeout(this.#timer)
    this.#keepAlive.start()
    this.#enter('resuming')
    void this.#resume(this.#generation)
  }

  /** Runs the resume; from `resuming` it leads to `open`. */
  async #resume(generation: number): Promise<void> {
    try {
      // A socket with nothing to resume sends its first requests in the same turn.
      const resumed = this.#options.resume((operation, params, body) => this.#requestBound(operation, params, body))
      if (resumed !== null) await resumed
      if (generation === this.#generation && this.#state === 'resuming') this.#resumed()
    } catch (error) {
      if (generation !== this.#generation || this.#state === 'closed') return
      const failure = error instanceof RingwayError ? error : RingwayError.ofDevice('invalidAnswer', { cause: error })
      this.#options.logger.warn('socket.resumeFailed', { code: failure.code })
      this.#closed(abnormalClosure, failure)
    }
  }

  #resumed(): void {
    this.#failures = 0
    this.#refused = false
    // State first: what listeners send in their turn must follow what was sent before the loss.
    const unanswered = this.#pending.unanswered()
    this.#state = 'open'
    for (const frame of unanswered) this.#send(frame)
    this.#emitter.emit('state', 'open')
  }

  #requestBound<O extends Operation>(operation: O, params: PathParameters, body: RequestInput<O>): Promise<ResponseOf<O>> {
    const frame = frameOf(operation, params, body)
    const timeout = this.#options.timing.requestTimeout
    const answer = this.#pending.add<O['response']>(frame, { answer: operation.response, timeout, bound: true })
    this.#send(frame)
    return answer
  }

  #send(frame: Request): void {
    this.#options.logger.debug('socket.request', { id: frame.id, method: frame.method, resource: frame.resource })
    this.#connection?.send(JSON.stringify(frame))
  }

  #handleMessage(text: string): void {
    if (this.#keepAlive.handleMessage(text)) return
    const frame = parseFrame(text)
    if (frame === undefined) {
      this.#options.logger.warn('socket.unreadable', { length: text.length })
    } else if ('event' in frame) {
      this.#emitter.emit('event', frame)
    } else if (!this.#pending.handleResponse(frame)) {
      this.#options.logger.debug('socket.unexpectedResponse', { id: frame.id, status: frame.status })
    }
  }

  #closed(code: number, refusal?: RingwayError): void {
    if (refusal === undefined) this.#lost(code)
    else if (authenticationCodes.includes(refusal.code)) this.#lost(closeCodes.unauthenticated)
    else if (refusal.code === 'rateLimited') this.#lost(closeCodes.misbehaved)
    else if (refusal.retryable) this.#lost(code)
    else this.#end('refused', refusal)
  }

  #lost(code: number): void {
    const final = finalReasons.get(code)
    if (final !== undefined) return this.#end(final, null)
    if (code === closeCodes.unauthenticated && this.#refused) return this.#end('unauthenticated', null)
    if (code === closeCodes.unauthenticated) this.#refused = true
    this.#disconnect()
    const { timing } = this.#options
    const delay = reconnectDelay(this.#failures, timing, this.#options.random ?? Math.random)
    const wait = code === closeCodes.unauthenticated ? 0 : code === closeCodes.misbehaved ? Math.max(delay, timing.penalty) : delay
    this.#options.logger.debug('socket.lost', { code, failures: this.#failures, wait })
    this.#failures += 1
    this.#timer = setTimeout(() => this.#connect(), wait)
    this.#enter('waiting')
    this.#pending.connectionLost()
  }

  #end(reason: SocketEndReason, error: RingwayError | null): void {
    if (this.#state === 'closed') return
    this.#disconnect()
    this.#enter('closed')
    this.#pending.rejectAll(error ?? RingwayError.ofDevice(this.#options.closedCode))
    if (reason !== 'closed') this.#emitter.emit('ended', { reason, error })
    this.#emitter.clear()
  }

  #disconnect(): void {
    clearTimeout(this.#timer)
    this.#keepAlive.stop()
    this.#generation += 1
    this.#connection?.close()
    this.#connection = null
  }

  #enter(state: SocketState): void {
    if (this.#state === state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }
}

const finalReasons: ReadonlyMap<number, SocketEndReason> = new Map([
  [closeCodes.ended, 'ended'],
  [closeCodes.forbidden, 'forbidden'],
  [closeCodes.replaced, 'replaced'],
])

function frameOf<O extends Operation>(operation: O, params: PathParameters, body: RequestInput<O>): Request {
  const frame = { id: newId(), method: operation.method, resource: resourceOf(operation.path, params) }
  return body === undefined ? frame : { ...frame, body }
}

function parseFrame(text: string) {
  try {
    const parsed = serverFrameSchema.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
