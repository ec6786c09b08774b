import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { AppError } from '#shared/errors/AppError.ts'
import { toErrorBody } from '#shared/errors/error-body.ts'
import { type Request, requestSchema } from '#shared/protocol/wapi/frames.ts'

export interface Answer {
  readonly status?: number
  readonly body?: unknown
}

/** What a test makes of a request. Undefined: no answer at all. A thrown AppError is answered as one. */
export type Respond = (request: Request, connection: TestConnection) => Answer | undefined | Promise<Answer | undefined>

/** One client's connection to a `TestServer`, over a WebSocket or as a stream of events. */
export class TestConnection {
  readonly path: string
  readonly bearer: string
  readonly ticket: string | undefined
  readonly requests: Request[] = []
  readonly transport: 'websocket' | 'http'
  /** Pings are answered. */
  alive = true
  closed = false
  readonly #carrier: { readonly socket: WebSocket } | { readonly stream: ServerResponse }

  constructor(options: {
    path: string
    bearer: string
    ticket?: string | undefined
    carrier: { readonly socket: WebSocket } | { readonly stream: ServerResponse }
  }) {
    this.path = options.path
    this.bearer = options.bearer
    this.ticket = options.ticket
    this.#carrier = options.carrier
    this.transport = 'socket' in options.carrier ? 'websocket' : 'http'
  }

  send(text: string): void {
    if ('socket' in this.#carrier) this.#carrier.socket.send(text)
    else this.#carrier.stream.write(`data: ${text}\n\n`)
  }

  event(event: string, body: unknown, options: { seq?: number; resource?: string } = {}): void {
    const { seq, resource = '/test' } = options
    this.send(JSON.stringify({ ...(seq === undefined ? {} : { seq }), event, resource, body }))
  }

  close(code: number): void {
    if ('socket' in this.#carrier) return this.#carrier.socket.close(code)
    this.#carrier.stream.end(`event: close\ndata: ${JSON.stringify({ code, reason: '' })}\n\n`)
  }

  /** The network between is gone: no close frame. */
  drop(): void {
    if ('socket' in this.#carrier) this.#carrier.socket.terminate()
    else this.#carrier.stream.destroy()
  }

  /** Undefined where there is to be no answer. */
  async answer(text: string, respond: Respond): Promise<string | undefined> {
    const request = requestSchema.parse(JSON.parse(text))
    this.requests.push(request)
    try {
      const answer = await respond(request, this)
      return answer === undefined ? undefined : JSON.stringify({ id: request.id, status: answer.status ?? 200, body: answer.body ?? {} })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return JSON.stringify({ id: request.id, status: error.status, body: toErrorBody(error) })
    }
  }
}
