import { z } from 'zod'
import { tokenResponseSchema } from '#shared/protocol/sapi/oauth.ts'

const foundSchema = z.array(z.looseObject({ id: z.string() })).length(1)

/** The REST API of a stack, called by one signed-in user. */
export class Rest {
  readonly #url: string
  readonly #token: string

  private constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  static async signIn(url: string, user: { username: string; password: string }): Promise<Rest> {
    const answer = await ask(`${url}/sapi/o/token`, { method: 'POST', body: { grant_type: 'password', ...user } })
    return new Rest(url, tokenResponseSchema.parse(answer).access_token)
  }

  /** What is answered; rejects where that is a refusal. */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: `/sapi/${string}`, body?: unknown): Promise<unknown> {
    return ask(`${this.#url}${path}`, { method, body, token: this.#token })
  }

  /** The id of the only one that a list has. */
  async idOf(path: `/sapi/${string}`): Promise<string> {
    const [found] = foundSchema.parse(await this.send('GET', path))
    return found?.id ?? ''
  }
}

async function ask(url: string, { method, body, token }: { method: string; body: unknown; token?: string }): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
