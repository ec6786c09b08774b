import type { Logger } from '#shared/log/logger.ts'
import type { Grant } from '../api/client.ts'
import { Emitter } from '../kit/Emitter.ts'
import { RingwayError } from '../RingwayError.ts'
import type { Environment } from './Environment.ts'
import { RestClient } from './RestClient.ts'
import { TokenKeeper } from './TokenKeeper.ts'

export interface LoginEvents {
  /** A fresh access token is there, before the old one expired. */
  renewed: string
  /** No fresh one can be had: only a new login helps. */
  ended: undefined
}

/** A renewal that could not reach the server is tried again after this, in milliseconds. */
const retryAfter = 15_000
/** Timers cannot wait longer (a signed 32-bit number of milliseconds). */
const longestTimer = 2_147_483_647

/** One login: its tokens, kept fresh for as long as it lasts. */
export class Login {
  readonly #tokens: TokenKeeper
  readonly #emitter: Emitter<LoginEvents>
  readonly #logger: Logger
  readonly rest: RestClient
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(environment: Environment) {
    const { url, fetch, tokenStorage, keyPrefix, sharesTokens, clock, logger } = environment
    const key = `${keyPrefix}tokens`
    this.rest = new RestClient({ url, fetch })
    this.#logger = logger
    this.#emitter = new Emitter(logger)
    this.#tokens = new TokenKeeper({ rest: this.rest, storage: tokenStorage, key, lockName: sharesTokens ? key : null, clock, logger })
  }

  get on(): Emitter<LoginEvents>['on'] {
    return this.#emitter.on
  }

  async open(grant: Grant): Promise<void> {
    await this.#tokens.login(grant)
    this.#schedule()
  }

  /** Takes up a stored login. False where there is none that could be used. */
  restore(): boolean {
    if (!this.#tokens.restore()) return false
    this.#schedule()
    return true
  }

  readonly accessToken = async (options: { refused?: string } = {}): Promise<string> => {
    const token = await this.#tokens.accessToken(options)
    this.#schedule()
    return token
  }

  /** A REST call with a token that the server takes, renewing it once where it does not. */
  async authorized<Answer>(call: (bearer: string) => Promise<Answer>): Promise<Answer> {
    const bearer = await this.accessToken()
    try {
      return await call(bearer)
    } catch (error) {
      if (!(error instanceof RingwayError) || error.status !== 401) throw error
      return call(await this.accessToken({ refused: bearer }))
    }
  }

  /** Stops renewing; the login stays, to be restored. */
  pause(): void {
    clearTimeout(this.#timer)
  }

  forget(): void {
    this.pause()
    this.#tokens.forget()
  }

  async revoke(): Promise<void> {
    this.pause()
    await this.#tokens.revoke()
  }

  #schedule(): void {
    const wait = this.#tokens.renewIn()
    clearTimeout(this.#timer)
    if (wait !== null) this.#timer = setTimeout(() => void this.#renew(), Math.min(wait, longestTimer))
  }

  async #renew(): Promise<void> {
    try {
      const { accessToken } = await this.#tokens.refresh()
      this.#emitter.emit('renewed', accessToken)
      this.#schedule()
    } catch (error) {
      if (!(error instanceof RingwayError)) throw error
      this.#logger.warn('login.renewFailed', { code: error.code })
      if (error.retryable) this.#timer = setTimeout(() => void this.#renew(), retryAfter)
      else if (error.code !== 'signedOut') this.#emitter.emit('ended', undefined)
    }
  }
}
