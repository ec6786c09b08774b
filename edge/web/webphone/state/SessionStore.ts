import type { ClientState, Session, SessionEndReason } from '#shared/sdk/index.ts'
import { codeOf, isRetryable, type PhoneClient } from './phone-client.ts'
import { Store } from './Store.ts'

/*
 *   restoring ──► signedOut ◄──► signingIn
 *       │             ▲              │
 *       └────────► signedIn ◄────────┘
 */
export type SessionState =
  /** `errorCode`: why it could not be found out yet; it is tried again. */
  | { readonly status: 'restoring'; readonly errorCode: string | null }
  | { readonly status: 'signedOut'; readonly errorCode: string | null; readonly endReason: Exclude<SessionEndReason, 'signedOut'> | null }
  | { readonly status: 'signingIn' }
  | { readonly status: 'signedIn'; readonly user: Session['user']; readonly connection: ClientState }

/** Who is signed in on this device, and whether the server can be reached. */
export class SessionStore extends Store<SessionState> {
  readonly #client: PhoneClient
  readonly #sleep: (milliseconds: number) => Promise<void>

  constructor(client: PhoneClient, { sleep }: { sleep: (milliseconds: number) => Promise<void> }) {
    super({ status: 'restoring', errorCode: null })
    this.#client = client
    this.#sleep = sleep
    client.on('state', () => this.#refresh())
    client.on('sessionEnded', ({ reason }) => {
      this.replace({ status: 'signedOut', errorCode: null, endReason: reason === 'signedOut' ? null : reason })
    })
  }

  /**
   * Goes on with a login that a provider has sent back, or goes back to the session that a reload interrupted,
   * where there is one; a server that is away is waited for.
   */
  async restore(): Promise<void> {
    if (await this.#completed()) return
    for (let attempt = 0; this.state.status === 'restoring'; attempt += 1) {
      try {
        const session = await this.#client.restore()
        if (session === null) this.replace({ status: 'signedOut', errorCode: null, endReason: null })
        else this.#signedIn(session)
      } catch (error) {
        const errorCode = codeOf(error)
        if (!isRetryable(error)) return this.replace({ status: 'signedOut', errorCode, endReason: null })
        this.replace({ status: 'restoring', errorCode })
        await this.#sleep(Math.min(1000 * 2 ** attempt, 10_000))
      }
    }
  }

  async signIn(credentials: { username: string; password: string }): Promise<void> {
    this.replace({ status: 'signingIn' })
    try {
      this.#signedIn(await this.#client.login({ grantType: 'password', ...credentials }))
    } catch (error) {
      this.replace({ status: 'signedOut', errorCode: codeOf(error), endReason: null })
    }
  }

  /** As a visitor, who has no account. */
  async signInAsGuest(domain: string): Promise<void> {
    this.replace({ status: 'signingIn' })
    try {
      this.#signedIn(await this.#client.login({ grantType: 'anonymous', domain }))
    } catch (error) {
      const code = codeOf(error)
      // There is no name or password that could be wrong: the domain takes no visitors any more.
      this.replace({ status: 'signedOut', errorCode: code === 'invalidGrant' ? 'roomNotFound' : code, endReason: null })
    }
  }

  /** Leaves the page for a login provider. `domain` undefined: the deployment's own. */
  async signInWith(provider: string, domain: string | undefined): Promise<void> {
    this.replace({ status: 'signingIn' })
    try {
      await this.#client.loginWithProvider(provider, domain === undefined ? {} : { domain })
    } catch (error) {
      this.replace({ status: 'signedOut', errorCode: codeOf(error), endReason: null })
    }
  }

  /** The browser shows the page again as it was left, instead of coming back from the provider. */
  cameBack(): void {
    if (this.state.status === 'signingIn') this.replace({ status: 'signedOut', errorCode: null, endReason: null })
  }

  async signOut(): Promise<void> {
    await this.#client.logout()
    this.replace({ status: 'signedOut', errorCode: null, endReason: null })
  }

  /** Whether that settles who is signed in. */
  async #completed(): Promise<boolean> {
    try {
      const session = await this.#client.completeLogin()
      if (session === null) return false
      this.#signedIn(session)
    } catch (error) {
      this.replace({ status: 'signedOut', errorCode: codeOf(error), endReason: null })
    }
    return true
  }

  #signedIn(session: Session): void {
    this.replace({ status: 'signedIn', user: session.user, connection: this.#client.state })
  }

  #refresh(): void {
    if (this.state.status === 'signedIn') this.replace({ ...this.state, connection: this.#client.state })
  }
}
