import { closeCodes } from '#shared/protocol/close-codes.ts'
import type { Clock, Timestamp } from '#shared/time/clock.ts'
import type { AlarmSchedule } from './AlarmSchedule.ts'
import type { Channel } from './Channel.ts'
import type { ClientConnection } from './ClientConnection.ts'
import type { Flood } from './Flood.ts'

/** A connection and what its registry knows of it in memory. */
export interface Entry {
  readonly connection: ClientConnection
  readonly channel: Channel
  readonly flood: Flood
  /** Since when this life of the object knows it. */
  readonly since: Timestamp
}

export interface Ending {
  readonly code: number
  readonly reason: string
}

export interface LifetimesOptions {
  readonly alarms: AlarmSchedule
  readonly clock: Clock
  /** Clients that send no keep-alive for `limit` ms are given up; looked at every `every` ms. */
  readonly silence?: { readonly limit: number; readonly every: number }
  readonly entries: () => readonly Entry[]
  readonly end: (entry: Entry, how: Ending) => Promise<void>
}

const expiryAlarm = 'connections.expiry'
const silenceAlarm = 'connections.silence'
/** A socket may outlive its token by this long, so that a renewal under way is not punished. */
const grace = 60_000

/** Ends connections whose token has expired or whose client is silent, by alarms that survive hibernation. */
export class Lifetimes {
  readonly #options: LifetimesOptions

  constructor(options: LifetimesOptions) {
    this.#options = options
    options.alarms.on(expiryAlarm, () => this.#closeExpired())
    options.alarms.on(silenceAlarm, () => this.#closeSilent())
  }

  /** For new and renewed connections; of restored ones the alarms have been set. */
  watch(connection: ClientConnection): void {
    const { alarms, clock, silence } = this.#options
    const at = endOf(connection)
    const armed = alarms.at(expiryAlarm)
    if (armed === undefined || at < armed) alarms.set(expiryAlarm, at)
    if (silence !== undefined && alarms.at(silenceAlarm) === undefined) alarms.set(silenceAlarm, clock.now() + silence.every)
  }

  async #closeExpired(): Promise<void> {
    const { alarms, clock, entries, end } = this.#options
    const now = clock.now()
    const expired = entries().filter(({ connection }) => endOf(connection) <= now)
    const ended = expired.map((entry) => end(entry, { code: closeCodes.unauthenticated, reason: 'The access token has expired' }))
    const next = entries().map(({ connection }) => endOf(connection))
    if (next.length > 0) alarms.set(expiryAlarm, Math.min(...next))
    await Promise.all(ended)
  }

  async #closeSilent(): Promise<void> {
    const { alarms, clock, entries, end, silence } = this.#options
    if (silence === undefined) return
    const heardAfter = clock.now() - silence.limit
    const silent = entries().filter((entry) => lastHeard(entry) < heardAfter)
    const ended = silent.map((entry) => end(entry, { code: closeCodes.misbehaved, reason: 'No keep-alive' }))
    if (entries().length > 0) alarms.set(silenceAlarm, clock.now() + silence.every)
    await Promise.all(ended)
  }
}

const endOf = (connection: ClientConnection): Timestamp => connection.identity.tokenExpiresAt + grace

function lastHeard({ channel, flood, since }: Entry): Timestamp {
  return Math.max(since, channel.heardAt() ?? 0, flood.lastMessageAt)
}
