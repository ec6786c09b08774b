import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
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
/** When the configuration cannot be read. */
const patience = 5_000

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
    options.alarms.on(alarmName, () => this.#pump())
  }

  /** Something may be due now. Synchronous, so that it may stand in a transaction; sending begins after it. */
  nudge(): void {
    const { alarms, clock, logger } = this.#options
    alarms.set(alarmName, clock.now() + lease)
    const pumped = this.#pump().catch((error: unknown) => {
      logger.warn('webhook.notConfigured', { error })
      alarms.set(alarmName, clock.now() + patience)
    })
    this.#ctx.waitUntil(pumped)
  }

  async #pump(): Promise<void> {
    const config = await this.#options.config()
    const { clock, events } = this.#options
    for (let lane = this.#next(config); lane !== undefined && config !== undefined; lane = this.#next(config)) {
      const event = events.head(lane.lane)
      if (event === undefined) throw new TypeError('A lane has a row exactly while events of it wait')
      this.#busy.add(lane.lane)
      this.#ctx.waitUntil(this.#attempt(config, { lane, event, startedAt: clock.now() }))
    }
    this.#rearm(config)
  }

  /** The lane to try now, if any may be. */
  #next(config: HookConfig | undefined): LaneRow | undefined {
    if (config?.enabled !== true) return undefined
    const { clock, events } = this.#options
    const now = clock.now()
    const { endpoint, slots, probe } = admission(this.#endpoint, { inFlight: this.#busy.size, now })
    if (slots === 0) return undefined
    const due = events.dueLanes({ now, limit: this.#busy.size + 1, fresh: probe })
    const lane = due.find((candidate) => !this.#busy.has(candidate.lane))
    if (lane !== undefined && endpoint !== this.#endpoint) this.#saveEndpoint(endpoint)
    return lane
  }

  async #attempt(config: HookConfig, { lane, event, startedAt }: { lane: LaneRow; event: HookEventRow; startedAt: number }): Promise<void> {
    const { clock, logger, send } = this.#options
    const attempted = await send(config, event)
    const now = clock.now()
    this.#busy.delete(lane.lane)
    const outcome: Outcome =
      attempted.error === 'notMapped'
        ? { type: 'delivered' }
        : outcomeOf({ status: attempted.status ?? 0, retryAfter: attempted.retryAfter }, now)
    this.#ctx.storage.transactionSync(() => this.#write({ lane, event, attempted, outcome, startedAt, now }))
    const { eventId, type } = event
    const { status, error } = attempted
    logger.info('webhook.attempted', { eventId, type, status, error, durationMs: now - startedAt, outcome: outcome.type })
    this.nudge()
  }

  #write(attempt: { lane: LaneRow; event: HookEventRow; attempted: Attempted; outcome: Outcome; startedAt: number; now: number }): void {
    const { events, log, random, onGone } = this.#options
    const { lane, event, attempted, outcome, startedAt, now } = attempt
    const { endpoint, settlement, recovered } = settle(this.#endpoint, { tries: lane.tries, outcome }, { now, random })
    events.settle(event, settlement, now)
    if (recovered) events.wakeAll(now)
    const { status, error, response } = attempted
    const { eventId, type, attempts } = event
    log.insert({ eventId, type, attempt: attempts + 1, at: startedAt, duration: now - startedAt, status, error, response })
    this.#saveEndpoint(endpoint)
    if (outcome.type === 'gone') onGone()
  }

  /** Points the alarm at what comes next by itself. */
  #rearm(config: HookConfig | undefined): void {
    const { alarms, clock, events } = this.#options
    const now = clock.now()
    const opening = config?.enabled === true ? opensAt(this.#endpoint, now) : null
    const waiting = events.nextLanes(this.#busy.size + 1).find(({ lane }) => !this.#busy.has(lane))
    const next = waiting === undefined || opening === null ? Infinity : Math.max(waiting.dueAt, opening)
    const at = this.#busy.size > 0 ? Math.min(Math.max(next, now + 1000), now + lease) : next
    if (at === Infinity) alarms.clear(alarmName)
    else alarms.set(alarmName, at)
  }

  get #endpoint(): Endpoint {
    return this.#options.state.load().endpoint
  }

  #saveEndpoint(endpoint: Endpoint): void {
    const { state } = this.#options
    state.save({ ...state.load(), endpoint })
  }
}
