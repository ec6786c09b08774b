import type { HostLoad } from '#shared/protocol/fleet/host-link.ts'
import type { HostReport } from '../../fleet/host-report.ts'

/** An idle host's report, with what the test cares about in place of the rest. */
export function hostReport(changes: Partial<Omit<HostReport, 'load'>> & { hostId: string; load?: Partial<HostLoad> }): HostReport {
  return {
    bootId: changes.hostId,
    name: changes.hostId,
    region: 'here',
    version: '1.0.0',
    workers: 2,
    capacity: 1000,
    videoCodecs: ['VP8', 'H264'],
    ...changes,
    load: { cpu: 0, rooms: 0, participants: 0, producers: 0, consumers: 0, draining: false, ...changes.load },
  }
}
