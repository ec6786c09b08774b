import type { Timestamp } from '#shared/time/clock.ts'
import type { HostReport } from '../fleet/host-report.ts'
import { chooseHost, type Need } from './choose-host.ts'
import { expectedConsumers } from './demand.ts'
import { Reservations } from './Reservations.ts'

/** A host whose MediaHost object has been silent for this long is forgotten: it repeats its report every 30 s. */
export const reportExpiryMs = 90_000

/** Consumers that a placement promises to a host. */
export interface HostPromise {
  readonly hostId: string
  readonly consumers: number
}

interface Entry {
  readonly report: HostReport
  readonly reportedAt: Timestamp
  readonly reservations: Reservations
}

/**
 * The connected hosts of one region in the eyes of one dispatcher, and the placing of rooms on them.
 * Knows nothing of storage or sockets.
 */
export class HostTable {
  readonly #hosts = new Map<string, Entry>()

  /** Takes a host in, or its newer load. What its load has grown by since is no longer only promised. */
  report(report: HostReport, options: { readonly at: Timestamp }): void {
    const known = this.#hosts.get(report.hostId)
    const sameBoot = known?.report.bootId === report.bootId ? known : undefined
    sameBoot?.reservations.spend(Math.max(0, report.load.consumers - sameBoot.report.load.consumers))
    const reservations = sameBoot?.reservations ?? new Reservations()
    this.#hosts.set(report.hostId, { report, reportedAt: options.at, reservations })
  }

  /** Takes a host out. A boot that another one has already replaced is no reason to. */
  forget(host: { readonly hostId: string; readonly bootId: string }): boolean {
    if (this.#hosts.get(host.hostId)?.report.bootId !== host.bootId) return false
    return this.#hosts.delete(host.hostId)
  }

  /** Takes out the hosts that nobody has reported for too long and gives their ids. */
  expire(now: Timestamp): string[] {
    const silent = [...this.#hosts].filter(([, entry]) => entry.reportedAt + reportExpiryMs <= now).map(([hostId]) => hostId)
    for (const hostId of silent) this.#hosts.delete(hostId)
    return silent
  }

  /** The host that shall take a room, its streams promised to it; null where none can. `random` gives 0..1. */
  place(need: Need, options: { readonly now: Timestamp; readonly random: () => number }): HostPromise | null {
    const candidates = [...this.#hosts.values()].map(({ report, reservations }) => ({
      hostId: report.hostId,
      capacity: report.capacity,
      videoCodecs: report.videoCodecs,
      load: report.load,
      reserved: reservations.total(options.now),
    }))
    const chosen = chooseHost(candidates, { need, random: options.random })
    if (chosen === undefined) return null
    const promise = { hostId: chosen.hostId, consumers: expectedConsumers({ size: need.size, capacity: chosen.capacity }) }
    this.promise(promise, { at: options.now })
    return promise
  }

  /** Counts a promise: one's own, or a placement that another dispatcher of the region tells of. */
  promise(promise: HostPromise, options: { readonly at: Timestamp }): void {
    this.#hosts.get(promise.hostId)?.reservations.add(promise.consumers, options)
  }

  get count(): number {
    return this.#hosts.size
  }

  /** Every host with its last report. */
  list(): HostReport[] {
    return [...this.#hosts.values()].map((entry) => entry.report)
  }
}
