import type { Clock } from '#shared/time/clock.ts'
import { HubTable } from '#edge/db/objects/HubTable.ts'
import type { Change, HubEffect } from '#edge/domain/hub/Change.ts'
import { expire, nextDeadline } from '#edge/domain/hub/deadlines.ts'
import { presenceEventOf } from '#edge/domain/hub/presence-events.ts'
import type { HubState, HubTiming } from '#edge/domain/hub/state.ts'
import type { AlarmSchedule } from '../kit/AlarmSchedule.ts'
import type { AnswerLog } from '../kit/AnswerLog.ts'
import type { EventFeed } from '../kit/EventFeed.ts'
import { EventLog, type SequencedEvent } from '../kit/EventLog.ts'
import type { Outbox } from '../kit/Outbox.ts'
import { messageOf } from './outbox-messages.ts'

/** An event that has been numbered for one session. */
export interface SessionEvent {
  readonly sessionId: string
  readonly event: SequencedEvent
}

const deadlineAlarm = 'deadlines'

/**
 * The hub's state, in memory and in storage. A change is committed whole: the state, the events of each
 * session, the next deadline and what rooms must be told are one synchronous transaction.
 */
export class HubStore {
  readonly clock: Clock
  readonly #ctx: DurableObjectState
  readonly #table: HubTable
  readonly #alarms: AlarmSchedule
  readonly #answers: AnswerLog
  readonly #outbox: Outbox
  readonly #feed: EventFeed
  readonly #timing: HubTiming
  readonly #onEvents: (events: readonly SessionEvent[]) => void
  readonly #logs = new Map<string, EventLog>()
  #state: HubState

  constructor(
    ctx: DurableObjectState,
    options: {
      clock: Clock
      alarms: AlarmSchedule
      answers: AnswerLog
      outbox: Outbox
      /** Of the endpoints that hear of the user. */
      feed: EventFeed
      timing: HubTiming
      /** Sends them to who is connected. Runs after the transaction and must not throw. */
      onEvents: (events: readonly SessionEvent[]) => void
    },
  ) {
    this.clock = options.clock
    this.#ctx = ctx
    this.#table = new HubTable(ctx.storage)
    this.#alarms = options.alarms.on(deadlineAlarm, () => this.apply(expire(this.#state, this.clock.now(), this.#timing)))
    this.#answers = options.answers
    this.#outbox = options.outbox
    this.#feed = options.feed
    this.#timing = options.timing
    this.#onEvents = options.onEvents
    this.#state = this.#table.load()
  }

  get state(): HubState {
    return this.#state
  }

  /** The events of a session. */
  log(sessionId: string): EventLog {
    const existing = this.#logs.get(sessionId)
    if (existing !== undefined) return existing
    const log = new EventLog(this.#ctx, { stream: sessionId })
    this.#logs.set(sessionId, log)
    return log
  }

  apply(change: Change): void {
    if (change.state === this.#state && change.effects.length === 0) return
    const events = this.#ctx.storage.transactionSync(() => {
      this.#table.save(change.state)
      this.#notePresence(change.state)
      const at = nextDeadline(change.state, this.#timing)
      if (at === null) this.#alarms.clear(deadlineAlarm)
      else this.#alarms.set(deadlineAlarm, at)
      return change.effects.flatMap((effect) => this.#record(effect))
    })
    this.#state = change.state
    this.#onEvents(events)
    if (this.#outbox.size > 0) this.#ctx.waitUntil(this.#outbox.flush())
    if (!this.#feed.isEmpty) this.#ctx.waitUntil(this.#feed.flush())
  }

  #notePresence(after: HubState): void {
    const event = presenceEventOf(this.#state, after)
    if (event === undefined) return
    const { domainId, userId, happening } = event
    this.#feed.append(happening, { domainId, lane: `user:${userId}`, stream: `user:${userId}` })
  }

  #record(effect: HubEffect): SessionEvent[] {
    if (effect.type === 'event') {
      const { event, resource, body } = effect
      return effect.sessionIds.map((sessionId) => ({ sessionId, event: this.log(sessionId).append({ event, resource, body }) }))
    }
    if (effect.type === 'forgetSession') {
      this.log(effect.sessionId).clear()
      this.#logs.delete(effect.sessionId)
      this.#answers.forget(effect.sessionId)
    } else {
      this.#outbox.put(messageOf(effect))
    }
    return []
  }
}
