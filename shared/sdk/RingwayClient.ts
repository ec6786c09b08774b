import { z } from 'zod'
import { newId } from '#shared/ids/ids.ts'
import type { SessionSnapshot } from '#shared/protocol/wapi/hub.ts'
import type { Call } from './api/call.ts'
import type {
  CallOptions,
  ClientEvents,
  ClientOptions,
  ClientState,
  Grant,
  JoinOptions,
  LoginProvider,
  ProviderLoginOptions,
  ProviderTokenOptions,
  Session,
  SessionEndReason,
} from './api/client.ts'
import type { Contact, ContactsQuery, Page } from './api/contacts.ts'
import type { Unsubscribe } from './api/events.ts'
import type { IncomingCall } from './api/incoming-call.ts'
import { Emitter } from './kit/Emitter.ts'
import { sleep } from './kit/sleep.ts'
import { RingwayError } from './RingwayError.ts'
import { CallBook } from './room/CallBook.ts'
import { type Claim, claimSession } from './session/claim.ts'
import { listContacts } from './session/contacts.ts'
import { type Environment, environmentOf } from './session/Environment.ts'
import { firstSnapshot, sessionOf } from './session/first-snapshot.ts'
import { Hub } from './session/Hub.ts'
import { Login } from './session/Login.ts'
import { Memory } from './session/Memory.ts'
import { onNetworkHint } from './session/network-hints.ts'
import { ProviderLogin } from './session/ProviderLogin.ts'
import { socketFactory } from './session/sockets.ts'
import { contextOf } from './session/stack.ts'
import type { SocketEndReason } from './signaling/SignalingSocket.ts'

/** A goodbye waits this long for its answer, in milliseconds. */
const farewell = 2_000

const storedSessionSchema = z.object({ sessionId: z.uuid() })

/** All that there is while somebody is signed in. */
interface SignedIn {
  readonly login: Login
  readonly hub: Hub
  readonly session: Session
  readonly book: CallBook
  readonly stopHints: Unsubscribe
  readonly release: () => void
}

const nothing: ReadonlyMap<string, never> = new Map<string, never>()

/** One signed-in device. */
export class RingwayClient {
  readonly #environment: Environment
  readonly #options: ClientOptions
  readonly #emitter: Emitter<ClientEvents>
  readonly #memory: Memory<typeof storedSessionSchema>
  #state: ClientState = 'signedOut'
  #signedIn: SignedIn | null = null

  constructor(options: ClientOptions) {
    this.#options = options
    this.#environment = environmentOf(options)
    const { logger, storage, keyPrefix } = this.#environment
    this.#emitter = new Emitter(logger)
    this.#memory = new Memory({ storage, key: `${keyPrefix}session`, schema: storedSessionSchema })
  }

  get state(): ClientState {
    return this.#state
  }

  /** Null while signed out. */
  get session(): Session | null {
    return this.#signedIn?.session ?? null
  }

  /** Calls this device is in, by room id. */
  get calls(): ReadonlyMap<string, Call> {
    return this.#signedIn?.book.calls ?? nothing
  }

  /** Calls that ring on this device, by invite id. */
  get invites(): ReadonlyMap<string, IncomingCall> {
    return this.#signedIn?.book.invites ?? nothing
  }

  /** Signs in and opens a session. Rejects with `invalidGrant` where the credentials are wrong. */
  async login(grant: Grant): Promise<Session> {
    this.#begin()
    const login = new Login(this.#environment)
    try {
      await login.open(grant)
      const { current } = await this.#open(login, await claimSession(this.#environment))
      return current.session
    } catch (error) {
      await login.revoke()
      this.#enter('signedOut')
      throw error
    }
  }

  /** Whom users of a domain may sign in with; nobody has to be signed in to ask. */
  async loginProviders(domain?: string): Promise<readonly LoginProvider[]> {
    return new ProviderLogin(this.#environment).list(domain)
  }

  /**
   * Leaves the page to sign in with a provider, which sends it back; there, `completeLogin()` goes on. For
   * browsers. `storage` must outlast the way, as `sessionStorage` does.
   */
  async loginWithProvider(provider: string, options: ProviderLoginOptions = {}): Promise<void> {
    if (typeof window === 'undefined') throw new TypeError('Only a page can be sent to a provider; see loginWithToken()')
    window.location.assign(await new ProviderLogin(this.#environment).wayOut(provider, options))
  }

  /**
   * Finishes the login that `loginWithProvider()` began, once the page is back. Null where it has not come
   * from a provider. Rejects with `federationRefused`, `accountUnknown`, `federationExpired`, … where it failed.
   */
  async completeLogin(): Promise<Session | null> {
    const grant = typeof window === 'undefined' ? null : new ProviderLogin(this.#environment).wayBack()
    return grant === null ? null : this.login(grant)
  }

  /** Signs in with a token of a provider that the application has got by itself. Rejects where it was not issued for this deployment. */
  async loginWithToken(provider: string, token: string, options: ProviderTokenOptions = {}): Promise<Session> {
    return this.login({ grantType: 'provider_token', provider, token, ...options })
  }

  /**
   * After a reload: resumes the stored session and goes back into its calls, which are in `calls` when this
   * resolves. Null where nothing (valid) is stored. Rejects with a retryable error where the server cannot
   * be reached; what is stored stays.
   */
  async restore(): Promise<Session | null> {
    this.#begin()
    const login = new Login(this.#environment)
    try {
      const claim = login.restore() ? await this.#claimStored(login) : null
      if (claim === null) {
        this.#enter('signedOut')
        return null
      }
      const { current, snapshot } = await this.#open(login, claim)
      await current.book.rejoin(snapshot.calls)
      return current.session
    } catch (error) {
      login.pause()
      this.#enter('signedOut')
      if (!(error instanceof RingwayError) || error.retryable) throw error
      login.forget()
      this.#memory.clear()
      return null
    }
  }

  /** Leaves all calls, ends the session and revokes its tokens. Never rejects. */
  async logout(): Promise<void> {
    const current = this.#signedIn
    if (current === null) return
    await current.book.leaveAll()
    const closed = current.hub.closeSession().catch((error: unknown) => this.#environment.logger.info('session.closeUnanswered', { error }))
    await Promise.race([closed, sleep(farewell)])
    this.#memory.clear()
    this.#leave(current)
    await current.login.revoke()
    this.#emitter.emit('sessionEnded', { reason: 'signedOut' })
  }

  /**
   * Closes every connection without signing out or hanging up, as leaving the page does: `restore()`, here or
   * in a client with the same storages, brings the session and its calls back. Idempotent.
   */
  close(): void {
    const current = this.#signedIn
    if (current === null) return
    current.book.abandonAll('failed', { keepMemory: true })
    current.login.pause()
    this.#leave(current)
  }

  /** Other users of one's own domain. */
  async contacts(options: ContactsQuery = {}): Promise<Page<Contact>> {
    const { login } = this.#required()
    return login.authorized((bearer) => listContacts(login.rest, { ...options, bearer }))
  }

  /** Makes a room and rings `to` in it. Rejects where nobody could be rung (`userOffline`, `userUnknown`, `userBusy`, …) or the microphone was refused. */
  async call(options: CallOptions): Promise<Call> {
    return this.#required().book.call(options)
  }

  /**
   * Joins a room by its id: `wac-conf` and 20 digits, or `wac-meeting:<id>` for the users of a meeting, which are
   * created where nobody is in. Whoever else holds a meeting's link joins by what it has as `room`. Rejects with
   * `meetingNotStarted` or `meetingEnded`, whose context has the instants, outside of a meeting's time.
   */
  async joinRoom(roomId: string, options: JoinOptions = {}): Promise<Call> {
    return this.#required().book.join(roomId, options)
  }

  on<Name extends keyof ClientEvents>(event: Name, listener: (payload: ClientEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(event, listener)
  }

  /** Null where all that is stored is another page's. */
  async #claimStored(login: Login): Promise<Claim | null> {
    const stored = this.#memory.read()
    const claim = await claimSession(this.#environment, stored?.sessionId)
    if (claim !== null) return claim
    this.#memory.clear()
    const { storage, tokenStorage } = this.#environment
    if (tokenStorage !== storage) return claimSession(this.#environment)
    login.forget()
    return null
  }

  async #open(login: Login, claim: Claim | null): Promise<{ current: SignedIn; snapshot: SessionSnapshot }> {
    const environment = this.#environment
    const { engine, timing, logger } = environment
    const { sessionId, release } = claim ?? { sessionId: newId(), release: () => undefined }
    const sockets = socketFactory({ ...environment, accessToken: login.accessToken })
    const hub = new Hub({ sessionId, context: contextOf(this.#options.context, { hasMedia: engine !== null }), sockets, logger })
    try {
      return await firstSnapshot(hub, timing.requestTimeout, (snapshot) => {
        const session = sessionOf(snapshot)
        const decline = (inviteId: string): Promise<void> => hub.declineInvite(inviteId)
        const book = new CallBook({ environment, sockets, session, output: this.#emitter, decline })
        const stopHints = onNetworkHint(() => {
          hub.wake()
          book.wake()
        })
        const current: SignedIn = { login, hub, session, book, stopHints, release }
        this.#begun(current, snapshot)
        return { current, snapshot }
      })
    } catch (error) {
      hub.close()
      release()
      throw error
    }
  }

  #begun(current: SignedIn, snapshot: SessionSnapshot): void {
    this.#signedIn = current
    this.#memory.write({ sessionId: current.session.sessionId })
    this.#listen(current)
    this.#enter('online')
    // The first call then finds it loaded.
    this.#environment.engine?.preload?.()
    current.book.handleInvites(snapshot.invites)
  }

  #listen(current: SignedIn): void {
    const { hub, book, login } = current
    hub.on('online', (online) => this.#enter(online ? 'online' : 'reconnecting'))
    hub.on('snapshot', ({ invites }) => book.handleInvites(invites))
    hub.on('inviteReceived', (invite) => book.handleInvite(invite))
    hub.on('inviteEnded', (ended) => book.handleInviteEnded(ended))
    hub.on('ended', ({ reason, error }) => this.#end(current, endReasonOf(reason), error))
    login.on('renewed', (token) => {
      // Where it is not taken, the connection ends with the old token and comes back with this one.
      hub.renew(token).catch((error: unknown) => this.#environment.logger.info('session.renewUnanswered', { error }))
    })
    login.on('ended', () => this.#end(current, 'unauthenticated', null))
  }

  /** The session is over, and not because this side wanted it. */
  #end(current: SignedIn, reason: SessionEndReason, error: RingwayError | null): void {
    if (this.#signedIn !== current) return
    current.book.abandonAll(reason === 'replaced' ? 'replaced' : 'revoked', { keepMemory: reason === 'replaced' })
    if (reason === 'replaced') {
      // Whoever took it over goes on with what is stored.
      current.login.pause()
    } else {
      current.login.forget()
      this.#memory.clear()
    }
    this.#leave(current)
    if (error !== null) this.#emitter.emit('error', error)
    this.#emitter.emit('sessionEnded', { reason })
  }

  #leave(current: SignedIn): void {
    if (this.#signedIn !== current) return
    this.#signedIn = null
    current.hub.close()
    current.stopHints()
    current.release()
    this.#enter('signedOut')
  }

  #begin(): void {
    if (this.#state !== 'signedOut') throw new TypeError('The client is signed in, or about to be; log out first')
    this.#enter('connecting')
  }

  #enter(state: ClientState): void {
    if (this.#state === state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }

  #required(): SignedIn {
    if (this.#signedIn === null) throw RingwayError.ofDevice('signedOut')
    return this.#signedIn
  }
}

function endReasonOf(reason: SocketEndReason): SessionEndReason {
  if (reason === 'unauthenticated' || reason === 'replaced' || reason === 'forbidden') return reason
  return reason === 'refused' ? 'forbidden' : 'ended'
}
