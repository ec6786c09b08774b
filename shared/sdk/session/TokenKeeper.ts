import { z } from 'zod'
import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
import type { Grant, KeyValueStorage } from '../api/client.ts'
import { RingwayError } from '../RingwayError.ts'
import { withLock } from './locks.ts'
import { Memory } from './Memory.ts'
import type { RestClient } from './RestClient.ts'

const tokenAnswerSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  /** Seconds. */
  expires_in: z.number().positive(),
})

const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** Milliseconds since the epoch, by this device's clock. */
  expiresAt: z.number(),
  lifetime: z.number(),
  /**
   * The refresh token has been sent and no answer was stored. If the page dies now, the server may have
   * rotated it, and presenting it again would look like theft and end the login.
   */
  spent: z.boolean(),
})
type Tokens = z.infer<typeof tokensSchema>

/** A token that expires this soon is not worth opening a connection with. */
const minimumValidity = 10_000

/**
 * Keeps one login's tokens fresh. Refresh tokens are rotated and must be used once: refreshing is
 * serialized over all tabs that share the storage, and whoever comes second adopts what the first got.
 */
export class TokenKeeper {
  readonly #rest: RestClient
  readonly #memory: Memory<typeof tokensSchema>
  readonly #lockName: string | null
  readonly #clock: Clock
  readonly #logger: Logger
  #tokens: Tokens | null = null
  /** Makes new tokens where there is no refresh token. Kept in memory only. */
  #grant: Grant | null = null
  #refreshing: Promise<Tokens> | null = null

  /** `lockName` null: nobody shares the storage. */
  constructor(options: { rest: RestClient; storage: KeyValueStorage; key: string; lockName: string | null; clock: Clock; logger: Logger }) {
    this.#rest = options.rest
    this.#memory = new Memory({ storage: options.storage, key: options.key, schema: tokensSchema })
    this.#lockName = options.lockName
    this.#clock = options.clock
    this.#logger = options.logger
  }

  async login(grant: Grant): Promise<void> {
    const answer = await this.#ask(bodyOf(grant))
    this.#grant = grant.grantType === 'client_credentials' ? grant : null
    this.#keep(this.#tokensOf(answer, null))
  }

  /** Takes up what an earlier page stored. False where there is nothing that could still be used. */
  restore(): boolean {
    this.#tokens = this.#memory.read()
    if (this.#tokens === null) return false
    return this.#isFresh(this.#tokens) || canRefresh(this.#tokens)
  }

  /**
   * An access token to use now. `refused`: one that the server would not take.
   * @throws RingwayError `unauthenticated` where only a new login helps, else a retryable one.
   */
  async accessToken(options: { refused?: string } = {}): Promise<string> {
    const tokens = this.#tokens
    if (tokens === null) throw RingwayError.ofDevice('signedOut')
    if (this.#isFresh(tokens) && tokens.accessToken !== options.refused) return tokens.accessToken
    return (await this.refresh()).accessToken
  }

  /** Milliseconds until the access token should be replaced, well before it expires; null where it cannot be. */
  renewIn(): number | null {
    const tokens = this.#tokens
    if (tokens === null || (!canRefresh(tokens) && this.#grant === null)) return null
    return Math.max(0, tokens.expiresAt - Math.min(tokens.lifetime / 3, 300_000) - this.#clock.now())
  }

  /** One at a time; the rest wait for its outcome. */
  refresh(): Promise<Tokens> {
    this.#refreshing ??= withLock(this.#lockName, () => this.#refresh()).finally(() => (this.#refreshing = null))
    return this.#refreshing
  }

  /** Ends the login at the server, as far as it can be reached, and forgets it here. */
  async revoke(): Promise<void> {
    const tokens = this.#tokens
    this.forget()
    if (tokens === null) return
    const body = { token: tokens.refreshToken ?? tokens.accessToken }
    const request = { method: 'POST', path: '/sapi/o/revoke', body, bearer: tokens.accessToken, answer: z.unknown() } as const
    await this.#rest.request(request).catch((error: unknown) => this.#logger.info('login.revokeFailed', { error }))
  }

  forget(): void {
    this.#tokens = null
    this.#grant = null
    this.#memory.clear()
  }

  async #refresh(): Promise<Tokens> {
    const mine = this.#tokens
    if (mine === null) throw RingwayError.ofDevice('signedOut')
    const stored = this.#memory.read()
    if (stored !== null && stored.accessToken !== mine.accessToken && this.#isFresh(stored)) {
      this.#tokens = stored
      return stored
    }
    const tokens = stored ?? mine
    if (!canRefresh(tokens)) return this.#loginAgain(mine)
    this.#memory.write({ ...tokens, spent: true })
    try {
      const answer = await this.#ask({ grant_type: 'refresh_token', refresh_token: tokens.refreshToken })
      return this.#keep(this.#tokensOf(answer, tokens.refreshToken))
    } catch (error) {
      throw this.#refreshFailed(tokens, error)
    }
  }

  #refreshFailed(tokens: Tokens, error: unknown): unknown {
    if (!(error instanceof RingwayError)) return error
    if (error.retryable) {
      // This page lives on and knows that it may have to ask twice.
      this.#memory.write(tokens)
      return error
    }
    this.#logger.info('login.ended', { code: error.code })
    this.forget()
    return new RingwayError({ code: 'unauthenticated', message: 'The login has ended.', retryable: false, status: 401, cause: error })
  }

  async #loginAgain(old: Tokens): Promise<Tokens> {
    if (this.#grant !== null) return this.#keep(this.#tokensOf(await this.#ask(bodyOf(this.#grant)), null))
    // What is left of the access token's life may still be used by others that share it.
    if (!this.#isFresh(old)) this.forget()
    throw new RingwayError({ code: 'unauthenticated', message: 'The login has ended.', retryable: false, status: 401 })
  }

  #ask(body: Readonly<Record<string, unknown>>): Promise<z.infer<typeof tokenAnswerSchema>> {
    return this.#rest.request({ method: 'POST', path: '/sapi/o/token', body, answer: tokenAnswerSchema })
  }

  #tokensOf(answer: z.infer<typeof tokenAnswerSchema>, refreshToken: string | null): Tokens {
    const lifetime = answer.expires_in * 1000
    return {
      accessToken: answer.access_token,
      // A server that does not rotate may leave it out (RFC 6749 §6).
      refreshToken: answer.refresh_token ?? refreshToken,
      expiresAt: this.#clock.now() + lifetime,
      lifetime,
      spent: false,
    }
  }

  #keep(tokens: Tokens): Tokens {
    this.#tokens = tokens
    this.#memory.write(tokens)
    return tokens
  }

  #isFresh(tokens: Tokens): boolean {
    return tokens.expiresAt - this.#clock.now() > Math.min(minimumValidity, tokens.lifetime / 10)
  }
}

const canRefresh = (tokens: Tokens): tokens is Tokens & { refreshToken: string } => tokens.refreshToken !== null && !tokens.spent

function bodyOf(grant: Grant): Readonly<Record<string, unknown>> {
  switch (grant.grantType) {
    case 'password':
      return { grant_type: 'password', username: grant.username, password: grant.password }
    case 'anonymous':
      return { grant_type: 'anonymous', ...(grant.domain === undefined ? {} : { username: `@${grant.domain}` }) }
    case 'client_credentials':
      return { grant_type: 'client_credentials', client_id: grant.clientId, client_secret: grant.clientSecret }
    case 'federated_code':
      return { grant_type: 'urn:ringway:federated-code', code: grant.code, code_verifier: grant.codeVerifier }
    case 'provider_token':
      return {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        provider: grant.provider,
        subject_token: grant.token,
        subject_token_type: `urn:ietf:params:oauth:token-type:${grant.tokenType ?? 'id_token'}`,
        ...(grant.domain === undefined ? {} : { domain: grant.domain }),
        ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
      }
  }
}
