import type { ClientState, Session, SessionEndReason } from '#shared/sdk/index.ts'
import { codeOf, type PhoneClient } from './phone-client.ts'
import { Store } from './Store.ts'

/*
 *   restoring ──► signedOut ◄──► signingIn
 *       │             ▲              │
 *       └────────► signedIn ◄────────┘
 */
export type SessionState =
  | { readonly status: 'restoring' }
  | { readonly status: 'signedOut'; readonly errorCode: string | null; readonly endReason: Exclude<SessionEndReason, 'signedOut'> | null }
  | { readonly status: 'signingIn' }
  | { readonly status: 'signedIn'; readonly user: Session['user']; readonly connection: ClientState }

/** Who is signed in on this device, and whether the server can be reached. */
export class SessionStore extends Store<SessionState> {
  readonly #client: PhoneClient

  constructor(client: PhoneClient) {
    super({ status: 'restoring' })
    this.#client = client
    client.on('state', () => this.#refresh())
    client.on('sessionEnded', ({ reason }) => {
      this.replace({ status: 'signedOut', errorCode: null, endReason: reason === 'signedOut' ? null : reason })
    })
  }

  /** Goes back to the session that a reload interrupted, where there is one. */
  async restore(): Promise<void> {
    try {
      const session = await this.#client.restore()
      if (session === null) this.replace({ status: 'signedOut', errorCode: null, endReason: null })
      else this.#signedIn(session)
    } catch (error) {
      this.replace({ status: 'signedOut', errorCode: codeOf(error), endReason: null })
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

  async signOut(): Promise<void> {
    await this.#client.logout()
    this.replace({ status: 'signedOut', errorCode: null, endReason: null })
  }

  #signedIn(session: Session): void {
    this.replace({ status: 'signedIn', user: session.user, connection: this.#client.state })
  }

  #refresh(): void {
    if (this.state.status === 'signedIn') this.replace({ ...this.state, connection: this.#client.state })
  }
}
