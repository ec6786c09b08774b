import type { Caller, InviteEndReason, OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import type { Call, MicrophoneOptions, VideoOptions } from './call.ts'
import type { Listen } from './events.ts'

export interface IncomingCallEvents {
  /** It rings no more; not emitted for an accept on this device that succeeds. */
  ended: InviteEndReason
}

export interface AcceptOptions {
  /** True by default. */
  readonly audio?: boolean | MicrophoneOptions
  /** False by default. */
  readonly video?: boolean | VideoOptions
  /** Publish the camera in several sizes; false by default. */
  readonly simulcast?: boolean
}

/** A call that rings on this device. It prepares its connection and transports while it rings. */
export interface IncomingCall {
  readonly id: string
  readonly roomId: string
  readonly from: Caller
  /** What the caller offers. */
  readonly media: OfferedMedia
  readonly createdAt: number
  /** When it stops by itself; null where it never does. */
  readonly expiresAt: number | null
  /** Why it rings no more; null while it rings. */
  readonly endReason: InviteEndReason | null
  /** Rejects with `inviteAcceptedElsewhere` where another device of the user was faster, `inviteEnded` where the caller gave up. */
  accept(options?: AcceptOptions): Promise<Call>
  /** Declines for all devices of the user. */
  decline(): Promise<void>
  readonly on: Listen<IncomingCallEvents>
}
