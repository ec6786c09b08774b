import { DurableObject } from 'cloudflare:workers'
import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { HookStatus, LoggedDelivery } from '#shared/protocol/sapi/webhooks.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import { database } from '#edge/db/d1/database.ts'
import { disableWebhook } from '#edge/db/d1/webhooks.ts'
import { HookDeliveryTable } from '#edge/db/objects/HookDeliveryTable.ts'
import { HookEventTable } from '#edge/db/objects/HookEventTable.ts'
import { HookStateTable } from '#edge/db/objects/HookStateTable.ts'
import { endpointOfWebhook } from '#edge/domain/object-names.ts'
import { newEndpoint } from '#edge/domain/webhooks/delivery.ts'
import type { HookConfig } from '#edge/domain/webhooks/hook-config.ts'
import { type QueuedEvent, queuedEvent, queuedEventSchema } from '#edge/domain/webhooks/queued-event.ts'
import type { Env } from '#edge/env.ts'
import { loadHookConfig } from '#edge/services/hook-config.ts'
import { sendHook } from '#edge/services/hook-sender.ts'
import { loggerOf } from '#edge/services/logger.ts'
import { AlarmSchedule } from './kit/AlarmSchedule.ts'
import { DeliveryRunner } from './webhook/DeliveryRunner.ts'

/** The configuration as of at most this long ago, in milliseconds. */
const configKeptFor = 30_000
/** How long the log is kept, and how much of it at most. */
const logged = { ms: 7 * 24 * 3_600_000, events: 2_000_000, deliveries: 2_000_000 }
const pruneEvery = 6 * 3_600_000

export interface LoggedEventText {
  readonly position: number
  readonly state: 'waiting' | 'delivered' | 'dead'
  readonly attempts: number
  /** JSON as it is sent. */
  readonly body: string
}

/**
 * One endpoint: the log of its events for seven days, what of it waits, and how the endpoint has been doing.
 * Wires the pieces in `webhook/` together.
 */
export class Webhook extends DurableObject<Env> {
  /** Undefined once the endpoint has been forgotten, until it is needed again: its parts make their tables. */
  #assembled: ReturnType<Webhook['assemble']> | undefined
  #config: { readonly value: HookConfig | undefined; readonly until: number } | undefined
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(ctx: DurableObjectState, env: Env, options: { clock?: Clock; logger?: Logger } = {}) {
    super(ctx, env)
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? loggerOf(env, { component: 'webhook' })
  }

  override async alarm(): Promise<void> {
    await this.#parts.alarms.run()
  }

  /** The answer lets whoever asks forget the events: the runtime holds it back until they are on disk. */
  accept(given: readonly QueuedEvent[]): Promise<void> {
    const { events, runner, alarms } = this.#parts
    const queued = queuedEventSchema.array().parse(given)
    const now = this.#clock.now()
    this.ctx.storage.transactionSync(() => {
      for (const event of queued) events.insert(event, now)
      if (alarms.at('prune') === undefined) alarms.set('prune', now + pruneEvery)
    })
    runner.nudge()
    return Promise.resolve()
  }

  /** The configuration is another now, or is gone. */
  changed(): Promise<void> {
    this.#config = undefined
    this.#parts.runner.nudge()
    return Promise.resolve()
  }

  /** The endpoint was deleted: so is its log, soon. */
  deleted(): Promise<void> {
    this.#parts.alarms.set('prune', this.#clock.now())
    return this.changed()
  }

  /** An admin takes it into use again, with a clean record: what waits is tried at once. */
  enable(): Promise<void> {
    const { events, state } = this.#parts
    this.ctx.storage.transactionSync(() => {
      state.save({ ...state.load(), endpoint: newEndpoint })
      events.wakeAll(this.#clock.now())
    })
    return this.changed()
  }

  /** Puts a test event into the log. @returns its id. */
  async test(): Promise<string> {
    const { state } = this.#parts
    const endpointId = endpointOfWebhook(this.ctx.id.name)
    const config = await this.#currentConfig()
    if (config === undefined) throw new AppError('notFound')
    const place = { domainId: config.domainId, lane: `endpoint:${endpointId}`, stream: `endpoint:${endpointId}` }
    const now = state.load()
    const seq = now.tests + 1
    state.save({ ...now, tests: seq })
    const eventId = newId()
    await this.accept([queuedEvent({ type: 'webhook.test', data: { endpointId } }, { ...place, eventId, seq, at: this.#clock.now() })])
    return eventId
  }

  /** Sends again what was logged behind a position. @returns how many events. */
  replay(after: number): Promise<number> {
    const { events, runner } = this.#parts
    const count = this.ctx.storage.transactionSync(() => events.replay(after, this.#clock.now()))
    runner.nudge()
    return Promise.resolve(count)
  }

  status(): Promise<HookStatus> {
    const { events, state } = this.#parts
    const { breaker, goneSince } = state.load().endpoint
    const openUntil = breaker.state === 'open' ? breaker.until : null
    return Promise.resolve({ breaker: breaker.state, openUntil, goneSince, ...events.counts() })
  }

  /** Oldest first. */
  events(page: { after: number; limit: number }): Promise<LoggedEventText[]> {
    const rows = this.#parts.events.list(page)
    return Promise.resolve(rows.map(({ position, state, attempts, body }) => ({ position, state, attempts, body })))
  }

  /** Latest first. */
  deliveries(page: { before: number; limit: number }): Promise<(LoggedDelivery & { id: number })[]> {
    return Promise.resolve(this.#parts.log.list(page))
  }

  /** All that one life of the object consists of. */
  protected assemble() {
    const { ctx, env } = this
    const clock = this.#clock
    const logger = this.#logger
    const alarms = new AlarmSchedule(ctx, { clock, logger })
    const events = new HookEventTable(ctx.storage)
    const log = new HookDeliveryTable(ctx.storage)
    const state = new HookStateTable(ctx.storage)
    const runner = new DeliveryRunner(ctx, {
      ...{ alarms, clock, logger, events, log, state, random: Math.random },
      config: () => this.#currentConfig(),
      send: (config, event) => sendHook({ env, clock, logger }, config, event),
      onGone: () => alarms.set('gone', clock.now()),
    })
    alarms.on('gone', () => this.#tellGone())
    alarms.on('prune', () => this.#prune())
    return { alarms, events, log, state, runner }
  }

  get #parts(): ReturnType<Webhook['assemble']> {
    return (this.#assembled ??= this.assemble())
  }

  async #currentConfig(): Promise<HookConfig | undefined> {
    const now = this.#clock.now()
    if (this.#config !== undefined && this.#config.until > now) return this.#config.value
    const value = await loadHookConfig(this.env, endpointOfWebhook(this.ctx.id.name), now)
    this.#config = { value, until: now + configKeptFor }
    return value
  }

  async #tellGone(): Promise<void> {
    await disableWebhook(database(this.env.DB), endpointOfWebhook(this.ctx.id.name))
    this.#config = undefined
  }

  /** An endpoint that was deleted leaves nothing behind. */
  async #prune(): Promise<void> {
    const { alarms, events, log, runner } = this.#parts
    const now = this.#clock.now()
    this.#config = undefined
    if ((await this.#currentConfig()) === undefined) {
      alarms.abandon()
      this.#assembled = undefined
      await this.ctx.storage.deleteAlarm()
      await this.ctx.storage.deleteAll()
      return
    }
    const before = now - logged.ms
    this.ctx.storage.transactionSync(() => {
      events.prune({ before, most: logged.events })
      log.prune({ before, most: logged.deliveries })
      if (events.list({ after: 0, limit: 1 }).length > 0) alarms.set('prune', now + pruneEvery)
    })
    // Its domain may be in use again, of which nobody tells.
    runner.nudge()
  }
}
