import type { Call } from './api/call.ts'
import type { CallOptions, ClientEvents, ClientOptions, ClientState, Grant, JoinOptions, Session } from './api/client.ts'
import type { Contact, Page } from './api/contacts.ts'
import type { Unsubscribe } from './api/events.ts'
import type { IncomingCall } from './api/incoming-call.ts'

/** One signed-in device. */
export declare class RingwayClient {
  constructor(options: ClientOptions)
  readonly state: ClientState
  /** Null while signed out. */
  readonly session: Session | null
  /** Calls this device is in, by room id. */
  readonly calls: ReadonlyMap<string, Call>
  /** Calls that ring on this device, by invite id. */
  readonly invites: ReadonlyMap<string, IncomingCall>
  /** Signs in and opens a session. Rejects with `invalidGrant` where the credentials are wrong. */
  login(grant: Grant): Promise<Session>
  /** After a reload: resumes the stored session and goes back into its calls, which appear in `calls`. Null where nothing (valid) is stored. */
  restore(): Promise<Session | null>
  /** Leaves all calls, ends the session and revokes its tokens. Never rejects. */
  logout(): Promise<void>
  contacts(options?: { query?: string; cursor?: string; limit?: number }): Promise<Page<Contact>>
  /** Makes a room and rings `to` in it. Rejects where nobody could be rung (`userOffline`, `userUnknown`, `userBusy`, …) or a device was refused. */
  call(options: CallOptions): Promise<Call>
  /** Joins a room by its id, such as `wac-conf` and 20 digits, which is created where nobody is in. */
  joinRoom(roomId: string, options?: JoinOptions): Promise<Call>
  on<Name extends keyof ClientEvents>(event: Name, listener: (payload: ClientEvents[Name]) => void): Unsubscribe
}
