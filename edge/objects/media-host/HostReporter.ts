import { z } from 'zod'
import type { Logger } from '#shared/log/logger.ts'
import { regionSchema } from '#shared/protocol/fleet/host-link.ts'
import type { Clock, Timestamp } from '#shared/time/clock.ts'
import type { DispatcherFleetPort } from '#edge/domain/fleet/fleet-ports.ts'
import type { HostReport } from '#edge/domain/fleet/host-report.ts'
import { dispatchersIn } from '#edge/domain/placement/shards.ts'

/** An unchanged host is reported this often all the same, so that dispatchers can forget silent ones. */
export const repeatMs = 30_000
const retryMs = 2000

/** What the dispatchers of a region know, or may know, of this host. */
const toldSchema = z.object({ hostId: z.string(), bootId: z.string(), region: regionSchema })
type Told = z.infer<typeof toldSchema>

const toldKey = 'told'

/**
 * Keeps all dispatchers of the host's region up to date. One round is under way at a time and the
 * next carries the latest word only, so a host that reports too fast costs no more.
 */
export class HostReporter {
  readonly #kv: SyncKvStorage
  readonly #dispatcher: (name: string) => DispatcherFleetPort
  readonly #clock: Clock
  readonly #logger: Logger
  #told: Told | undefined
  #wanted: HostReport | null = null
  #stale = false
  #running: Promise<void> | undefined
  #nextAt: Timestamp

  constructor(ctx: DurableObjectState, options: { dispatcher: (name: string) => DispatcherFleetPort; clock: Clock; logger: Logger }) {
    this.#kv = ctx.storage.kv
    this.#dispatcher = options.dispatcher
    this.#clock = options.clock
    this.#logger = options.logger
    const told = this.#kv.get(toldKey)
    this.#told = told === undefined ? undefined : toldSchema.parse(told)
    this.#nextAt = this.#clock.now()
  }

  /** When `tell` is to be called again though nothing has changed; undefined: no need. */
  get dueAt(): Timestamp | undefined {
    return this.#stale || this.#told !== undefined ? this.#nextAt : undefined
  }

  /** Makes the dispatchers know this; null: the host cannot be asked. Resolves when they do or a retry is due; never rejects. */
  async tell(report: HostReport | null): Promise<void> {
    this.#wanted = report
    this.#stale = true
    this.#nextAt = this.#clock.now() + retryMs
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#stale) {
      this.#stale = false
      try {
        await this.#bringUpToDate(this.#wanted)
        this.#nextAt = this.#clock.now() + repeatMs
      } catch (error) {
        this.#stale = true
        this.#nextAt = this.#clock.now() + retryMs
        this.#logger.warn('host.report-delayed', { error })
        return
      }
    }
  }

  async #bringUpToDate(report: HostReport | null): Promise<void> {
    const told = this.#told
    if (told !== undefined && (report === null || report.region !== told.region)) {
      await this.#all(told.region, (dispatcher) => dispatcher.forget(told))
      this.#kv.delete(toldKey)
      this.#told = undefined
    }
    if (report === null) return
    const { hostId, bootId, region } = report
    if (this.#told?.bootId !== bootId) {
      // Noted before it is said: what an eviction cuts short is still taken back later.
      this.#told = { hostId, bootId, region }
      this.#kv.put(toldKey, this.#told)
    }
    await this.#all(region, (dispatcher) => dispatcher.report(report))
  }

  async #all(region: string, say: (dispatcher: DispatcherFleetPort) => Promise<void>): Promise<void> {
    await Promise.all(dispatchersIn(region).map((name) => say(this.#dispatcher(name))))
  }
}
