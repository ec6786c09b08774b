import { AppError } from '#shared/errors/AppError.ts'
import { isErrorCode } from '#shared/errors/codes.ts'
import { type FleetResponse, fleetFrameSchema, type ParamsOf, type ProcedureTable, type ResultOf } from '#shared/protocol/fleet/frames.ts'
import { maxFleetMessageBytes } from '#shared/protocol/limits.ts'
import { fitsInBytes } from './fits-in-bytes.ts'
import type { Incoming, NotificationTable } from './incoming.ts'

interface PendingCall {
  readonly name: string
  settle(outcome: { readonly result: unknown } | { readonly error: AppError }): void
}

/** How long a question waits for its answer unless the call says otherwise, in milliseconds. */
const defaultTimeoutMs = 5000

/**
 * One end of a fleet link, for a Durable Object: asks questions of a table of procedures over
 * somebody else's socket and takes apart what arrives on it. It holds no socket: the owner sends
 * (`send`) and feeds it (`handle`), so a hibernated socket is served by a new FleetPeer.
 *
 * The first id is random: an answer to a question of an evicted predecessor finds nothing pending.
 * An open question keeps a timer, and a timer keeps the object from hibernating.
 */
export class FleetPeer<Procedures extends ProcedureTable, Notifications extends NotificationTable> {
  readonly #send: (frame: string) => void
  readonly #procedures: Procedures
  readonly #notifications: Notifications
  readonly #timeoutMs: number
  readonly #newId: () => number
  readonly #pending = new Map<number, PendingCall>()
  #failure: AppError | undefined

  /**
   * `send` puts one text frame on the socket and may throw. `newId` gives ids that are unique among
   * the socket's open questions: integers from 0 to 2^53 - 1.
   */
  constructor(options: {
    send: (frame: string) => void
    procedures: Procedures
    notifications: Notifications
    timeoutMs?: number
    newId?: () => number
  }) {
    this.#send = options.send
    this.#procedures = options.procedures
    this.#notifications = options.notifications
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    this.#newId = options.newId ?? countingFrom(Math.floor(Math.random() * 2 ** 48))
  }

  /** Questions that are not answered yet. */
  get pending(): number {
    return this.#pending.size
  }

  /**
   * Asks the far side. Rejects with the AppError it answered (`internal` for a code that this side
   * does not know), `timeout`, `unavailable` where the frame cannot be sent, `internal` for an
   * answer that does not match the procedure's schema, or what `failAll` was given.
   */
  call<Name extends keyof Procedures & string>(
    name: Name,
    params: ParamsOf<Procedures[Name]>,
    options: { timeoutMs?: number } = {},
  ): Promise<ResultOf<Procedures[Name]>> {
    const procedure = this.#procedures[name]
    if (procedure === undefined) throw new TypeError(`Not a procedure of this link: ${name}`)
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const id = this.#newId()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(id, { error: new AppError('timeout', { context: { procedure: name } }) }),
        options.timeoutMs ?? this.#timeoutMs,
      )
      this.#pending.set(id, {
        name,
        settle: (outcome) => {
          clearTimeout(timer)
          if ('error' in outcome) return reject(outcome.error)
          const result = procedure.result.safeParse(outcome.result)
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The table's type erases which schema has just accepted it.
          if (result.success) resolve(result.data as ResultOf<Procedures[Name]>)
          else reject(new AppError('internal', { cause: result.error }))
        },
      })
      try {
        this.#send(JSON.stringify({ id, method: name, params }))
      } catch (cause) {
        this.#settle(id, { error: new AppError('unavailable', { cause }) })
      }
    })
  }

  /**
   * Takes one frame from the socket. Never throws: what is wrong with a frame is in the result, and
   * the owner decides whether the link survives it. Answers settle their question. Questions of the
   * far side are refused (`unsupportedMethod`), as no link of today gives it any to ask.
   */
  handle(frame: string | ArrayBuffer): Incoming<Notifications> {
    if (typeof frame !== 'string') return rejected(new AppError('malformedMessage'))
    if (!fitsInBytes(frame, maxFleetMessageBytes)) return rejected(new AppError('payloadTooLarge'))
    const parsed = fleetFrameSchema.safeParse(parseJson(frame))
    if (!parsed.success) return rejected(new AppError('malformedMessage', { cause: parsed.error }))
    if ('notify' in parsed.data) return this.#notification(parsed.data.notify, parsed.data.params)
    if ('method' in parsed.data) return this.#refuse(parsed.data)
    return this.#answer(parsed.data)
  }

  /** Fails every open question and all later ones: the socket is gone. Idempotent, the first reason stays. */
  failAll(error: AppError): void {
    this.#failure ??= error
    for (const id of [...this.#pending.keys()]) this.#settle(id, { error: this.#failure })
  }

  #settle(id: number, outcome: { readonly result: unknown } | { readonly error: AppError }): boolean {
    const call = this.#pending.get(id)
    if (call === undefined) return false
    this.#pending.delete(id)
    call.settle(outcome)
    return true
  }

  #answer(response: FleetResponse): Incoming<Notifications> {
    const known =
      'error' in response ? this.#settle(response.id, { error: remoteError(response.error) }) : this.#settle(response.id, response)
    return known ? { kind: 'answer' } : { kind: 'ignored', reason: 'unknownAnswer' }
  }

  #notification(name: string, params: unknown): Incoming<Notifications> {
    const schema = Object.hasOwn(this.#notifications, name) ? this.#notifications[name] : undefined
    if (schema === undefined) return { kind: 'ignored', reason: 'unknownNotification', name }
    const body = schema.safeParse(params)
    if (!body.success) return rejected(AppError.invalidRequest(body.error))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- As above: the schema of this very name has accepted the body.
    return { kind: 'notification', name, body: body.data } as Incoming<Notifications>
  }

  #refuse(request: { id: number; method: string }): Incoming<Notifications> {
    const { code, message } = new AppError('unsupportedMethod')
    try {
      this.#send(JSON.stringify({ id: request.id, error: { code, message } }))
    } catch {
      // The socket is closing; nobody waits for this answer any more.
    }
    return { kind: 'ignored', reason: 'question', name: request.method }
  }
}

const rejected = (error: AppError): { readonly kind: 'rejected'; readonly error: AppError } => ({ kind: 'rejected', error })

function remoteError(error: { code: string; message: string; context?: Record<string, unknown> | undefined }): AppError {
  if (isErrorCode(error.code)) return new AppError(error.code, { context: error.context ?? {}, cause: error.message })
  return new AppError('internal', { cause: `${error.code}: ${error.message}` })
}

function countingFrom(first: number): () => number {
  let next = first
  return () => next++
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
