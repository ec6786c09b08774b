import type { Clock } from '#shared/time/clock.ts'
import { AppError } from '#shared/errors/AppError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import type { Result } from '#shared/result/result.ts'
import { RoomTable } from '#edge/db/objects/RoomTable.ts'
import type { RoomChange, RoomEffect } from '#edge/domain/room/change.ts'
import { hookEventOf } from '#edge/domain/room/hook-events.ts'
import type { RoomState } from '#edge/domain/room/state.ts'
import type { AlarmSchedule } from '#edge/objects/kit/AlarmSchedule.ts'
import type { EventFeed } from '#edge/objects/kit/EventFeed.ts'
import type { EventLog, SequencedEvent } from '#edge/objects/kit/EventLog.ts'
import type { Outbox } from '#edge/objects/kit/Outbox.ts'
import { messageOf } from './outbox-messages.ts'

export interface CommittedEvent {
  readonly event: SequencedEvent
  /** Sessions to tell. */
  readonly audience: readonly string[]
}

/**
 * The room's state, in memory and in storage. A change is committed whole: records, events, alarms and
 * what other objects must be told are one synchronous transaction; the rest is done after it.
 */
export class RoomStore {
  readonly clock: Clock
  readonly #storage: DurableObjectStorage
  readonly #table: RoomTable
  readonly #events: EventLog
  readonly #alarms: AlarmSchedule
  readonly #outbox: Outbox
  readonly #feed: EventFeed
  readonly #onCommitted: (committed: { events: readonly CommittedEvent[]; effects: readonly RoomEffect[] }) => void
  #state: RoomState | null

  constructor(
    ctx: DurableObjectState,
    options: {
      clock: Clock
      events: EventLog
      alarms: AlarmSchedule
      outbox: Outbox
      /** Of the endpoints that hear of the room. */
      feed: EventFeed
      /** Tells clients and hosts. Runs after the transaction and must not throw. */
      onCommitted: (committed: { events: readonly CommittedEvent[]; effects: readonly RoomEffect[] }) => void
    },
  ) {
    this.clock = options.clock
    this.#storage = ctx.storage
    this.#table = new RoomTable(ctx.storage)
    this.#events = options.events
    this.#alarms = options.alarms
    this.#outbox = options.outbox
    this.#feed = options.feed
    this.#onCommitted = options.onCommitted
    this.#state = this.#table.load()
  }

  /** The room, ended or not; null where none was created, or it is forgotten. */
  get current(): RoomState | null {
    return this.#state
  }

  /** @throws AppError `roomNotFound` */
  get state(): RoomState {
    if (this.#state === null) throw new AppError('roomNotFound')
    return this.#state
  }

  /** The room while it is open. @throws AppError `roomNotFound`, `roomEnded` */
  get open(): RoomState {
    if (this.state.room.ended !== null) throw new AppError('roomEnded')
    return this.state
  }

  get seq(): number {
    return this.#events.seq
  }

  /** A new life: what is left of an ended one goes. */
  begin(change: RoomChange): void {
    this.#commit(change, { before: null })
  }

  apply(change: RoomChange): void {
    if (change.state === this.#state && change.effects.length === 0) return
    this.#commit(change, { before: this.#state })
  }

  /** Applies a change, or throws the refusal for the asker to see. */
  applyOrRefuse(result: Result<RoomChange, ErrorCode>): void {
    if (!result.ok) throw new AppError(result.error)
    this.apply(result.value)
  }

  #commit(change: RoomChange, options: { before: RoomState | null }): void {
    const events: CommittedEvent[] = []
    this.#storage.transactionSync(() => {
      if (options.before === null) {
        this.#table.clear()
        this.#events.clear()
      }
      this.#table.save(options.before, change.state)
      const { room } = change.state
      for (const effect of change.effects) {
        if (effect.type === 'event') {
          const event = this.#events.append({ event: effect.event, resource: `/rooms/${room.roomId}`, body: effect.body })
          events.push({ event, audience: effect.audience })
        } else if (effect.type === 'alarm') {
          if (effect.at === null) this.#alarms.clear(effect.name)
          else this.#alarms.set(effect.name, effect.at)
        }
        const message = messageOf(effect, room)
        if (message !== undefined) this.#outbox.put(message)
        const happening = hookEventOf(effect, change.state)
        if (happening !== undefined) {
          const { domainId, callId } = room
          const last = happening.type === 'call.ended'
          this.#feed.append(happening, { domainId, lane: `room:${room.room}`, stream: `room:${callId}`, last })
        }
      }
    })
    this.#state = change.state
    this.#onCommitted({ events, effects: change.effects })
  }
}
