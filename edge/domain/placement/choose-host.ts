import type { HostLoad } from '#shared/protocol/fleet/host-link.ts'
import type { VideoCodec } from '#shared/protocol/media.ts'
import { expectedConsumers } from './demand.ts'

/** One host of a region as placement sees it. */
export interface Candidate {
  readonly hostId: string
  /** Consumers that make the host full. */
  readonly capacity: number
  readonly videoCodecs: readonly VideoCodec[]
  readonly load: HostLoad
  /** Consumers promised to it and not in its load yet. */
  readonly reserved: number
}

/** What a room needs of a host. */
export interface Need {
  readonly videoCodec: VideoCodec
  readonly exclude: readonly string[]
  /** Participants expected. */
  readonly size: number
}

/** A host whose media workers are this busy drops packets before it runs out of capacity. */
export const fullCpu = 0.95

/** Hosts this close in utilization count as equal, so that dispatchers that cannot see one another's promises don't all take the same one. */
const tie = 0.005

/** How full a host is, 0..1: the worse of its processors and its streams, with what is promised on top. */
export const utilization = ({ load, reserved, capacity }: Candidate): number =>
  Math.max(load.cpu, load.consumers / capacity) + reserved / capacity

/** Whether a host may take the room at all. */
export function canTake(host: Candidate, need: Need): boolean {
  if (host.load.draining || host.load.cpu >= fullCpu) return false
  if (!host.videoCodecs.includes(need.videoCodec) || need.exclude.includes(host.hostId)) return false
  return host.load.consumers + host.reserved + expectedConsumers({ size: need.size, capacity: host.capacity }) <= host.capacity
}

/**
 * The least utilized host that can take the room, by `random` (0..1) among equals; undefined where
 * none can. Pure: the same hosts, need and random numbers give the same host.
 */
export function chooseHost<Host extends Candidate>(
  hosts: readonly Host[],
  options: { readonly need: Need; readonly random: () => number },
): Host | undefined {
  const able = hosts.filter((host) => canTake(host, options.need))
  const lowest = able.reduce((low, host) => Math.min(low, utilization(host)), Infinity)
  const equals = able.filter((host) => utilization(host) <= lowest + tie)
  return equals[Math.floor(options.random() * equals.length)]
}
