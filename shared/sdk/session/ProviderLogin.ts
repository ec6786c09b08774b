import { z } from 'zod'
import { errorTable, isErrorCode } from '#shared/errors/codes.ts'
import type { Grant, LoginProvider, ProviderLoginOptions } from '../api/client.ts'
import { RingwayError } from '../RingwayError.ts'
import type { Environment } from './Environment.ts'
import { Memory } from './Memory.ts'
import { RestClient } from './RestClient.ts'

const wayOutSchema = z.object({ codeVerifier: z.string().min(43) })
const providersSchema = z.array(z.object({ name: z.string(), displayName: z.string() }))

/** The way of a page to a login provider and back. What comes back is of use to the page that set out only. */
export class ProviderLogin {
  readonly #environment: Environment
  readonly #memory: Memory<typeof wayOutSchema>

  constructor(environment: Environment) {
    const { storage, keyPrefix } = environment
    this.#environment = environment
    this.#memory = new Memory({ storage, key: `${keyPrefix}provider-login`, schema: wayOutSchema })
  }

  /** Whom users of a domain may sign in with. */
  list(domain: string | undefined): Promise<readonly LoginProvider[]> {
    const query = domain === undefined ? '' : `?${new URLSearchParams({ domain }).toString()}`
    return new RestClient(this.#environment).request({ method: 'GET', path: `/sapi/o/federated${query}`, answer: providersSchema })
  }

  /** Where the page goes to sign in. */
  async wayOut(provider: string, { domain, returnTo = here() }: ProviderLoginOptions): Promise<string> {
    const codeVerifier = base64Url(crypto.getRandomValues(new Uint8Array(32)))
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier))
    this.#memory.write({ codeVerifier })
    const query = new URLSearchParams({
      return_to: returnTo,
      code_challenge: base64Url(new Uint8Array(digest)),
      code_challenge_method: 'S256',
      ...(domain === undefined ? {} : { domain }),
    })
    return `${this.#environment.url}/sapi/o/federated/${encodeURIComponent(provider)}?${query.toString()}`
  }

  /**
   * What the page has come back with, which is taken out of its address. Null: it has not come back from a
   * provider. Throws where the login failed, or was begun by another page.
   */
  wayBack(): Grant | null {
    const { location, history } = window
    const fragment = new URLSearchParams(location.hash.slice(1))
    const code = fragment.get('federated_code')
    const error = fragment.get('federated_error')
    if (code === null && error === null) return null
    history.replaceState(history.state, '', location.pathname + location.search)
    const begun = this.#memory.read()
    this.#memory.clear()
    if (code === null) throw failure(error ?? '')
    if (begun === null) throw failure('federationExpired')
    return { grantType: 'federated_code', code, codeVerifier: begun.codeVerifier }
  }
}

/** Anybody can write into an address: only what Ringway says is believed. */
function failure(code: string): RingwayError {
  const known = isErrorCode(code) ? code : 'federationInvalid'
  const { message, retryable, status } = errorTable[known]
  return new RingwayError({ code: known, message, retryable, status })
}

const here = (): string => window.location.origin + window.location.pathname + window.location.search

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
