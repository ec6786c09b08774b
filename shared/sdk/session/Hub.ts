import type { z } from 'zod'
import type { Logger } from '#shared/log/logger.ts'
import type { Event } from '#shared/protocol/wapi/frames.ts'
import {
  type HubEventBody,
  hubEvents,
  hubOperations,
  type IncomingInvite,
  type SessionContext,
  type SessionSnapshot,
} from '#shared/protocol/wapi/hub.ts'
import { Emitter } from '../kit/Emitter.ts'
import type { RingwayError } from '../RingwayError.ts'
import { EventSequence } from '../signaling/EventSequence.ts'
import type { BoundRequest, SignalingSocket, SocketEndReason } from '../signaling/SignalingSocket.ts'
import type { SocketFactory } from './sockets.ts'

export interface HubEvents {
  /** Whether the session is open now. */
  online: boolean
  /** The whole state, at first and whenever events were missed for good. */
  snapshot: SessionSnapshot
  inviteReceived: IncomingInvite
  inviteEnded: HubEventBody<'inviteEnded'>
  /** Not emitted for `close()`. */
  ended: { readonly reason: SocketEndReason; readonly error: RingwayError | null }
}

/** This device's session on its user's hub: keeps it open, and tells what rings. */
export class Hub {
  readonly #emitter: Emitter<HubEvents>
  readonly #logger: Logger
  readonly #context: SessionContext
  readonly #socket: SignalingSocket
  readonly #sequence = new EventSequence()
  #sessionId: string

  constructor(options: { sessionId: string; context: SessionContext; sockets: SocketFactory; logger: Logger }) {
    this.#sessionId = options.sessionId
    this.#context = options.context
    this.#logger = options.logger
    this.#emitter = new Emitter(options.logger)
    this.#socket = options.sockets({
      path: '/wapi/hub',
      closedCode: 'signedOut',
      logger: options.logger,
      resume: (request) => this.#resume(request),
    })
    this.#socket.on('state', (state) => this.#emitter.emit('online', state === 'open'))
    this.#socket.on('event', (event) => this.#handleEvent(event))
    this.#socket.on('ended', (end) => this.#emitter.emit('ended', end))
  }

  get on(): Emitter<HubEvents>['on'] {
    return this.#emitter.on
  }

  /** The server gives another one where the wanted session had expired. */
  get sessionId(): string {
    return this.#sessionId
  }

  open(): void {
    this.#socket.open()
  }

  wake(): void {
    this.#socket.wake()
  }

  /** Shows the server a fresh access token, so that it keeps the connection beyond the old one's expiry. */
  async renew(token: string): Promise<void> {
    await this.#socket.request(hubOperations.updateSession, { sessionId: this.#sessionId }, { token })
  }

  async declineInvite(inviteId: string): Promise<void> {
    await this.#socket.request(hubOperations.declineInvite, { inviteId }, undefined)
  }

  async closeSession(): Promise<void> {
    await this.#socket.request(hubOperations.closeSession, { sessionId: this.#sessionId }, undefined)
  }

  /** Idempotent; the session stays, to be resumed. */
  close(): void {
    this.#emitter.clear()
    this.#socket.close()
  }

  async #resume(request: BoundRequest): Promise<void> {
    const lastSeq = this.#sequence.last
    const { resumed, snapshot } = await request(
      hubOperations.openSession,
      {},
      { sessionId: this.#sessionId, context: this.#context, ...(lastSeq === null ? {} : { lastSeq }) },
    )
    this.#logger.info('hub.open', { sessionId: snapshot.sessionId, resumed })
    if (resumed && lastSeq !== null && snapshot.sessionId === this.#sessionId) return
    this.#sessionId = snapshot.sessionId
    const due = this.#sequence.start(snapshot.seq)
    this.#emitter.emit('snapshot', snapshot)
    for (const event of due) this.#apply(event)
  }

  #handleEvent(event: Event): void {
    const { seq } = event
    if (seq === undefined) return this.#apply(event)
    for (const due of this.#sequence.offer({ ...event, seq })) this.#apply(due)
    if (this.#sequence.hasGap) this.#socket.resync()
  }

  #apply(event: Event): void {
    switch (event.event) {
      case 'inviteReceived':
        return this.#emit('inviteReceived', hubEvents.inviteReceived, event)
      case 'inviteEnded':
        return this.#emit('inviteEnded', hubEvents.inviteEnded, event)
      default:
        this.#logger.debug('hub.otherEvent', { name: event.event })
    }
  }

  #emit<Name extends 'inviteReceived' | 'inviteEnded'>(name: Name, schema: z.ZodType<HubEvents[Name]>, event: Event): void {
    const parsed = schema.safeParse(event.body)
    if (parsed.success) this.#emitter.emit(name, parsed.data)
    else this.#logger.warn('hub.unreadableEvent', { name, error: parsed.error })
  }
}
