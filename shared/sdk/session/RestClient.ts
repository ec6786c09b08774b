import { z } from 'zod'
import { errorBodySchema } from '#shared/errors/error-body.ts'
import { RingwayError } from '../RingwayError.ts'

/** OAuth 2 names of failures (RFC 6749 §5.2), for servers that answer with nothing else. */
const oauthCodes: Readonly<Record<string, string>> = {
  invalid_grant: 'invalidGrant',
  invalid_client: 'invalidClient',
  unsupported_grant_type: 'unsupportedGrantType',
  invalid_scope: 'invalidScope',
}

const oauthErrorSchema = z.object({ error: z.string(), error_description: z.string().optional() })

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
    const response = await this.#send(request)
    const body = await readJson(response)
    if (!response.ok) throw errorOf(response.status, body)
    const parsed = request.answer.safeParse(body)
    if (parsed.success) return parsed.data
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

async function readJson(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorOf(status: number, body: unknown): RingwayError {
  const known = errorBodySchema.safeParse(body)
  if (known.success) return RingwayError.ofBody(known.data, { status })
  const oauth = oauthErrorSchema.safeParse(body)
  if (oauth.success) {
    const code = oauthCodes[oauth.data.error] ?? oauth.data.error
    return new RingwayError({ code, message: oauth.data.error_description ?? oauth.data.error, retryable: false, status })
  }
  // A proxy in between answers for a server that is away.
  if (status >= 500) return new RingwayError({ code: 'unavailable', message: 'The service is not available now.', retryable: true, status })
  return RingwayError.ofDevice('invalidAnswer', { cause: { status, body } })
}
