export interface PortRange {
  readonly min: number
  readonly max: number
}

/** Where media is received, and what clients and other hosts are told of it. */
export interface ListenAddress {
  readonly ip: string
  readonly announcedAddress?: string
}

/** How many other ports a worker tries when its own is taken by a foreign process. */
const spareTries = 16

/**
 * Ports that worker `index` of `workers` tries for its WebRtcServer, best first. Workers' candidates
 * never meet: they are apart by a multiple of the number of workers.
 */
export function serverPorts(range: PortRange, options: { index: number; workers: number }): number[] {
  const candidates: number[] = []
  for (let port = range.min + options.index; port <= range.max && candidates.length <= spareTries; port += options.workers) {
    candidates.push(port)
  }
  return candidates
}

/** What is left for SRTP participants and pipes to other hosts. */
export function sharedPorts(range: PortRange, options: { workers: number }): PortRange {
  return { min: Math.min(range.min + options.workers, range.max), max: range.max }
}

/** Pipes between a host's own workers stay on loopback, in the dynamic range (RFC 6335 §6), off the announced one. */
export const loopbackListen = { protocol: 'udp', ip: '127.0.0.1', portRange: { min: 49_152, max: 65_535 } } as const
