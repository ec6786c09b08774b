import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { isErrorCode } from '#shared/errors/codes.ts'
import type { Logger } from '#shared/log/logger.ts'
import {
  type FleetFrame,
  type FleetRequest,
  type FleetResponse,
  fleetFrameSchema,
  type ParamsOf,
  type ProcedureTable,
  type ResultOf,
} from '#shared/protocol/fleet/frames.ts'
import { maxFleetMessageBytes } from '#shared/protocol/limits.ts'
import { KeepAlive } from './KeepAlive.ts'

type NotificationTable = Readonly<Record<string, z.ZodType>>

/** What each side of a link may say, from the point of view of the side that holds it. */
export interface LinkContract {
  /** Questions this side answers. */
  readonly serves: ProcedureTable
  /** Questions this side asks. */
  readonly asks: ProcedureTable
  /** Notifications this side sends. */
  readonly sends: NotificationTable
  /** Notifications this side takes. */
  readonly hears: NotificationTable
}

export type Handlers<Table extends ProcedureTable> = {
  readonly [Name in keyof Table]: (params: ParamsOf<Table[Name]>) => Promise<ResultOf<Table[Name]>>
}

export type Listeners<Table extends NotificationTable> = { readonly [Name in keyof Table]: (body: z.infer<Table[Name]>) => void }

/** Why a link is over. `silent`: three keep-alives went unanswered. */
export interface LinkEnd {
  readonly cause: 'closedHere' | 'closedThere' | 'silent'
  /** The WebSocket close code; 1006 where none was exchanged. */
  readonly code: number
}

export interface LinkOptions<Contract extends LinkContract> {
  readonly contract: Contract
  readonly handlers: Handlers<Contract['serves']>
  readonly listeners: Listeners<Contract['hears']>
  readonly logger: Logger
  /** How long a question waits for its answer unless it says otherwise, in milliseconds. */
  readonly requestTimeoutMs?: number
  readonly keepAliveMs?: number
}

interface PendingRequest {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: AppError) => void
  readonly timer: NodeJS.Timeout
}

const defaultRequestTimeoutMs = 5000

/**
 * One end of a fleet link over an open WebSocket: questions, answers and notifications, each parsed
 * on the way in, answers checked on the way out. Nothing that arrives can throw into the owner: a bad
 * frame is answered with a typed error where it has an id, and logged.
 */
export class FleetLink<Contract extends LinkContract> {
  readonly #socket: WebSocket
  readonly #contract: Contract
  readonly #handlers: Handlers<Contract['serves']>
  readonly #listeners: Listeners<Contract['hears']>
  readonly #logger: Logger
  readonly #requestTimeoutMs: number
  readonly #keepAlive: KeepAlive
  readonly #pending = new Map<number, PendingRequest>()
  readonly #ended = Promise.withResolvers<LinkEnd>()
  readonly #events = new AbortController()
  #nextId = 1
  #closed = false

  /** Takes over an open socket. */
  static create<Contract extends LinkContract>(socket: WebSocket, options: LinkOptions<Contract>): FleetLink<Contract> {
    return new FleetLink(socket, options)
  }

  private constructor(socket: WebSocket, options: LinkOptions<Contract>) {
    this.#socket = socket
    this.#contract = options.contract
    this.#handlers = options.handlers
    this.#listeners = options.listeners
    this.#logger = options.logger
    this.#requestTimeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs
    this.#keepAlive = KeepAlive.start({
      send: (frame) => this.#transmit(frame),
      lost: () => this.#end({ cause: 'silent', code: 1006 }),
      ...(options.keepAliveMs === undefined ? {} : { intervalMs: options.keepAliveMs }),
    })
    const { signal } = this.#events
    socket.addEventListener('message', ({ data }) => this.#receive(data), { signal })
    socket.addEventListener('close', ({ code }) => this.#end({ cause: 'closedThere', code }), { signal })
  }

  /** Settles once, when the link is over for whatever reason. */
  get ended(): Promise<LinkEnd> {
    return this.#ended.promise
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Milliseconds of the last keep-alive's round trip. */
  get roundTripMs(): number | undefined {
    return this.#keepAlive.roundTripMs
  }

  /** Sends a notification; does nothing once the link is over, as no notification is promised to arrive. */
  notify<Name extends keyof Contract['sends'] & string>(name: Name, body: z.infer<Contract['sends'][Name]>): void {
    this.#send({ notify: name, params: body })
  }

  /**
   * Asks the far side. Rejects with the error it answers (`internal` for a code this side does not
   * know), `timeout`, `unavailable` when the link ends first, or `internal` for a malformed answer.
   */
  async request<Name extends keyof Contract['asks'] & string>(
    name: Name,
    params: ParamsOf<Contract['asks'][Name]>,
    options: { timeoutMs?: number } = {},
  ): Promise<ResultOf<Contract['asks'][Name]>> {
    const procedure = this.#contract.asks[name]
    if (procedure === undefined) throw new TypeError(`Not a procedure of this link: ${name}`)
    if (this.#closed) throw new AppError('unavailable')
    const id = this.#nextId++
    const answer = await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(id, ({ reject: fail }) => fail(new AppError('timeout'))),
        options.timeoutMs ?? this.#requestTimeoutMs,
      )
      this.#pending.set(id, { resolve, reject, timer })
      this.#send({ id, method: name, params })
    })
    const result = procedure.result.safeParse(answer)
    if (!result.success) throw new AppError('internal', { cause: result.error })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generic table erases which schema this was; the parse has just established the shape.
    return result.data as ResultOf<Contract['asks'][Name]>
  }

  /** Ends the link. `code` is one of RFC 6455 §7.4.1's 1000 or Ringway's own close codes. */
  close(code = 1000): void {
    this.#end({ cause: 'closedHere', code })
  }

  #end(end: LinkEnd): void {
    if (this.#closed) return
    this.#closed = true
    this.#keepAlive.close()
    this.#events.abort()
    this.#socket.close(end.cause === 'closedHere' ? end.code : undefined)
    for (const id of this.#pending.keys()) this.#settle(id, ({ reject }) => reject(new AppError('unavailable')))
    this.#ended.resolve(end)
  }

  #receive(data: unknown): void {
    if (this.#keepAlive.heard(data)) return
    if (typeof data !== 'string') return this.#complain('malformedMessage')
    if (Buffer.byteLength(data) > maxFleetMessageBytes) return this.#complain('payloadTooLarge')
    const frame = fleetFrameSchema.safeParse(parseJson(data))
    if (!frame.success) return this.#complain('malformedMessage', data)
    if ('method' in frame.data) void this.#answer(frame.data)
    else if ('notify' in frame.data) this.#hear(frame.data.notify, frame.data.params)
    else this.#settleWith(frame.data)
  }

  async #answer(request: FleetRequest): Promise<void> {
    try {
      this.#send({ id: request.id, result: await this.#perform(request) })
    } catch (thrown) {
      const error = AppError.from(thrown)
      if (error.code === 'internal') this.#logger.error('link.requestFailed', { method: request.method, error: thrown })
      else this.#logger.debug('link.requestRefused', { method: request.method, code: error.code, error })
      this.#send({ id: request.id, error: { code: error.code, message: error.message, context: { ...error.context } } })
    }
  }

  async #perform(request: FleetRequest): Promise<unknown> {
    const { method } = request
    const procedure = Object.hasOwn(this.#contract.serves, method) ? this.#contract.serves[method] : undefined
    const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined
    if (procedure === undefined || handler === undefined) throw new AppError('unsupportedMethod', { context: { method } })
    const params = procedure.params.safeParse(request.params)
    if (!params.success) throw AppError.invalidRequest(params.error)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generic table erases which schema this was; the parse has just established the shape.
    const outcome = await handler(params.data as ParamsOf<Contract['serves'][string]>)
    const result = procedure.result.safeParse(outcome)
    if (!result.success) throw new AppError('internal', { cause: result.error })
    return result.data
  }

  #hear(name: string, body: unknown): void {
    const schema = Object.hasOwn(this.#contract.hears, name) ? this.#contract.hears[name] : undefined
    const listener = Object.hasOwn(this.#listeners, name) ? this.#listeners[name] : undefined
    if (schema === undefined || listener === undefined) return this.#logger.debug('link.unknownNotification', { name })
    const parsed = schema.safeParse(body)
    if (!parsed.success) return this.#logger.warn('link.badNotification', { name, error: AppError.invalidRequest(parsed.error) })
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above: the schema of this very name has accepted the body.
      listener(parsed.data as z.infer<Contract['hears'][string]>)
    } catch (error) {
      this.#logger.error('link.listenerFailed', { name, error })
    }
  }

  #settleWith(response: FleetResponse): void {
    this.#settle(response.id, ({ resolve, reject }) => {
      if ('error' in response) reject(remoteError(response.error))
      else resolve(response.result)
    })
  }

  #settle(id: number, how: (request: PendingRequest) => void): void {
    const request = this.#pending.get(id)
    if (request === undefined) return
    this.#pending.delete(id)
    clearTimeout(request.timer)
    how(request)
  }

  /** Tells the far side what is wrong with a frame, where the frame lets it know which one. */
  #complain(code: 'malformedMessage' | 'payloadTooLarge', data?: string): void {
    this.#logger.warn('link.badFrame', { code })
    const id = data === undefined ? undefined : idOf(parseJson(data))
    const error = new AppError(code)
    if (id !== undefined) this.#send({ id, error: { code: error.code, message: error.message } })
  }

  #send(frame: FleetFrame): void {
    if (!this.#closed) this.#transmit(JSON.stringify(frame))
  }

  #transmit(text: string): void {
    // A socket that is closing drops what is sent; one that never opened would throw, and cannot get here.
    this.#socket.send(text)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The id of something that meant to be a question: it has a method, or at least no answer in it. */
function idOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || 'result' in value || 'error' in value) return undefined
  return 'id' in value && typeof value.id === 'number' && Number.isSafeInteger(value.id) && value.id >= 0 ? value.id : undefined
}

function remoteError(error: { code: string; message: string; context?: Record<string, unknown> | undefined }): AppError {
  if (!isErrorCode(error.code)) return new AppError('internal', { cause: error })
  return new AppError(error.code, { context: error.context ?? {} })
}
