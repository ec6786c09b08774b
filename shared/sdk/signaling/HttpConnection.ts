import { z } from 'zod'
import { keepAlive } from '#shared/protocol/wapi/frames.ts'
import { errorOfAnswer, readJson } from '../kit/http-answer.ts'
import type { RingwayError } from '../RingwayError.ts'
import { abnormalClosure, type Connect, type Connection, type ConnectionHandlers, type Credentials } from './Connection.ts'
import { readEventStream, type StreamedEvent } from './event-stream.ts'

/** The server writes a comment every 15 s; silence beyond this is a dead stream. */
const silenceLimit = 20_000

/** What the server answers to a message for a connection that it does not have (any more). */
const unknownConnection = 'notFound'

const connectionSchema = z.object({ connectionId: z.string() })
const closeSchema = z.object({ code: z.number().int() })

/**
 * WAPI without WebSockets: events and pushed frames come as server-sent events over fetch, requests go
 * as POSTs, each of which is answered in its response. One POST at a time, because requests must arrive
 * in order.
 */
export class HttpConnection implements Connection {
  readonly #url: string
  readonly #fetch: typeof fetch
  readonly #headers: Record<string, string>
  readonly #abort = new AbortController()
  #handlers: ConnectionHandlers | null
  #connectionId: string | null = null
  #lastHeard = 0
  #sending: Promise<void> = Promise.resolve()

  private constructor(options: { url: string; fetch: typeof fetch; credentials: Credentials; handlers: ConnectionHandlers }) {
    this.#url = options.url
    this.#fetch = options.fetch
    this.#headers = headersOf(options.credentials)
    this.#handlers = options.handlers
    void this.#listen()
  }

  /** `url` is the http(s) address that a WebSocket would be opened at. */
  static connector(url: string, options: { fetch: typeof fetch }): Connect {
    return (credentials, handlers) => new HttpConnection({ url, fetch: options.fetch, credentials, handlers })
  }

  /**
   * Why the server would not have a connection; undefined where it would, or cannot be reached. A message to
   * no connection passes the same doors as any other form of connection.
   */
  static async inquire(url: string, options: { fetch: typeof fetch; credentials: Credentials }): Promise<RingwayError | undefined> {
    try {
      const headers = { ...headersOf(options.credentials), 'content-type': 'application/json' }
      const response = await options.fetch.call(undefined, `${url}/messages?connection=`, { method: 'POST', headers, body: '{}' })
      const refusal = errorOfAnswer(response.status, await readJson(response))
      return refusal?.code === unknownConnection ? undefined : refusal
    } catch {
      return undefined
    }
  }

  send(message: string): void {
    if (message === keepAlive.request) return this.#answerKeepAlive()
    this.#sending = this.#sending.then(() => this.#post(message))
  }

  close(): void {
    this.#handlers = null
    this.#abort.abort()
  }

  /** The stream's own keep-alives show that it lives. */
  #answerKeepAlive(): void {
    if (performance.now() - this.#lastHeard < silenceLimit) queueMicrotask(() => this.#handlers?.message(keepAlive.response))
  }

  async #listen(): Promise<void> {
    try {
      const headers = { ...this.#headers, accept: 'text/event-stream' }
      const response = await this.#fetch.call(undefined, `${this.#url}/events`, { headers, signal: this.#abort.signal, cache: 'no-store' })
      if (!response.ok || response.body === null) return await this.#refused(response)
      for await (const event of readEventStream(response.body, { heard: () => (this.#lastHeard = performance.now()) })) this.#handle(event)
    } catch {
      // A stream that fails is a connection lost; the socket above decides what to do.
    }
    this.#closed(abnormalClosure)
  }

  #handle({ event, data }: StreamedEvent): void {
    if (event === 'message') return this.#handlers?.message(data)
    const body = parseJson(data)
    const connection = event === 'connection' ? connectionSchema.safeParse(body) : undefined
    if (connection?.success === true && this.#connectionId === null) {
      this.#connectionId = connection.data.connectionId
      this.#handlers?.opened()
    }
    const close = event === 'close' ? closeSchema.safeParse(body) : undefined
    if (close?.success === true) this.#closed(close.data.code)
  }

  async #post(message: string): Promise<void> {
    if (this.#handlers === null || this.#connectionId === null) return
    try {
      const address = `${this.#url}/messages?connection=${encodeURIComponent(this.#connectionId)}`
      const headers = { ...this.#headers, 'content-type': 'application/json' }
      const response = await this.#fetch.call(undefined, address, { method: 'POST', headers, body: message, signal: this.#abort.signal })
      if (!response.ok) return await this.#refused(response)
      this.#handlers?.message(await response.text())
    } catch {
      this.#closed(abnormalClosure)
    }
  }

  async #refused(response: Response): Promise<void> {
    const refusal = errorOfAnswer(response.status, await readJson(response))
    this.#closed(abnormalClosure, refusal?.code === unknownConnection ? undefined : refusal)
  }

  #closed(code: number, refusal?: RingwayError): void {
    const handlers = this.#handlers
    this.close()
    handlers?.closed(code, refusal)
  }
}

function headersOf({ bearer, ticket }: Credentials): Record<string, string> {
  return { authorization: `Bearer ${bearer}`, ...(ticket === undefined ? {} : { 'ringway-ticket': ticket }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
