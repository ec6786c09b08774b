import type { Call, CallEndReason, IncomingCall, InviteEndReason } from '#shared/sdk/index.ts'
import { CallController } from './CallController.ts'
import { shownName } from './call-view.ts'
import type { CaptureKind } from './DevicesStore.ts'
import { type MediaChoice, type Refusals, withAvailableMedia } from './media-choice.ts'
import type { NoticesStore } from './NoticesStore.ts'
import { roomIdOf } from './conference-link.ts'
import { codeOf, contextOf, type PhoneClient } from './phone-client.ts'
import { Store } from './Store.ts'
import { type Again, type CallSummary, refusedSummary, summaryOf } from './summary.ts'
import { errorMessage } from '../../i18n/messages.ts'

export interface IncomingView {
  readonly id: string
  readonly name: string
  readonly username: string
  readonly video: boolean
  /** The user has accepted it, and it is being connected. */
  readonly answering: boolean
}

/*
 *   idle ──► starting ──► call ──► over ──► idle        (an accepted call enters at `call`)
 */
export type CallPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly to: Target | null; readonly video: boolean }
  | { readonly kind: 'call'; readonly controller: CallController }
  | { readonly kind: 'over'; readonly summary: CallSummary }

/** Whom a call is to reach. */
export interface Target {
  readonly username: string
  readonly name: string
}

export interface CallsState {
  readonly phase: CallPhase
  /** Ringing on this device, oldest first. */
  readonly incoming: readonly IncomingView[]
}

export interface CallsOptions {
  readonly client: PhoneClient
  readonly notices: NoticesStore
  /** The devices to use for what is wanted. */
  readonly devices: (wanted: { video: boolean }) => MediaChoice
  readonly obstacle: (kind: CaptureKind) => Promise<string | null>
  /** Whoever has this address, as far as it is known. */
  readonly find: (address: string) => Target
  readonly now: () => number
}

/** The calls of this device: what rings, the one it is in, and how the last one ended. */
export class CallsStore extends Store<CallsState> {
  readonly #options: CallsOptions
  #current: CallController | null = null
  #again: Again | null = null
  /** Everybody who was in the current call, by participant id. */
  #people = new Map<string, { name: string; username: string }>()
  /** Attempts that the user gave up before the server answered: what comes of them is left at once. */
  #abandoned = 0
  #answering: ReadonlySet<string> = new Set()

  constructor(options: CallsOptions) {
    super({ phase: { kind: 'idle' }, incoming: [] })
    this.#options = options
    const { client } = options
    client.on('incoming', (invite) => {
      invite.on('ended', () => this.#showIncoming())
      this.#showIncoming()
    })
    client.on('incomingEnded', ({ invite, reason }) => this.#incomingEnded(invite, reason))
    client.on('call', (call) => this.#enter(call))
    client.on('callEnded', ({ call, reason }) => this.#ended(call, reason))
    client.on('sessionEnded', () => this.#clear())
  }

  /** Takes up what the client already has: calls and invites that a reload interrupted. `address`: the one that the page has. */
  restore(address: string | null = null): void {
    if (address !== null) this.#again = { kind: 'join', roomId: address }
    for (const call of this.#options.client.calls.values()) this.#enter(call)
    this.#showIncoming()
  }

  async dial(to: string, { video }: { video: boolean }): Promise<void> {
    const again: Again = { kind: 'dial', to, video }
    await this.#start(again, { to: this.#options.find(to), video }, (choice) => this.#options.client.call({ to, ...choice }))
  }

  async join(roomId: string, wanted: { audio: boolean; video: boolean }): Promise<void> {
    const options = { to: null, ...wanted }
    await this.#start({ kind: 'join', roomId }, options, (choice) => this.#options.client.joinRoom(roomId, { ...choice, simulcast: true }))
  }

  /** How this room was found, for a link to it: for a meeting, that is more than its id. */
  addressOf(roomId: string): string {
    return this.#again?.kind === 'join' && roomIdOf(this.#again.roomId) === roomId ? this.#again.roomId : roomId
  }

  async again(again: Again): Promise<void> {
    if (again.kind === 'dial') await this.dial(again.to, { video: again.video })
    else await this.join(again.roomId, { audio: true, video: false })
  }

  async accept(inviteId: string, { video }: { video: boolean }): Promise<void> {
    const invite = this.#options.client.invites.get(inviteId)
    if (invite === undefined || this.#answering.has(inviteId)) return
    this.#answering = new Set([...this.#answering, inviteId])
    this.#showIncoming()
    try {
      const { result, refusals } = await withAvailableMedia(this.#options.devices({ video }), {
        obstacle: this.#options.obstacle,
        attempt: (choice) => invite.accept(choice),
      })
      this.#enter(result, refusals)
      this.#again = { kind: 'dial', to: invite.from.username, video }
    } catch (error) {
      const code = codeOf(error)
      this.#options.notices.show(errorMessage(code), { tone: 'error', values: { code, name: shownName(invite.from) } })
    } finally {
      this.#answering = new Set([...this.#answering].filter((id) => id !== inviteId))
      this.#showIncoming()
    }
  }

  async decline(inviteId: string): Promise<void> {
    try {
      await this.#options.client.invites.get(inviteId)?.decline()
    } catch (error) {
      this.#options.notices.show(errorMessage(codeOf(error)), { tone: 'error', values: { code: codeOf(error) } })
    }
    this.#showIncoming()
  }

  /** Gives up a call that is still being set up. */
  cancelStart(): void {
    if (this.state.phase.kind !== 'starting') return
    this.#abandoned += 1
    this.#setPhase({ kind: 'idle' })
  }

  dismissSummary(): void {
    if (this.state.phase.kind === 'over') this.#setPhase({ kind: 'idle' })
  }

  async #start(
    again: Again,
    wanted: { to: Target | null; video: boolean; audio?: boolean },
    attempt: (choice: MediaChoice) => Promise<Call>,
  ): Promise<void> {
    if (this.state.phase.kind === 'starting' || this.state.phase.kind === 'call') return
    const phase: CallPhase = { kind: 'starting', to: wanted.to, video: wanted.video }
    this.#again = again
    this.#setPhase(phase)
    const abandonedHere = () => this.state.phase !== phase && this.#abandoned > 0
    const devices = this.#options.devices({ video: wanted.video })
    const choice: MediaChoice = wanted.audio === false ? { ...devices, audio: false } : devices
    try {
      const { result, refusals } = await withAvailableMedia(choice, { obstacle: this.#options.obstacle, attempt })
      if (abandonedHere()) {
        this.#abandoned -= 1
        await result.leave()
      } else {
        this.#enter(result, refusals)
      }
    } catch (error) {
      if (abandonedHere()) this.#abandoned -= 1
      else
        this.#setPhase({
          kind: 'over',
          summary: refusedSummary(codeOf(error), { again, name: wanted.to?.name ?? '', context: contextOf(error) }),
        })
    }
  }

  /** Shows a call, once; a call that was on before it is left. */
  #enter(call: Call, refusals?: Refusals): void {
    if (this.#current?.controls(call) === true) {
      if (refusals !== undefined) this.#current.setRefusals(refusals)
      return
    }
    if (call.state === 'ended') return
    if (this.#abandoned > 0) {
      void call.leave()
      return
    }
    const { notices, devices } = this.#options
    const previous = this.#current
    const controller = new CallController(call, {
      notices,
      devices: () => devices({ video: true }),
      ...(refusals === undefined ? {} : { refusals }),
    })
    if (call.kind === 'conference') this.#again = { kind: 'join', roomId: this.addressOf(call.id) }
    else if (this.state.phase.kind !== 'starting') this.#again = null
    this.#people = new Map()
    this.#current = controller
    this.#remember(controller)
    controller.subscribe(() => this.#remember(controller))
    this.#setPhase({ kind: 'call', controller })
    if (previous !== null) {
      previous.close()
      void previous.hangUp()
    }
  }

  #remember(controller: CallController): void {
    if (controller !== this.#current) return
    for (const other of controller.state.others) this.#people.set(other.id, { name: other.displayName, username: other.username })
  }

  #ended(call: Call, reason: CallEndReason): void {
    const controller = this.#current
    if (controller === null || !controller.controls(call)) return
    controller.close()
    this.#current = null
    const people = [...this.#people.values()]
    // After a reload it is not known how the call began; whom it was with is enough to call back.
    const only = people.length === 1 ? people[0] : undefined
    const summary = summaryOf(controller.state, {
      reason,
      lastInvite: controller.lastInvite,
      names: [...new Set(people.map((person) => person.name))],
      again: this.#again ?? (only === undefined ? null : { kind: 'dial', to: only.username, video: false }),
      now: this.#options.now(),
    })
    this.#setPhase({ kind: 'over', summary })
  }

  #incomingEnded(invite: IncomingCall, reason: InviteEndReason): void {
    this.#showIncoming()
    const missed = reason === 'timeout' || reason === 'cancelled' || reason === 'roomEnded'
    if (missed) this.#options.notices.show('notice.missed', { values: { name: shownName(invite.from) } })
    if (reason === 'acceptedElsewhere') this.#options.notices.show('notice.acceptedElsewhere')
  }

  #showIncoming(): void {
    const ringing = [...this.#options.client.invites.values()].filter((invite) => invite.endReason === null)
    const incoming = ringing
      .toSorted((a, b) => a.createdAt - b.createdAt)
      .map((invite) => ({
        id: invite.id,
        name: shownName(invite.from),
        username: invite.from.username,
        video: invite.media.video,
        answering: this.#answering.has(invite.id),
      }))
    this.replace({ ...this.state, incoming })
  }

  #setPhase(phase: CallPhase): void {
    this.replace({ ...this.state, phase })
  }

  #clear(): void {
    this.#current?.close()
    this.#current = null
    this.replace({ phase: { kind: 'idle' }, incoming: [] })
  }
}
