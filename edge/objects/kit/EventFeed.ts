import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
import { FeedTable } from '#edge/db/objects/FeedTable.ts'
import { type Happening, queuedEvent } from '#edge/domain/webhooks/queued-event.ts'
import type { HookTarget } from '#edge/domain/webhooks/routing.ts'
import type { HookTargets } from '#edge/services/hook-targets.ts'
import type { AlarmSchedule } from './AlarmSchedule.ts'
import { backoff } from './backoff.ts'

const alarmName = 'feed'
/** Where nobody flushes (the object was evicted after its transaction), delivery starts after this long. */
const safetyNet = 2_000
/** An endpoint's object that takes longer is tried again meanwhile; it knows what it has. */
const lease = 20_000
const batch = 50

/**
 * What an object tells the webhook endpoints of its domain (HOOK-1). An event is written and numbered in
 * the transaction of the change it tells of, and its row goes only when the object of each endpoint that
 * takes it has committed it: at least once, in order. An endpoint's object that cannot take anything holds
 * up the others in nothing. Where a domain is known to have no endpoint, nothing is written at all.
 */
export class EventFeed {
  readonly #table: FeedTable
  readonly #alarms: AlarmSchedule
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #targets: HookTargets
  readonly #newId: () => string
  /** Up to which row endpoints have taken all. Forgotten with this life: endpoints know events that come twice. */
  readonly #taken = new Map<string, number>()
  /** Endpoints that are being handed something. */
  readonly #busy = new Set<string>()
  #failures = 0

  constructor(
    ctx: DurableObjectState,
    options: { alarms: AlarmSchedule; clock: Clock; logger: Logger; targets: HookTargets; newId: () => string },
  ) {
    this.#table = new FeedTable(ctx.storage)
    this.#alarms = options.alarms.on(alarmName, () => this.flush())
    this.#clock = options.clock
    this.#logger = options.logger
    this.#targets = options.targets
    this.#newId = options.newId
  }

  /**
   * Synchronous: stands in the transaction of the change it tells of. Call `flush` after the transaction.
   * @param place.last Nothing more follows in this stream.
   */
  append(happening: Happening, place: { domainId: string; lane: string; stream: string; last?: boolean }): void {
    const { last = false, ...rest } = place
    const { domainId, stream } = rest
    if (this.#targets.isKnownToHaveNone(domainId)) return
    const now = this.#clock.now()
    const seq = this.#table.nextSeq(stream)
    this.#table.insert(domainId, queuedEvent(happening, { ...rest, eventId: this.#newId(), seq, at: now }))
    if (last) this.#table.endStream(stream)
    const armed = this.#alarms.at(alarmName)
    if (armed === undefined || armed > now + safetyNet) this.#alarms.set(alarmName, now + safetyNet)
  }

  /** Whether everything has been handed over. */
  get isEmpty(): boolean {
    return this.#table.isEmpty
  }

  /** Hands over what there is, to whoever is not being handed something already. Never rejects. */
  async flush(): Promise<void> {
    const done = await Promise.all(this.#table.domains().map((domainId) => this.#handOver(domainId)))
    this.#failures = done.every(Boolean) ? 0 : this.#failures + 1
    // An alarm that is set is left to fire and find nothing: each change of one is a write.
    if (!this.#table.isEmpty) this.#alarms.set(alarmName, this.#clock.now() + (this.#busy.size > 0 ? lease : backoff(this.#failures)))
  }

  /** @returns false where an endpoint could not be handed what is its. */
  async #handOver(domainId: string): Promise<boolean> {
    try {
      const targets = await this.#targets.of(domainId)
      const free = targets.filter((target) => !this.#busy.has(keyOf(domainId, target)))
      const handed = await Promise.all(free.map((target) => this.#handAll(domainId, target)))
      const takenByAll = Math.min(...targets.map((target) => this.#taken.get(keyOf(domainId, target)) ?? 0))
      this.#table.removeUpTo(domainId, Number.isFinite(takenByAll) ? takenByAll : Number.MAX_SAFE_INTEGER)
      return handed.every(Boolean)
    } catch (error) {
      this.#logger.warn('feed.delayed', { domainId, error })
      return false
    }
  }

  async #handAll(domainId: string, target: HookTarget): Promise<boolean> {
    const key = keyOf(domainId, target)
    this.#busy.add(key)
    try {
      for (;;) {
        const rows = this.#table.list(domainId, { after: this.#taken.get(key) ?? 0, limit: batch })
        const last = rows.at(-1)
        if (last === undefined) return true
        const events = rows.map(({ id: _, ...event }) => event)
        await this.#targets.hand(target, events)
        this.#taken.set(key, last.id)
      }
    } catch (error) {
      this.#logger.warn('feed.notTaken', { endpointId: target.endpointId, failures: this.#failures + 1, error })
      return false
    } finally {
      this.#busy.delete(key)
    }
  }
}

const keyOf = (domainId: string, { endpointId }: HookTarget): string => `${domainId} ${endpointId}`
