import type { z } from 'zod'
import { errorOfAnswer, readJson } from '../kit/http-answer.ts'
import { RingwayError } from '../RingwayError.ts'

export interface RestRequest<Answer extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the deployment's base address, with its query. */
  readonly path: `/${string}`
  readonly body?: unknown
  readonly bearer?: string
  readonly answer: Answer
}

/** The deployment's REST API: JSON in, JSON or problem+json (RFC 9457) out. */
export class RestClient {
  readonly #url: string
  readonly #fetch: typeof fetch

  constructor(options: { url: string; fetch: typeof fetch }) {
    this.#url = options.url
    this.#fetch = options.fetch
  }

  /** @throws RingwayError with the server's code, or `networkUnreachable`, or `invalidAnswer`. */
  async request<Answer extends z.ZodType>(request: RestRequest<Answer>): Promise<z.infer<Answer>> {
    return (await this.requestWithHeaders(request)).body
  }

  async requestWithHeaders<Answer extends z.ZodType>(request: RestRequest<Answer>): Promise<{ body: z.infer<Answer>; headers: Headers }> {
    const response = await this.#send(request)
    const body = await readJson(response)
    if (!response.ok)
      throw errorOfAnswer(response.status, body) ?? RingwayError.ofDevice('invalidAnswer', { cause: { status: response.status, body } })
    const parsed = request.answer.safeParse(body)
    if (parsed.success) return { body: parsed.data, headers: response.headers }
    throw RingwayError.ofDevice('invalidAnswer', { cause: parsed.error })
  }

  async #send(request: RestRequest<z.ZodType>): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (request.body !== undefined) headers['content-type'] = 'application/json'
    if (request.bearer !== undefined) headers['authorization'] = `Bearer ${request.bearer}`
    const body = request.body === undefined ? null : JSON.stringify(request.body)
    try {
      // Called without a receiver: browsers refuse their fetch as another object's method.
      return await this.#fetch.call(undefined, this.#url + request.path, { method: request.method, headers, body })
    } catch (cause) {
      throw RingwayError.ofDevice('networkUnreachable', { cause })
    }
  }
}
