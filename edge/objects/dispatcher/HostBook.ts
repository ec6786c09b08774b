import type { Timestamp } from '#shared/time/clock.ts'
import { DispatchedHostTable } from '#edge/db/objects/DispatchedHostTable.ts'
import type { HostReport } from '#edge/domain/fleet/host-report.ts'
import type { Need } from '#edge/domain/placement/choose-host.ts'
import { type HostPromise, HostTable } from '#edge/domain/placement/HostTable.ts'

/**
 * A HostTable that survives eviction. Promises do not: they matter for seconds, an object in use is
 * not evicted, and after a restart of the edge every host reports anew anyway.
 */
export class HostBook {
  readonly #table: HostTable
  readonly #rows: DispatchedHostTable

  constructor(ctx: DurableObjectState) {
    this.#rows = new DispatchedHostTable(ctx.storage)
    this.#table = new HostTable()
    for (const { report, reportedAt } of this.#rows.all()) this.#table.report(report, { at: reportedAt })
  }

  get count(): number {
    return this.#table.count
  }

  report(report: HostReport, options: { at: Timestamp }): void {
    this.#rows.put(report, options)
    this.#table.report(report, options)
  }

  forget(host: { hostId: string; bootId: string }): void {
    if (this.#table.forget(host)) this.#rows.remove(host.hostId)
  }

  promise(promise: HostPromise, options: { at: Timestamp }): void {
    this.#table.promise(promise, options)
  }

  place(need: Need, options: { now: Timestamp; random: () => number }): HostPromise | null {
    this.#expire(options.now)
    return this.#table.place(need, options)
  }

  list({ now }: { now: Timestamp }): HostReport[] {
    this.#expire(now)
    return this.#table.list()
  }

  #expire(now: Timestamp): void {
    for (const hostId of this.#table.expire(now)) this.#rows.remove(hostId)
  }
}
