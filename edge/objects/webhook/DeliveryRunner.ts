import type { Logger } from '#shared/log/logger.ts'
import type { Clock, Timestamp } from '#shared/time/clock.ts'
import type { HookDeliveryTable } from '#edge/db/objects/HookDeliveryTable.ts'
import type { HookEventRow, HookEventTable, LaneRow } from '#edge/db/objects/HookEventTable.ts'
import type { HookStateTable } from '#edge/db/objects/HookStateTable.ts'
import { admission, type Endpoint, opensAt, settle } from '#edge/domain/webhooks/delivery.ts'
import type { Attempted, HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import { type Outcome, outcomeOf } from '#edge/domain/webhooks/outcome.ts'
import type { AlarmSchedule } from '#edge/objects/kit/AlarmSchedule.ts'

const alarmName = 'deliver'
/** While attempts are under way the object is looked after this often: in a new life it knows of none of them. */
const lease = 5_000
/** What a lane is sent before it is written down. */
const run = { events: 16, ms: 250 }
/** When the configuration cannot be read. */
const patience = 5_000

interface Attempt {
  readonly event: HookEventRow
  readonly attempted: Attempted
  readonly outcome: Outcome
  readonly startedAt: Timestamp
  readonly endedAt: Timestamp
}

export interface DeliveryRunnerOptions {
  readonly alarms: AlarmSchedule
  readonly clock: Clock
  readonly logger: Logger
  readonly events: HookEventTable
  readonly log: HookDeliveryTable
  readonly state: HookStateTable
  readonly random: () => number
  /** Undefined: the endpoint was deleted. */
  readonly config: () => Promise<HookConfig | undefined>
  /** Never rejects. */
  readonly send: (config: HookConfig, event: HookEventRow) => Promise<Attempted>
  /** In the transaction that notes a 410. */
  readonly onGone: () => void
}

/** Sends what waits in the endpoint's log, as edge/domain/webhooks/delivery.ts decides. */
export class DeliveryRunner {
  readonly #ctx: DurableObjectState
  readonly #options: DeliveryRunnerOptions
  /** Lanes whose oldest event is being sent. */
  readonly #busy = new Set<string>()

  constructor(ctx: DurableObjectState, options: DeliveryRunnerOptions) {
    this.#ctx = ctx
    this.#options = options
    options.alarms.on(alarmName, async () => {
      const config = await this.#pump()
      const next = this.#nextWake(config)
      if (next !== null) options.alarms.set(alarmName, next)
    })
  }

  /** Something may be due now. Synchronous, so that it may stand in a transaction; sending begins after it. */
  nudge(): void {
    const { clock, events, logger } = this.#options
    if (events.nextLanes(1).length === 0) return
    this.#wakeBy(clock.now() + lease)
    const pumped = this.#pump().then(
      (config) => this.#wakeBy(this.#nextWake(config)),
      (error: unknown) => {
        logger.warn('webhook.notConfigured', { error })
        this.#wakeBy(clock.now() + patience)
      },
    )
    this.#ctx.waitUntil(pumped)
  }

  async #pump(): Promise<HookConfig | undefined> {
    const config = await this.#options.config()
    for (let lane = this.#next(config); lane !== undefined && config !== undefined; lane = this.#next(config)) {
      this.#busy.add(lane.lane)
      this.#ctx.waitUntil(this.#serve(config, lane))
    }
    return config
  }

  /** The lane to try now, if any may be. */
  #next(config: HookConfig | undefined): LaneRow | undefined {
    if (config?.enabled !== true) return undefined
    const { clock, events } = this.#options
    const now = clock.now()
    const before = this.#endpoint
    const { endpoint, slots, probe } = admission(before, { inFlight: this.#busy.size, now })
    if (slots === 0) return undefined
    const due = events.dueLanes({ now, limit: this.#busy.size + 1, fresh: probe })
    const lane = due.find((candidate) => !this.#busy.has(candidate.lane))
    if (lane !== undefined && endpoint !== before) this.#saveEndpoint(endpoint)
    return lane
  }

  /**
   * Sends what waits in a lane, one after the other. What was delivered is written down a little later: were that
   * lost with the object, the events would be sent once more, and each write holds up whatever is sent behind it.
   */
  async #serve(config: HookConfig, lane: LaneRow): Promise<void> {
    const { clock, events } = this.#options
    const startedAt = clock.now()
    const attempts: Attempt[] = []
    const most = this.#endpoint.breaker.state === 'closed' ? run.events : 1
    for (const event of events.waiting(lane.lane, most)) {
      const attempt = await this.#attempt(config, event)
      attempts.push(attempt)
      if (attempt.outcome.type !== 'delivered' || clock.now() - startedAt > run.ms) break
    }
    this.#busy.delete(lane.lane)
    this.#ctx.storage.transactionSync(() => {
      for (const [index, attempt] of attempts.entries()) this.#write(attempt, { tries: index === 0 ? lane.tries : 0 })
    })
    this.nudge()
  }

  async #attempt(config: HookConfig, event: HookEventRow): Promise<Attempt> {
    const { clock, logger, send } = this.#options
    const startedAt = clock.now()
    const attempted = await send(config, event)
    const endedAt = clock.now()
    const { status, error, retryAfter } = attempted
    const outcome: Outcome = error === 'notMapped' ? { type: 'delivered' } : outcomeOf({ status: status ?? 0, retryAfter }, endedAt)
    const level = outcome.type === 'delivered' ? 'debug' : 'info'
    const { eventId, type } = event
    logger[level]('webhook.attempted', { eventId, type, status, error, durationMs: endedAt - startedAt, outcome: outcome.type })
    return { event, attempted, outcome, startedAt, endedAt }
  }

  #write({ event, attempted, outcome, startedAt, endedAt }: Attempt, { tries }: { tries: number }): void {
    const { events, log, random, onGone } = this.#options
    const before = this.#endpoint
    const { endpoint, settlement, recovered } = settle(before, { tries, outcome }, { now: endedAt, random })
    events.settle(event, settlement, endedAt)
    if (recovered) events.wakeAll(endedAt)
    const { status, error, response } = attempted
    const { eventId, type } = event
    const duration = endedAt - startedAt
    log.insert({ eventId, type, attempt: event.attempts + 1, at: startedAt, duration, status, error, response })
    if (endpoint !== before) this.#saveEndpoint(endpoint)
    if (outcome.type === 'gone') onGone()
  }

  /** When the object must be awake for what comes next by itself; null: nothing does. */
  #nextWake(config: HookConfig | undefined): Timestamp | null {
    const { clock, events } = this.#options
    const now = clock.now()
    const opening = config?.enabled === true ? opensAt(this.#endpoint, now) : null
    const waiting = events.nextLanes(this.#busy.size + 1).find(({ lane }) => !this.#busy.has(lane))
    const next = waiting === undefined || opening === null ? Infinity : Math.max(waiting.dueAt, opening)
    // A lane that is due while all slots are taken starts when one of those is done.
    if (this.#busy.size > 0) return next <= now ? now + lease : Math.min(next, now + lease)
    return next === Infinity ? null : next
  }

  /** Each change of an alarm is a write, so one that is due earlier is left to fire and find nothing. */
  #wakeBy(at: Timestamp | null): void {
    if (at === null) return
    const { alarms } = this.#options
    const armed = alarms.at(alarmName)
    if (armed === undefined || armed > at) alarms.set(alarmName, at)
  }

  get #endpoint(): Endpoint {
    return this.#options.state.load().endpoint
  }

  #saveEndpoint(endpoint: Endpoint): void {
    const { state } = this.#options
    state.save({ ...state.load(), endpoint })
  }
}
