import type { Logger } from '#shared/log/logger.ts'
import type { Clock, Timestamp } from '#shared/time/clock.ts'
import { AlarmTable } from '#edge/db/objects/AlarmTable.ts'
import { backoff } from './backoff.ts'

export interface DueAlarm {
  readonly name: string
  /** What follows the first colon of the name; empty without one. */
  readonly key: string
  readonly at: Timestamp
  /** How often it has failed before. */
  readonly attempts: number
}

export type AlarmHandler = (alarm: DueAlarm) => void | Promise<void>

/** An alarm whose asynchronous handler was cut short by an eviction is tried again after this long. */
const lease = 20_000
/** While `alarm()` has not returned, the object's next alarm cannot fire. */
const longestRun = 10_000

/**
 * Named alarms over the one alarm that a Durable Object has. Names are `kind` or `kind:key`; handlers
 * are registered per kind. Alarms are rows, so they survive eviction, and `set` and `clear` may stand
 * inside a synchronous transaction. A handler runs at least once; one that throws is tried again with
 * growing pauses while the others go on.
 */
export class AlarmSchedule {
  readonly #storage: DurableObjectStorage
  readonly #table: AlarmTable
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #random: () => number
  readonly #handlers = new Map<string, AlarmHandler>()
  /** Names whose handler runs now; true once they were set or cleared meanwhile. */
  readonly #running = new Map<string, { touched: boolean }>()

  #abandoned = false

  constructor(ctx: DurableObjectState, options: { clock: Clock; logger: Logger; random?: () => number }) {
    this.#storage = ctx.storage
    this.#table = new AlarmTable(ctx.storage)
    this.#clock = options.clock
    this.#logger = options.logger
    this.#random = options.random ?? Math.random
  }

  /** Registers the handler of a kind; done anew in each life of the object, before the first alarm. */
  on(kind: string, handler: AlarmHandler): this {
    if (this.#handlers.has(kind)) throw new TypeError(`Two handlers for alarms of kind ${kind}`)
    this.#handlers.set(kind, handler)
    return this
  }

  set(name: string, at: Timestamp): void {
    this.#touch(name)
    this.#table.put(name, at)
    this.#arm()
  }

  clear(name: string): void {
    this.#touch(name)
    this.#table.remove(name)
    this.#arm()
  }

  /** When an alarm is due, if it is set. */
  at(name: string): Timestamp | undefined {
    return this.#table.find(name)?.at
  }

  /** Earliest first; alarms of the same time in the order in which they were first set. */
  due(now: Timestamp): DueAlarm[] {
    return this.#table.due(now).map((row) => ({ ...row, key: keyOf(row.name) }))
  }

  /** The object has deleted all it stored, this schedule with it: nothing is touched any more. For a handler that does that. */
  abandon(): void {
    this.#abandoned = true
  }

  /** The body of the object's `alarm()`. Handlers start in order and do not wait for one another. Never rejects. */
  async run(): Promise<void> {
    const due = this.due(this.#clock.now()).filter((alarm) => !this.#running.has(alarm.name))
    const handled = Promise.all(due.map((alarm) => this.#handle(alarm)))
    let timer: ReturnType<typeof setTimeout> | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, longestRun)
    })
    await Promise.race([handled, enough])
    clearTimeout(timer)
    this.#arm()
  }

  async #handle(alarm: DueAlarm): Promise<void> {
    const handler = this.#handlers.get(kindOf(alarm.name))
    if (handler === undefined) {
      this.#logger.error('alarm.unknown', { name: alarm.name })
      this.#table.remove(alarm.name)
      return
    }
    const run = { touched: false }
    this.#running.set(alarm.name, run)
    this.#table.postpone(alarm.name, { at: this.#clock.now() + lease, attempts: alarm.attempts + 1 })
    try {
      await handler(alarm)
      if (!run.touched && !this.#abandoned) this.#table.remove(alarm.name)
    } catch (error) {
      const at = this.#clock.now() + backoff(alarm.attempts + 1, this.#random)
      this.#logger.error('alarm.failed', { name: alarm.name, attempts: alarm.attempts + 1, error })
      if (!run.touched && !this.#abandoned) this.#table.postpone(alarm.name, { at, attempts: alarm.attempts + 1 })
    } finally {
      this.#running.delete(alarm.name)
      this.#arm()
    }
  }

  #touch(name: string): void {
    const run = this.#running.get(name)
    if (run !== undefined) run.touched = true
  }

  /** Points the object's alarm at the earliest name; running ones are looked at again when they finish. */
  #arm(): void {
    if (this.#abandoned) return
    const next = this.#table.earliest().find((row) => !this.#running.has(row.name) || row.at > this.#clock.now())
    if (next === undefined) void this.#storage.deleteAlarm()
    else void this.#storage.setAlarm(next.at)
  }
}

const kindOf = (name: string): string => name.split(':', 1)[0] ?? name

function keyOf(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? '' : name.slice(colon + 1)
}
