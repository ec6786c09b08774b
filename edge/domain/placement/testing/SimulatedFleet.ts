import type { HostLoad } from '#shared/protocol/fleet/host-link.ts'
import type { HostReport } from '../../fleet/host-report.ts'
import { expectedConsumers } from '../demand.ts'
import { type HostPromise, HostTable } from '../HostTable.ts'
import { placeInFleet } from '../place-in-fleet.ts'
import { shardCount, shardOf } from '../shards.ts'

/** A host as it really is, as opposed to what dispatchers last heard of it. */
export interface SimulatedHost {
  readonly hostId: string
  readonly region: string
  readonly capacity: number
  consumers: number
  /** Consumers of placed rooms that still ring. */
  pending: number
  rooms: number
  draining: boolean
}

export interface SimulatedRoom {
  readonly name: string
  readonly region: string
  readonly size: number
  /** Share of the streams that really come: 0.5 for audio only. */
  readonly streams: number
}

/** Share of a host's capacity that must be free before a refusal counts as wrong: dispatchers guess what rings. */
const clearShare = 0.1

const number = (value: number): string => String(value).padStart(12, '0')

/**
 * A fleet in simulated time around the real placement code: hosts with true loads, all shards of all
 * their regions. Shards get load only by `report`, and one another's promises when time advances.
 */
export class SimulatedFleet {
  readonly hosts: readonly SimulatedHost[]
  readonly #byId: ReadonlyMap<string, SimulatedHost>
  readonly #tables = new Map<string, HostTable[]>()
  readonly #random: () => number
  #untold: { readonly region: string; readonly by: HostTable; readonly promise: HostPromise }[] = []
  #now = 0

  constructor(options: { hosts: readonly { region: string; capacity: number }[]; random: () => number }) {
    this.#random = options.random
    this.hosts = options.hosts.map(({ region, capacity }, index) => {
      const hostId = `00000000-0000-7000-8000-${number(index)}`
      return { hostId, region, capacity, consumers: 0, pending: 0, rooms: 0, draining: false }
    })
    this.#byId = new Map(this.hosts.map((host) => [host.hostId, host]))
    for (const { region } of this.hosts) {
      if (this.#tables.has(region)) continue
      this.#tables.set(
        region,
        Array.from({ length: shardCount }, () => new HostTable()),
      )
    }
    for (const host of this.hosts) this.report(host)
  }

  get now(): number {
    return this.#now
  }

  advance(ms: number): void {
    for (const { region, by, promise } of this.#untold) {
      for (const table of this.#tables.get(region) ?? []) if (table !== by) table.promise(promise, { at: this.#now })
    }
    this.#untold = []
    this.#now += ms
  }

  /** Tells all shards of its region the host's true load. */
  report(host: SimulatedHost): void {
    for (const table of this.#tables.get(host.region) ?? []) table.report(reportOf(host), { at: this.#now })
  }

  /** Places a room as the dispatchers do. */
  async place(room: SimulatedRoom): Promise<SimulatedHost | null> {
    const promise = await placeInFleet(room, {
      placeIn: (region) => Promise.resolve(this.#placeIn(region, room)),
      regions: () => Promise.resolve([...this.#tables.keys()]),
      random: this.#random,
    })
    if (promise === null) return null
    const host = this.#byId.get(promise.hostId)
    if (host === undefined) throw new TypeError(`Placed on a host that does not exist: ${promise.hostId}`)
    return host
  }

  #placeIn(region: string, room: SimulatedRoom): HostPromise | null {
    const table = this.#tables.get(region)?.[shardOf(room.name)]
    if (table === undefined) return null
    const promise = table.place({ videoCodec: 'VP8', exclude: [], size: room.size }, { now: this.#now, random: this.#random })
    if (promise !== null) this.#untold.push({ region, by: table, promise })
    return promise
  }
}

/** Whether a host could clearly take a room now, counting what rings. */
export function hasSpace(host: SimulatedHost, room: SimulatedRoom): boolean {
  const consumers = host.consumers + host.pending + expectedConsumers({ size: room.size, capacity: host.capacity })
  return !host.draining && consumers <= host.capacity * (1 - clearShare)
}

/** Consumers that the room really makes on its host. */
export const consumersOf = (room: SimulatedRoom, host: SimulatedHost): number =>
  Math.round(expectedConsumers({ size: room.size, capacity: host.capacity }) * room.streams)

function reportOf(host: SimulatedHost): HostReport {
  const load: HostLoad = {
    cpu: Math.min(1, (host.consumers / host.capacity) * 0.8),
    rooms: host.rooms,
    participants: host.rooms * 2,
    producers: host.consumers,
    consumers: host.consumers,
    draining: host.draining,
  }
  const { hostId, region, capacity } = host
  return { hostId, bootId: hostId, name: hostId, region, capacity, version: '1', workers: 2, videoCodecs: ['VP8', 'H264'], load }
}
