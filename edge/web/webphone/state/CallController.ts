import type { Call, CallEvents, InviteEndReason, LeaveReason, Participant, Source } from '#shared/sdk/index.ts'
import { errorMessage, type MessageKey } from '../../i18n/messages.ts'
import { type CallView, localPart, shownName, viewOf } from './call-view.ts'
import type { CaptureKind } from './DevicesStore.ts'
import { isDeviceError, type MediaChoice, type Refusals } from './media-choice.ts'
import type { NoticesStore } from './NoticesStore.ts'
import { codeOf } from './phone-client.ts'
import { PictureSizes } from './PictureSizes.ts'
import { Store } from './Store.ts'

const inviteNotices: Readonly<Partial<Record<InviteEndReason, MessageKey>>> = {
  declined: 'notice.inviteDeclined',
  timeout: 'notice.inviteTimeout',
  busy: 'notice.inviteBusy',
  offline: 'notice.inviteOffline',
}

const leaveNotices: Readonly<Partial<Record<LeaveReason, MessageKey>>> = {
  left: 'notice.left',
  kicked: 'notice.kicked',
  connectionLost: 'notice.connectionLost',
  revoked: 'notice.left',
}

/** One call as the interface sees it: its moments as state, and what the user can do in it. */
export class CallController extends Store<CallView> {
  readonly #call: Call
  readonly #notices: NoticesStore
  readonly #devices: () => MediaChoice
  readonly #pictures = new PictureSizes()
  readonly #unsubscribe: (() => void)[] = []
  #refusals: Refusals
  #moving = false
  #pending: readonly Source[] = []
  #lastInvite: { reason: InviteEndReason; to: string } | null = null
  #closed = false

  constructor(call: Call, options: { notices: NoticesStore; devices: () => MediaChoice; refusals?: Refusals }) {
    super(viewOf(call, { moving: false, refusals: options.refusals ?? {}, pending: [] }))
    this.#call = call
    this.#notices = options.notices
    this.#devices = options.devices
    this.#refusals = options.refusals ?? {}
    this.#listen()
  }

  /** Whether this controls `call`. */
  controls(call: Call): boolean {
    return this.#call === call
  }

  /** How the last invite that nobody accepted ended. */
  get lastInvite(): { readonly reason: InviteEndReason; readonly to: string } | null {
    return this.#lastInvite
  }

  setRefusals(refusals: Refusals): void {
    this.#refusals = refusals
    this.#show()
  }

  /** Mutes, unmutes, or opens the microphone where there is none yet. */
  async toggleMicrophone(): Promise<void> {
    const track = this.#call.me.tracks.get('microphone')
    await this.#change('microphone', () => {
      if (track === undefined) return this.#call.setMicrophone(this.#devices().audio)
      return track.muted ? this.#call.unmute() : this.#call.mute()
    })
  }

  /** Sends the camera, or releases it. */
  async toggleCamera(): Promise<void> {
    const track = this.#call.me.tracks.get('camera')
    await this.#change('camera', () => this.#call.setCamera(track === undefined ? this.#devices().video : false))
  }

  async toggleScreen(): Promise<void> {
    const sharing = this.#call.me.tracks.has('screen')
    await this.#change('screen', async () => {
      try {
        await (sharing ? this.#call.stopScreenShare() : this.#call.startScreenShare())
      } catch (error) {
        // Closing the browser's picker without a choice is an answer, not a failure.
        if (codeOf(error) !== 'deviceNotAllowed') throw error
      }
    })
  }

  /** Goes on with another device, if one of this kind is in use. */
  async switchDevice(kind: CaptureKind, deviceId: string): Promise<void> {
    if (!this.#call.me.tracks.has(kind)) return
    await this.#change(kind, () => (kind === 'microphone' ? this.#call.setMicrophone({ deviceId }) : this.#call.setCamera({ deviceId })))
  }

  /** @returns whether the person is being rung now. */
  async invite(to: string, options: { video: boolean }): Promise<boolean> {
    return this.#try(() => this.#call.invite(to, options), { values: { name: localPart(to) } })
  }

  async cancelInvite(inviteId: string): Promise<void> {
    await this.#try(() => this.#call.cancelInvite(inviteId))
  }

  async muteParticipant(participantId: string): Promise<void> {
    await this.#try(() => this.#call.muteParticipant(participantId))
  }

  async kick(participantId: string): Promise<void> {
    await this.#try(() => this.#call.kick(participantId))
  }

  async setLocked(locked: boolean): Promise<void> {
    await this.#try(() => (locked ? this.#call.lock() : this.#call.unlock()))
  }

  /** Tells how tall a party's picture is shown here, in the screen's own pixels. */
  showPicture(participantId: string, source: Source, height: number): void {
    this.#pictures.set(participantId, source, height)
    this.#pictures.apply(this.#call)
  }

  async hangUp(): Promise<void> {
    await this.#call.leave()
  }

  async endForAll(): Promise<void> {
    await this.#try(() => this.#call.end())
  }

  /** Lets go of the call without leaving it. Idempotent. */
  close(): void {
    this.#closed = true
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
  }

  #listen(): void {
    const on = <Name extends keyof CallEvents>(event: Name, listener: (payload: CallEvents[Name]) => void) => {
      this.#unsubscribe.push(
        this.#call.on(event, (payload) => {
          listener(payload)
          this.#show()
        }),
      )
    }
    on('participantChanged', () => this.#pictures.apply(this.#call))
    for (const event of ['state', 'participantUp', 'participantDown', 'trackRemoved', 'speakers', 'changed', 'ended'] as const) {
      on(event, () => {})
    }
    on('trackAdded', ({ participant, track }) => {
      if (participant.isMe) this.#settled(track.source)
    })
    on('trackMuted', ({ participant, track }) => {
      const byHost = participant.isMe && track.source === 'microphone' && track.muted && !this.#pending.includes('microphone')
      if (byHost) this.#notices.show('notice.mutedByHost')
    })
    on('participantJoined', (participant) => this.#joined(participant))
    on('participantLeft', ({ participant, reason }) => {
      const message = leaveNotices[reason]
      if (message !== undefined && !participant.isMe) this.#notices.show(message, { values: { name: shownName(participant) } })
    })
    on('inviteCreated', () => {})
    on('inviteEnded', ({ invite, reason }) => {
      if (reason === 'accepted') return
      const name = shownName(invite.to)
      this.#lastInvite = { reason, to: name }
      const message = inviteNotices[reason]
      if (message !== undefined && this.#call.participants.size > 1) this.#notices.show(message, { values: { name } })
    })
    on('mediaMoved', ({ me, finished }) => {
      if (me) this.#moving = !finished
    })
    on('error', ({ code }) => this.#failed(code))
  }

  /** A first party to join a call is who it was made for, and no news. */
  #joined(participant: Participant): void {
    if (this.#call.participants.size > 2 || this.#call.kind === 'conference') {
      this.#notices.show('notice.joined', { values: { name: shownName(participant) } })
    }
  }

  /** Of what no promise tells. The camera that a call began with is the only device that is refused this way. */
  #failed(code: string): void {
    if (isDeviceError(code) && code !== 'deviceEnded') this.#refusals = { ...this.#refusals, camera: code }
    else this.#notices.show(errorMessage(code), { tone: 'error', values: { code } })
  }

  async #change(source: Source, change: () => Promise<void>): Promise<void> {
    if (this.#pending.includes(source)) return
    this.#pending = [...this.#pending, source]
    this.#show()
    try {
      await change()
      this.#settled(source)
    } catch (error) {
      const code = codeOf(error)
      if (isDeviceError(code) && (source === 'microphone' || source === 'camera')) this.#refusals = { ...this.#refusals, [source]: code }
      else this.#notices.show(errorMessage(code), { tone: 'error', values: { code } })
    } finally {
      this.#pending = this.#pending.filter((other) => other !== source)
      this.#show()
    }
  }

  #settled(source: Source): void {
    if (source !== 'microphone' && source !== 'camera') return
    const { [source]: _, ...rest } = this.#refusals
    this.#refusals = rest
  }

  async #try(action: () => Promise<unknown>, options: { values?: Readonly<Record<string, string>> } = {}): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      const code = codeOf(error)
      this.#notices.show(errorMessage(code), { tone: 'error', values: { code, ...options.values } })
      return false
    }
  }

  #show(): void {
    if (this.#closed) return
    this.replace(viewOf(this.#call, { moving: this.#moving, refusals: this.#refusals, pending: this.#pending }))
  }
}
