import type { Caller, IncomingInvite, InviteEndReason, OfferedMedia } from '#shared/protocol/wapi/hub.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { Call } from '../api/call.ts'
import type { AcceptOptions, IncomingCall, IncomingCallEvents } from '../api/incoming-call.ts'
import { Emitter } from '../kit/Emitter.ts'
import { RingwayError } from '../RingwayError.ts'
import type { CallController } from './CallController.ts'
import { entryMediaOf } from './entry-media.ts'

/** What a failed accept says about the invite. */
const endOfCode: Readonly<Record<string, InviteEndReason>> = { inviteAcceptedElsewhere: 'acceptedElsewhere', roomEnded: 'roomEnded' }

/** A call that rings here. Its room is connected, and its transports are prepared, from the first moment on. */
export class IncomingCallController implements IncomingCall {
  readonly id: string
  readonly roomId: string
  readonly from: Caller
  readonly media: OfferedMedia
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly #emitter: Emitter<IncomingCallEvents>
  readonly #connect: () => CallController
  readonly #decline: (inviteId: string) => Promise<void>
  readonly #ended: (reason: InviteEndReason) => void
  #call: CallController
  #endReason: InviteEndReason | null = null
  #accepting: Promise<Call> | null = null

  constructor(options: {
    invite: IncomingInvite
    /** Makes a call that comes with the invite's ticket. */
    connect: () => CallController
    decline: (inviteId: string) => Promise<void>
    ended: (reason: InviteEndReason) => void
    logger: Logger
  }) {
    const { invite } = options
    this.id = invite.inviteId
    this.roomId = invite.roomId
    this.from = invite.from
    this.media = invite.media
    this.createdAt = invite.createdAt
    this.expiresAt = invite.expiresAt
    this.#emitter = new Emitter(options.logger)
    this.#connect = options.connect
    this.#decline = options.decline
    this.#ended = options.ended
    this.#call = this.#prepare()
  }

  get on(): Emitter<IncomingCallEvents>['on'] {
    return this.#emitter.on
  }

  get endReason(): InviteEndReason | null {
    return this.#endReason
  }

  accept(options: AcceptOptions = {}): Promise<Call> {
    if (this.#endReason !== null && this.#accepting === null) return Promise.reject(inviteEnded(this.#endReason))
    this.#accepting ??= this.#accept(options)
    return this.#accepting
  }

  async decline(): Promise<void> {
    if (this.#endReason !== null) return
    const declined = this.#decline(this.id)
    this.#end('declined')
    this.#call.abandon('left')
    await declined
  }

  /** The hub says that it rings no more. While this device accepts, the answer to that decides. */
  handleEnded(reason: InviteEndReason): void {
    if (this.#accepting !== null || this.#endReason !== null) return
    this.#end(reason)
    this.#call.abandon('ended')
  }

  async #accept(options: AcceptOptions): Promise<Call> {
    try {
      const call = await this.#call.accept(this.id, { media: entryMediaOf(options) })
      this.#end('accepted')
      return call
    } catch (error) {
      if (this.#call.entered) {
        this.#end('accepted')
      } else if (isDeviceError(error)) {
        // It rings on: the user may plug in a microphone, or decline.
        this.#accepting = null
        this.#call = this.#prepare()
      } else {
        this.#end((error instanceof RingwayError ? endOfCode[error.code] : undefined) ?? 'cancelled')
      }
      throw error
    }
  }

  #prepare(): CallController {
    const call = this.#connect()
    call.prepare(this.id)
    return call
  }

  #end(reason: InviteEndReason): void {
    if (this.#endReason !== null) return
    this.#endReason = reason
    if (reason !== 'accepted') this.#emitter.emit('ended', reason)
    this.#ended(reason)
  }
}

const isDeviceError = (error: unknown): boolean => error instanceof RingwayError && error.code.startsWith('device')

function inviteEnded(reason: InviteEndReason): RingwayError {
  const elsewhere = reason === 'acceptedElsewhere' || reason === 'accepted'
  return elsewhere
    ? new RingwayError({
        code: 'inviteAcceptedElsewhere',
        message: 'Another device has accepted the invite.',
        retryable: false,
        status: 409,
      })
    : new RingwayError({ code: 'inviteEnded', message: 'The invite is no longer ringing.', retryable: false, status: 410 })
}
