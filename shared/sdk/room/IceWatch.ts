import type { Direction } from '#shared/protocol/media.ts'
import type { TransportState } from '../media/MediaEngine.ts'

/** Milliseconds. */
export interface IceTiming {
  /** A transport may recover by itself for this long. */
  readonly patience: number
  /** A transport may take this long to connect for the first time. */
  readonly setUp: number
  /** A restart that has not connected by then has failed. */
  readonly deadline: number
}

export const defaultIceTiming: IceTiming = { patience: 4_000, setUp: 8_000, deadline: 5_000 }

type Watch =
  | { readonly state: 'steady' }
  /** `lost`: it has been connected before. */
  | { readonly state: 'troubled'; readonly lost: boolean; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly state: 'restarting'; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly state: 'reported' }

/**
 * Per direction:
 *
 *  steady ──disconnected, connecting──► troubled ──connected──► steady
 *    │                                    │ patience over
 *    └────────failed──────────────────────┴──► restarting ──connected──► steady
 *                                                  └──failed, deadline over, refused──► reported
 *
 * One restart of ICE is tried (RFC 8445 §2.4); then the transport is given up, which makes the server
 * move this participant's media.
 */
export class IceWatch {
  readonly #restart: (direction: Direction) => Promise<void>
  readonly #report: (direction: Direction) => void
  readonly #timing: IceTiming
  readonly #watches = new Map<Direction, Watch>()
  #closed = false

  constructor(options: { restart: (direction: Direction) => Promise<void>; report: (direction: Direction) => void; timing?: IceTiming }) {
    this.#restart = options.restart
    this.#report = options.report
    this.#timing = options.timing ?? defaultIceTiming
  }

  handleState(direction: Direction, state: TransportState): void {
    if (this.#closed) return
    const watch = this.#of(direction)
    if (watch.state === 'reported') return
    if (state === 'connected') this.#set(direction, { state: 'steady' })
    if ((state === 'disconnected' || state === 'connecting') && watch.state === 'steady') {
      const patience = state === 'connecting' ? this.#timing.setUp : this.#timing.patience
      const timer = setTimeout(() => this.#tryRestart(direction), patience)
      this.#set(direction, { state: 'troubled', lost: state === 'disconnected', timer })
    }
    if (state !== 'failed') return
    if (watch.state === 'restarting') this.#giveUp(direction)
    else this.#tryRestart(direction)
  }

  /** The network is known to be back: no need for patience. */
  hurry(): void {
    for (const [direction, watch] of [...this.#watches]) if (watch.state === 'troubled' && watch.lost) this.#tryRestart(direction)
  }

  /** The server would not have this transport: there is nothing to restart. */
  handleRefused(direction: Direction): void {
    if (!this.#closed && this.#of(direction).state !== 'reported') this.#giveUp(direction)
  }

  close(): void {
    this.#closed = true
    for (const direction of [...this.#watches.keys()]) this.#set(direction, { state: 'reported' })
  }

  #tryRestart(direction: Direction): void {
    this.#set(direction, { state: 'restarting', timer: setTimeout(() => this.#giveUp(direction), this.#timing.deadline) })
    const attempt = this.#of(direction)
    this.#restart(direction).catch(() => {
      if (this.#of(direction) === attempt) this.#giveUp(direction)
    })
  }

  #giveUp(direction: Direction): void {
    this.#set(direction, { state: 'reported' })
    if (!this.#closed) this.#report(direction)
  }

  #of(direction: Direction): Watch {
    return this.#watches.get(direction) ?? { state: 'steady' }
  }

  #set(direction: Direction, watch: Watch): void {
    const before = this.#watches.get(direction)
    if (before !== undefined && 'timer' in before) clearTimeout(before.timer)
    this.#watches.set(direction, watch)
  }
}
