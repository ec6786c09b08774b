import { z } from 'zod'
import type { ServerFrame } from '#shared/protocol/wapi/frames.ts'
import { type Identity, identitySchema } from '#edge/domain/identity.ts'
import type { Channel } from './Channel.ts'

const jsonObject = z.record(z.string(), z.json())

/** Small facts that an object keeps with a connection, such as a participant id. */
export type JsonObject = z.infer<typeof jsonObject>

/** What survives hibernation. */
export const connectionStateSchema = z.object({
  connectionId: z.string(),
  identity: identitySchema,
  sessionId: z.string().nullable(),
  data: jsonObject,
})

export type ConnectionState = z.infer<typeof connectionStateSchema>

/** What a connection tells its registry. */
export interface ConnectionOwner {
  claim(connection: ClientConnection, sessionId: string): void
  bound(connection: ClientConnection, before: string | null): void
  renewed(connection: ClientConnection): void
  closed(connection: ClientConnection): void
}

/** One client's connection to an object, over a WebSocket or over server-sent events and POST. */
export class ClientConnection {
  readonly #channel: Channel
  readonly #owner: ConnectionOwner
  #state: ConnectionState

  constructor(options: { channel: Channel; owner: ConnectionOwner; state: ConnectionState }) {
    this.#channel = options.channel
    this.#owner = options.owner
    this.#state = options.state
  }

  get connectionId(): string {
    return this.#state.connectionId
  }

  get identity(): Identity {
    return this.#state.identity
  }

  /** Null until the client has opened a session here. */
  get sessionId(): string | null {
    return this.#state.sessionId
  }

  get data(): JsonObject {
    return this.#state.data
  }

  /** False once the client is known to be gone. */
  get open(): boolean {
    return this.#channel.open
  }

  /**
   * Makes this the connection of a session; an older one of the same session is closed with 4409. `data` replaces what was kept.
   * @throws AppError `forbidden` where another user's connection has the session.
   */
  bind(to: { sessionId: string; data?: JsonObject }): void {
    const before = this.#state.sessionId
    this.#owner.claim(this, to.sessionId)
    this.#keep({ ...this.#state, sessionId: to.sessionId, data: to.data ?? this.#state.data })
    this.#owner.bound(this, before)
  }

  /** The session is over or another connection's; this one may open another. */
  unbind(): void {
    const before = this.#state.sessionId
    this.#keep({ ...this.#state, sessionId: null })
    this.#owner.bound(this, before)
  }

  /** Replaces what is kept with the connection; at most some 10 KiB as JSON. */
  setData(data: JsonObject): void {
    this.#keep({ ...this.#state, data })
  }

  /** A fresh token of the same user and login: the connection lives as long as that one. */
  renew(identity: Identity): void {
    if (identity.userId !== this.identity.userId || identity.loginId !== this.identity.loginId) {
      throw new TypeError('A connection cannot change its user or login')
    }
    this.#keep({ ...this.#state, identity })
    this.#owner.renewed(this)
  }

  /** Never throws: what is sent to a client that has gone is lost, and resume brings it again. */
  send(frame: ServerFrame): void {
    this.#channel.send(JSON.stringify(frame))
  }

  /** For one event to many: `text` is a frame that was encoded once. */
  sendText(text: string): void {
    this.#channel.send(text)
  }

  /** Idempotent; the object's `onClosed` is not called, since the object itself closed it. */
  close(code: number, reason: string): void {
    this.#owner.closed(this)
    this.#channel.close(code, reason)
  }

  #keep(state: ConnectionState): void {
    this.#channel.save(state)
    this.#state = state
  }
}
