import {
  type Call,
  type CallEndReason,
  type ClientEvents,
  type ClientState,
  type Contact,
  type IncomingCall,
  type InviteEndReason,
  type LoginProvider,
  type Page,
  RingwayError,
  type Session,
  type Unsubscribe,
} from '#shared/sdk/index.ts'
import { matches } from '../webphone/state/ContactsStore.ts'
import type { PhoneClient } from '../webphone/state/phone-client.ts'
import { FakeCall, type Person } from './FakeCall.ts'

export const domain = 'northwind'
const named = (name: string, displayName: string): Person => ({ username: `${name}@${domain}`, displayName })

export const people = {
  alice: named('alice', 'Alice Moreau'),
  bob: named('bob', 'Bob Lindqvist'),
  carol: named('carol', 'Carol Nwosu'),
  dave: named('dave', 'Dave Okafor'),
  erin: named('erin', 'Erin Castellanos'),
  farid: named('farid', 'Farid Haddad'),
  grace: named('grace', 'Grace Tanaka'),
  hugo: named('hugo', 'Hugo Fernández'),
  ines: named('ines', 'Inês Carvalho'),
} as const

export interface FakeClientOptions {
  readonly signedIn?: boolean
  readonly providers?: readonly LoginProvider[]
  readonly state?: ClientState
  readonly contacts?: 'all' | 'none' | 'loading' | 'failed'
  /** What `login` and `call` reject with. */
  readonly refuse?: string
  /** What `restore` rejects with, for good. */
  readonly unreachable?: boolean
  /** `call` stays unanswered. */
  readonly hang?: boolean
}

/** Stands in for the SDK's client on the stories' page only: it has people, and does what a story says. */
export class FakeClient implements PhoneClient {
  state: ClientState
  session: Session | null = null
  readonly calls = new Map<string, Call>()
  readonly invites = new Map<string, IncomingCall>()
  readonly #options: FakeClientOptions
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()

  constructor(options: FakeClientOptions) {
    this.#options = options
    this.state = options.state ?? 'online'
  }

  async restore(): Promise<Session | null> {
    if (this.#options.unreachable === true) throw RingwayError.ofDevice('networkUnreachable')
    if (this.#options.signedIn !== false) this.session = this.#newSession()
    return this.session
  }

  async loginProviders(_domain?: string): Promise<readonly LoginProvider[]> {
    return this.#options.providers ?? []
  }

  async loginWithProvider(): Promise<void> {
    this.#refuse()
  }

  async completeLogin(): Promise<Session | null> {
    return null
  }

  async login(): Promise<Session> {
    if (this.#options.hang === true) await new Promise(() => {})
    this.#refuse()
    this.session = this.#newSession()
    return this.session
  }

  async logout(): Promise<void> {
    this.session = null
  }

  async contacts({ query = '' }: { query?: string } = {}): Promise<Page<Contact>> {
    const { contacts = 'all' } = this.#options
    if (contacts === 'loading') await new Promise(() => {})
    if (contacts === 'failed') throw new RingwayError({ code: 'unavailable', message: '', retryable: true })
    const all = Object.values(people).filter((person) => person !== people.alice && contacts === 'all')
    const items = all.map((person) => ({ userId: person.username, username: person.username, displayName: person.displayName }))
    return { items: items.filter((contact) => matches(contact, query)), nextCursor: null }
  }

  async call({ to }: { to: string | readonly string[] }): Promise<Call> {
    if (this.#options.hang === true) await new Promise(() => {})
    this.#refuse()
    const target = String(to)
    const known = Object.values(people).find((person) => person.username === target) ?? { username: target, displayName: target }
    return this.enter({ state: 'ringing', ringing: [known] })
  }

  async joinRoom(): Promise<Call> {
    this.#refuse()
    return this.enter({ kind: 'conference' })
  }

  on<Name extends keyof ClientEvents>(event: Name, listener: (payload: ClientEvents[Name]) => void): Unsubscribe {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    const entry = listener as (payload: never) => void
    listeners.add(entry)
    return () => listeners.delete(entry)
  }

  /** Puts this device into a call. */
  enter(options: Omit<ConstructorParameters<typeof FakeCall>[0], 'me' | 'onEnded'> & { me?: Partial<Person> }): FakeCall {
    const me = { ...people.alice, owner: options.isOwner ?? true, ...options.me }
    const call: FakeCall = new FakeCall({ ...options, me, onEnded: (reason) => this.end(call, reason) })
    this.calls.set(call.id, call)
    this.emit('call', call)
    return call
  }

  end(call: FakeCall, reason: CallEndReason): void {
    call.state = 'ended'
    this.calls.delete(call.id)
    this.emit('callEnded', { call, reason })
  }

  ring(person: Person, { video }: { video: boolean }): void {
    const end = (reason: InviteEndReason) => {
      this.invites.delete(invite.id)
      this.emit('incomingEnded', { invite, reason })
    }
    const invite: IncomingCall = {
      id: `invite-${person.username}`,
      roomId: 'room-2',
      from: { username: person.username, displayName: person.displayName },
      media: { audio: true, video },
      createdAt: this.invites.size,
      expiresAt: null,
      endReason: null,
      accept: async () => {
        end('accepted')
        return this.enter({ others: [{ ...person, camera: video, owner: true }], isOwner: false })
      },
      decline: async () => end('declined'),
      on: () => () => {},
    }
    this.invites.set(invite.id, invite)
    this.emit('incoming', invite)
  }

  emit<Name extends keyof ClientEvents>(event: Name, payload: ClientEvents[Name]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (payload: ClientEvents[Name]) => void)(payload)
  }

  #refuse(): void {
    if (this.#options.refuse !== undefined) throw new RingwayError({ code: this.#options.refuse, message: '', retryable: false })
  }

  #newSession(): Session {
    const { username, displayName } = people.alice
    return { sessionId: 'session-1', user: { userId: 'user-1', username, displayName, domain }, capabilities: [] }
  }
}
