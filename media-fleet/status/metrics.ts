import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { SfuHost } from '#fleet/sfu/SfuHost.ts'

export interface MetricSources {
  readonly sfu: SfuHost
  readonly control: { readonly connected: boolean; readonly roundTripMs: number | undefined }
  /** Undefined: the host has no TURN server. */
  readonly turn: { readonly up: boolean; readonly restarts: number } | undefined
  readonly rooms: { readonly size: number; readonly connected: number; readonly draining: boolean }
}

/** The host's Prometheus metrics. Everything is read when it is scraped; nothing costs while nobody looks. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addRooms(registry, sources)
  addWorkers(registry, sources)
  addControl(registry, sources)
  addTraffic(registry, sources)
  addTurn(registry, sources)
  return registry
}

function gauge(registry: Registry, name: string, options: { help: string; read: () => number }): void {
  const { help, read } = options
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}

function addRooms(registry: Registry, { sfu, rooms }: MetricSources): void {
  gauge(registry, 'ringway_rooms', { help: 'Rooms with media on this host.', read: () => sfu.totals().rooms })
  gauge(registry, 'ringway_participants', { help: 'Participants with media on this host.', read: () => sfu.totals().participants })
  gauge(registry, 'ringway_producers', { help: 'Streams into media workers, pipes included.', read: () => sfu.totals().producers })
  gauge(registry, 'ringway_consumers', { help: 'Streams out of media workers, pipes included.', read: () => sfu.totals().consumers })
  gauge(registry, 'ringway_draining', { help: '1 while the host takes no more rooms.', read: () => Number(rooms.draining) })
  gauge(registry, 'ringway_room_links', { help: 'Rooms this host serves or dials.', read: () => rooms.size })
  gauge(registry, 'ringway_room_links_connected', { help: 'Rooms with an open socket.', read: () => rooms.connected })
}

function addWorkers(registry: Registry, { sfu }: MetricSources): void {
  gauge(registry, 'ringway_workers', { help: 'Media workers alive.', read: () => sfu.pool.workers.length })
  new Counter({
    name: 'ringway_worker_deaths_total',
    help: 'Media workers that ended without having been asked to.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(sfu.pool.deaths)
    },
  })
  new Gauge({
    name: 'ringway_worker_cpu_ratio',
    help: 'Share of a core that a media worker uses, smoothed.',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      this.reset()
      for (const worker of sfu.pool.workers) this.set({ worker: worker.index }, worker.cpu)
    },
  })
}

function addControl(registry: Registry, { control }: MetricSources): void {
  gauge(registry, 'ringway_control_connected', { help: '1 while the control socket is open.', read: () => Number(control.connected) })
  gauge(registry, 'ringway_control_round_trip_seconds', {
    help: 'Round trip of the last keep-alive to the edge; NaN while there is none.',
    read: () => (control.roundTripMs ?? Number.NaN) / 1000,
  })
}

function addTraffic(registry: Registry, { sfu }: MetricSources): void {
  const labelNames = ['direction'] as const
  new Counter({
    name: 'ringway_media_bytes_total',
    help: 'Bytes over media transports, pipes included, as of the scrapes: the last seconds of a transport that closed between two are missing.',
    labelNames,
    registers: [registry],
    async collect() {
      const { received, sent } = await sfu.traffic.measure()
      this.reset()
      this.inc({ direction: 'in' }, received)
      this.inc({ direction: 'out' }, sent)
    },
  })
  new Counter({
    name: 'ringway_published_video_packets_total',
    help: 'Video packets published on this host: `received` arrived by themselves, `lost` did not.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      const { received, lost } = sfu.videoPackets
      this.reset()
      this.inc({ outcome: 'received' }, received)
      this.inc({ outcome: 'lost' }, lost)
    },
  })
}

function addTurn(registry: Registry, { turn }: MetricSources): void {
  if (turn === undefined) return
  gauge(registry, 'ringway_turn_up', { help: '1 while the TURN server answers.', read: () => Number(turn.up) })
  new Counter({
    name: 'ringway_turn_restarts_total',
    help: 'Times the TURN server had to be started again.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(turn.restarts)
    },
  })
}
