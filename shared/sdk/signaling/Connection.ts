import type { RingwayError } from '../RingwayError.ts'

/** What a connection is opened with: an access token and, for rooms of other domains, a room's ticket. */
export interface Credentials {
  readonly bearer: string
  readonly ticket?: string
}

/** One way to carry WAPI messages for as long as it lasts; after `close()` it calls nobody. */
export interface Connection {
  send(message: string): void
  /** Idempotent. */
  close(): void
}

export interface ConnectionHandlers {
  opened(): void
  message(text: string): void
  /** Once, also for an attempt that never opened. `refusal`: what the server said of such an attempt. */
  closed(code: number, refusal?: RingwayError): void
}

/** Opens a connection; outcomes come through the handlers, never as a throw. */
export type Connect = (credentials: Credentials, handlers: ConnectionHandlers) => Connection

/** RFC 6455 §7.4.1: closed without a close frame. Stands for every failure that has no code of its own. */
export const abnormalClosure = 1006
