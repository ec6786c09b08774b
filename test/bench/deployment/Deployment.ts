import { z } from 'zod'
import { descendantsOf } from '../kit/cpu.ts'
import { domainSchema, type ReplaceDomain } from '#shared/protocol/sapi/domains.ts'
import { type TokenResponse, tokenResponseSchema } from '#shared/protocol/sapi/oauth.ts'
import { userSchema } from '#shared/protocol/sapi/users.ts'
import { type Stack, startStack } from '#test/support/stack.ts'

export interface Account {
  readonly username: string
  readonly password: string
}

const domainName = 'default'
const password = 'a password of the benches'
const createdSchema = z.looseObject({ id: z.string() })

/** A Ringway on this machine as `npm start` runs it, with one media worker per core and accounts made by its own REST API. */
export class Deployment {
  readonly #stack: Stack
  readonly adminToken: string

  private constructor(stack: Stack, adminToken: string) {
    this.#stack = stack
    this.adminToken = adminToken
  }

  /** @param options.mediaPorts `min-max`: two for each SRTP participant. @param options.stateDir One to start on, and to leave. */
  static async start(options: { mediaPorts: string; env?: Readonly<Record<string, string>>; stateDir?: string }): Promise<Deployment> {
    const stack = await startStack({
      ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
      env: { RINGWAY_MEDIA_WORKERS: '', RINGWAY_MEDIA_PORTS: options.mediaPorts, RINGWAY_LOG_LEVEL: 'warn', ...options.env },
    })
    try {
      const { access_token } = await requestToken(stack.url, {
        grant_type: 'password',
        username: stack.admin.account,
        password: stack.admin.password,
      })
      const deployment = new Deployment(stack, access_token)
      await deployment.#openDomain()
      return deployment
    } catch (error) {
      await stack.stop()
      throw error
    }
  }

  get url(): string {
    return this.#stack.url
  }

  /** What it printed: warnings and errors of all its processes. */
  get output(): readonly string[] {
    return this.#stack.output
  }

  /** Its processes by their part. */
  get pids(): Readonly<Record<'workerd' | 'edge' | 'supervisor' | 'host' | 'mediaWorkers', readonly number[]>> {
    const { supervisor, edge, workerd, hosts } = this.#stack.pids
    const alive = (pids: readonly (number | null)[]): readonly number[] => pids.filter((pid) => pid !== null)
    const host = alive(hosts)
    return {
      workerd: alive([workerd]),
      edge: alive([edge]),
      supervisor: [supervisor],
      host,
      mediaWorkers: host.flatMap((pid) => descendantsOf(pid)).flatMap(({ pid, name }) => (name.startsWith('mediasoup-work') ? [pid] : [])),
    }
  }

  /** A user with a password, in the default domain. */
  async createUser(username: string): Promise<Account> {
    const user = userSchema.parse(await this.#admin('POST', '/sapi/users', { username, role: 'user', domain: domainName }))
    await this.#admin('POST', '/sapi/credentials', { type: 'basic', user: user.id, domain: domainName, data: { password } })
    return { username, password }
  }

  passwordToken(account: Account): Promise<TokenResponse> {
    return requestToken(this.url, { grant_type: 'password', ...account })
  }

  /** Of a new visitor. */
  anonymousToken(): Promise<TokenResponse> {
    return requestToken(this.url, { grant_type: 'anonymous', username: `@${domainName}` })
  }

  stop(): Promise<unknown> {
    return this.#stack.stop()
  }

  /** Lets visitors and load generators in. */
  async #openDomain(): Promise<void> {
    const domains = z.array(domainSchema).parse(await this.#admin('GET', '/sapi/domains'))
    const found = domains.find(({ domain }) => domain === domainName)
    if (found === undefined) throw new TypeError('There is no default domain')
    const { id, created: _created, jurisdiction, ...rest } = found
    const body: ReplaceDomain = {
      ...rest,
      ...(jurisdiction === null ? {} : { jurisdiction }),
      enableAnonymous: true,
      services: { ...found.services, 'plain-rtp': [] },
    }
    createdSchema.parse(await this.#admin('PUT', `/sapi/domains/${id}`, body))
  }

  async #admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

async function requestToken(url: string, body: Readonly<Record<string, string>>): Promise<TokenResponse> {
  const response = await fetch(`${url}/sapi/o/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`Login refused: ${response.status} ${await response.text()}`)
  return tokenResponseSchema.parse(await response.json())
}
