import type { Settings } from '#shared/protocol/settings.ts'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import type { Jurisdiction } from '#shared/protocol/tokens.ts'
import type { VideoCodec } from '#shared/protocol/media.ts'
import type { ActiveCall, IncomingInvite, InviteEndReason } from '#shared/protocol/wapi/hub.ts'

/**
 * What Durable Objects ask of one another, over RPC. Expected refusals are values; a throw is a fault.
 * Every call may be repeated: the asker may have been evicted before it saw the answer.
 */

export interface UserAddress {
  readonly userId: string
  readonly domainId: string
  /** `username@domain`. */
  readonly username: string
  readonly displayName?: string
  readonly jurisdiction?: Jurisdiction
}

/** A room's object, from anywhere. */
export interface RoomAddress {
  /** The object's name. */
  readonly room: string
  readonly jurisdiction?: Jurisdiction
}

export type RingOutcome = 'ringing' | 'offline' | 'busy'

export interface UserHubPort {
  /** Rings all devices of the user. */
  ring(request: { invite: IncomingInvite; room: RoomAddress; user: UserAddress; settings: Settings['invites'] }): Promise<RingOutcome>
  /** Stops ringing. `exceptSessionId` accepted and needs no telling. */
  endInvite(request: { inviteId: string; roomId: string; reason: InviteEndReason; exceptSessionId?: string }): Promise<void>
  /** Notes that a session is in a room. Refused with `inACall` where `unlessInACall` is set and another call is on. */
  enterRoom(request: {
    call: ActiveCall
    room: RoomAddress
    unlessInACall: boolean
    onlyOneDeviceWithInvitations: boolean
  }): Promise<'entered' | 'inACall'>
  leaveRoom(request: { roomId: string; sessionId: string }): Promise<void>
  /** Closes every socket of this login, here and in rooms, at once. `loginId` null: all logins of the user. */
  revoke(request: { loginId: string | null }): Promise<void>
}

export interface RoomPort {
  /** The hub's word on an invite it rings: all devices gone, or declined on the hub socket, or given up for another call. */
  inviteAnswered(request: { inviteId: string; userId: string; answer: 'declined' | 'offline' | 'busy' }): Promise<void>
  /** Who came by this login, or with null by any, has lost its right to be here; with `sessionId` only this session. */
  revokeSession(request: { userId: string; loginId: string | null; sessionId?: string | undefined }): Promise<void>
  /** The MediaHost object's word that a host process is gone; the room moves what it had there. */
  hostLost(request: { hostId: string; bootId: string }): Promise<void>
}

export interface PlacementRequest {
  readonly room: string
  readonly region: string
  readonly videoCodec: VideoCodec
  /** Hosts that have just failed this room. */
  readonly exclude: readonly string[]
  /** Participants expected. */
  readonly size: number
}

export interface DispatcherPort {
  /** Null: no host can take the room. */
  place(request: PlacementRequest): Promise<{ hostId: string } | null>
}

export interface MediaHostPort {
  /** Tells the host to dial the room. Null: not connected or draining. */
  serve(request: {
    room: string
    roomId: string
    epoch: number
    ticket: string
    jurisdiction?: Jurisdiction
  }): Promise<{ bootId: string } | null>
  /** `bootId` null: the host is not connected. */
  status(): Promise<{ bootId: string | null; draining: boolean }>
  /** The room no longer uses this host. */
  release(request: { room: string }): Promise<void>
}

export interface LedgerPort {
  /** Idempotent per `callId`. `domainId`: whose ledger this is. */
  record(record: CallRecord, ledger: { domainId: string }): Promise<void>
}

/** What the domain's configuration says, as of at most 30 s ago. */
export interface DomainPolicy {
  readonly domainId: string
  readonly name: string
  readonly settings: Settings
  /** Service names the domain lists (DOM-3). */
  readonly services: readonly string[]
  readonly jurisdiction?: Jurisdiction
}

export interface DirectoryPort {
  /**
   * `bob` in `from`'s domain, `bob@domain`, or `wac-user:<id>`. `hasHub` is false for a user who never
   * connected, whose hub must not be touched.
   */
  findUser(target: string, from: { domainId: string }): Promise<(UserAddress & { hasHub: boolean }) | undefined>
  policyOf(domainId: string): Promise<DomainPolicy>
}
