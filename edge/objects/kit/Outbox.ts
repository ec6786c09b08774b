import type { z } from 'zod'
import type { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'
import { OutboxTable, type OutboxRow } from '#edge/db/objects/OutboxTable.ts'
import type { AlarmSchedule } from './AlarmSchedule.ts'
import { backoff } from './backoff.ts'

/** Hands one message to its consumer; resolves only once the consumer has committed it. */
export interface Deliverer<Payload extends z.ZodType = z.ZodType> {
  readonly payload: Payload
  deliver(message: { id: number; target: string; payload: z.infer<Payload>; attempts: number }): Promise<void>
}

const alarmName = 'outbox'
/** Where nobody flushes (the object was evicted after its transaction), delivery starts after this long. */
const safetyNet = 2_000
const longestWait = 5_000
const lease = 20_000

/**
 * What must reach another object, written in the transaction that caused it and removed only when the
 * consumer has answered: at least once, in order per target, with growing pauses up to 60 s. Consumers
 * are idempotent.
 */
export class Outbox {
  readonly #table: OutboxTable
  readonly #alarms: AlarmSchedule
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #random: () => number
  readonly #deliverers = new Map<string, Deliverer>()
  /** Targets that are being delivered to. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(ctx: DurableObjectState, options: { alarms: AlarmSchedule; clock: Clock; logger: Logger; random?: () => number }) {
    this.#table = new OutboxTable(ctx.storage)
    this.#alarms = options.alarms
    this.#clock = options.clock
    this.#logger = options.logger
    this.#random = options.random ?? Math.random
    this.#alarms.on(alarmName, () => this.#deliverFromAlarm())
  }

  /** Registers who delivers messages of a kind; done anew in each life of the object. */
  on<Payload extends z.ZodType>(kind: string, deliverer: Deliverer<Payload>): this {
    if (this.#deliverers.has(kind)) throw new TypeError(`Two deliverers for messages of kind ${kind}`)
    this.#deliverers.set(kind, deliverer)
    return this
  }

  /** Synchronous: stands in the transaction of the change it tells of. Call `flush` after the transaction. */
  put(message: { kind: string; target: string; payload: unknown }): void {
    if (!this.#deliverers.has(message.kind)) throw new TypeError(`No deliverer for messages of kind ${message.kind}`)
    const now = this.#clock.now()
    this.#table.insert({ ...message, dueAt: now })
    const armed = this.#alarms.at(alarmName)
    if (armed === undefined || armed > now + safetyNet) this.#alarms.set(alarmName, now + safetyNet)
  }

  /** Tries at once whatever is due. Resolves when each target is either done or waiting for its next try; never rejects. */
  async flush(): Promise<void> {
    await this.#deliverDue()
  }

  /** Messages not yet delivered. */
  get size(): number {
    return this.#table.count()
  }

  async #deliverDue(): Promise<void> {
    const now = this.#clock.now()
    for (const head of this.#table.heads()) {
      if (head.dueAt <= now && !this.#busy.has(head.target)) this.#start(head.target)
    }
    this.#rearm()
    await Promise.all(this.#busy.values())
  }

  /** Waits for consumers, but not so long that one that hangs would hold up the retries of others. */
  async #deliverFromAlarm(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, longestWait)
    })
    await Promise.race([this.#deliverDue(), enough])
    clearTimeout(timer)
  }

  #start(target: string): void {
    const done = this.#deliverTo(target).finally(() => {
      this.#busy.delete(target)
      this.#rearm()
    })
    this.#busy.set(target, done)
  }

  async #deliverTo(target: string): Promise<void> {
    for (let head = this.#table.head(target); head !== undefined && head.dueAt <= this.#clock.now(); head = this.#table.head(target)) {
      await this.#deliver(head)
    }
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const { id, kind, target, attempts } = row
    try {
      const deliverer = this.#deliverers.get(kind)
      if (deliverer === undefined) throw new TypeError(`No deliverer for messages of kind ${kind}`)
      await deliverer.deliver({ id, target, payload: deliverer.payload.parse(row.payload), attempts })
      this.#table.remove(id)
    } catch (error) {
      const dueAt = this.#clock.now() + backoff(attempts + 1, this.#random)
      this.#logger.warn('outbox.delayed', { id, kind, target, attempts: attempts + 1, error })
      this.#table.postpone(id, { dueAt, attempts: attempts + 1 })
    }
  }

  /** A target that is being delivered to is looked at again when that ends, or after a while should the object be evicted. */
  #rearm(): void {
    const now = this.#clock.now()
    const next = this.#table.heads().map((head) => (this.#busy.has(head.target) ? now + lease : Math.max(head.dueAt, now)))
    if (next.length === 0) this.#alarms.clear(alarmName)
    else this.#alarms.set(alarmName, Math.min(...next))
  }
}
