import type { MediaKind, Source } from '#shared/protocol/media.ts'
import type { InviteEndReason, OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import type { LeaveReason, RoomEndReason, RoomKind } from '#shared/protocol/wapi/room.ts'
import type { RingwayError } from '../RingwayError.ts'
import type { Listen } from './events.ts'
import type { Participant } from './participant.ts'
import type { LocalTrack, RemoteTrack } from './tracks.ts'

/**
 * `connecting`: being set up · `ringing`: nobody else is in yet and somebody is being rung · `active` ·
 * `reconnecting`: signaling is lost and being resumed (media goes on) · `ended`: for this device.
 */
export type CallState = 'connecting' | 'ringing' | 'active' | 'reconnecting' | 'ended'

/**
 * `replaced`: this session's connection was taken over elsewhere. `failed`: it could not be set up or
 * resumed, or the client was closed (the room keeps the place for a while).
 */
export type CallEndReason = LeaveReason | RoomEndReason | 'replaced' | 'failed'

export interface VideoOptions {
  readonly deviceId?: string
  /** Ideal size in pixels and frames per second. */
  readonly width?: number
  readonly height?: number
  readonly frameRate?: number
  readonly facingMode?: 'user' | 'environment'
}

export interface MicrophoneOptions {
  readonly deviceId?: string
}

/** Someone being rung for this call. */
export interface OutgoingInvite {
  readonly id: string
  readonly to: { readonly username: string; readonly displayName?: string }
  /** Participant id of who invited. */
  readonly from: string
  readonly media: OfferedMedia
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** An invite of `RingwayClient.call` that does not ring, and why. */
export interface RefusedInvite {
  readonly to: string
  readonly error: RingwayError
}

/** Figures of one publication or subscription, from `RTCPeerConnection.getStats()`; counters since its start. */
export interface TrackStats {
  readonly direction: 'send' | 'recv'
  readonly source: Source
  readonly kind: MediaKind
  readonly participantId: string
  readonly publicationId: string | null
  readonly bytes: number
  readonly packets: number
  readonly packetsLost: number
  /** Seconds. */
  readonly jitter: number | null
  /** Seconds. */
  readonly roundTripTime: number | null
  readonly mimeType: string | null
  /** Video only: encoded (send) or decoded (recv). */
  readonly frames: number | null
  readonly framesPerSecond: number | null
  readonly width: number | null
  readonly height: number | null
  /** Received audio only: as `totalAudioEnergy` and `totalSamplesReceived` of W3C webrtc-stats. */
  readonly audioEnergy: number | null
  readonly samples: number | null
  readonly concealedSamples: number | null
}

export interface CallStats {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly tracks: readonly TrackStats[]
  readonly transports: readonly {
    readonly direction: 'send' | 'recv'
    readonly state: string
    readonly roundTripTime: number | null
    /** Bits per second, as the congestion controller estimates it; null where unknown. */
    readonly availableOutgoingBitrate: number | null
    /** How media reaches the server: by itself, or through a TURN server over one of these; null: not yet. */
    readonly path: 'direct' | 'udp' | 'tcp' | 'tls' | null
  }[]
}

export interface CallEvents {
  state: CallState
  participantJoined: Participant
  participantLeft: { readonly participant: Participant; readonly reason: LeaveReason }
  /** The party's connection is lost; it may come back. */
  participantDown: Participant
  participantUp: Participant
  /** Any of the participant's fields changed, its tracks included; speaking and levels come as `speakers` only. */
  participantChanged: Participant
  /** The track has media to show. Comes again for the same track when its `mediaTrack` was replaced. */
  trackAdded: { readonly participant: Participant; readonly track: LocalTrack | RemoteTrack }
  trackRemoved: { readonly participant: Participant; readonly track: LocalTrack | RemoteTrack }
  /** `track.muted` changed. */
  trackMuted: { readonly participant: Participant; readonly track: LocalTrack | RemoteTrack }
  speakers: {
    readonly active: Participant | null
    readonly levels: readonly { readonly participant: Participant; readonly level: number }[]
  }
  inviteCreated: OutgoingInvite
  /** `accepted` comes just before or after the participant's `participantJoined`. */
  inviteEnded: { readonly invite: OutgoingInvite; readonly reason: InviteEndReason }
  /** `locked`, `isOwner` or `kind` changed. */
  changed: undefined
  /** Media of these participants is moving to another host; nobody leaves. `finished` once this device's own has moved. */
  mediaMoved: { readonly participants: readonly Participant[]; readonly me: boolean; readonly finished: boolean }
  ended: CallEndReason
  /** Something went wrong that no promise reports: a device unplugged, a subscription refused. The call goes on. */
  error: RingwayError
}

/** A call or conference that this device is in. */
export interface Call {
  /** The room's id. */
  readonly id: string
  /** One life of the room: the key of its call record. Empty until the room has answered. */
  readonly callId: string
  readonly kind: RoomKind
  readonly state: CallState
  readonly endReason: CallEndReason | null
  readonly locked: boolean
  readonly isOwner: boolean
  readonly me: Participant
  /** Everybody who is in, me included, by participant id. */
  readonly participants: ReadonlyMap<string, Participant>
  /** Who is being rung, by invite id. */
  readonly outgoingInvites: ReadonlyMap<string, OutgoingInvite>
  /** Those of `RingwayClient.call`'s targets that could not be rung, while others could. */
  readonly refusedInvites: readonly RefusedInvite[]
  /** When somebody else was first in, in milliseconds since the epoch; null while ringing. */
  readonly startedAt: number | null

  /** Rings someone more: `bob`, `bob@example.com` or `wac-user:<id>`. */
  invite(to: string, options?: { video?: boolean }): Promise<OutgoingInvite>
  cancelInvite(inviteId: string): Promise<void>

  /** Captures and publishes (true or a device), or releases the device (false). */
  setMicrophone(microphone: boolean | MicrophoneOptions): Promise<void>
  /** Stops sending the microphone without releasing it. */
  mute(): Promise<void>
  unmute(): Promise<void>
  setCamera(camera: boolean | VideoOptions): Promise<void>
  /** Asks the user what to share; its audio is shared too where the browser offers it. */
  startScreenShare(): Promise<void>
  stopScreenShare(): Promise<void>

  /** Owner only; only the muted party can unmute itself. */
  muteParticipant(participantId: string): Promise<void>
  /** Owner only. */
  kick(participantId: string): Promise<void>
  /** Owner only: nobody more can come in. */
  lock(): Promise<void>
  unlock(): Promise<void>
  /** Owner only: ends the call for all. */
  end(): Promise<void>
  /** Hangs up: leaves at once, releases all devices, cancels what rings where nobody else is in. Never rejects. */
  leave(): Promise<void>

  getStats(): Promise<CallStats>
  readonly on: Listen<CallEvents>
}
