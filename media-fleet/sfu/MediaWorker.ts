import type { types } from 'mediasoup'
import { startWorkerProcess, stopWorkerProcess } from './mediasoup-process.ts'
import { type ListenAddress, type PortRange, serverPorts, sharedPorts } from './ports.ts'

export interface MediaWorkerOptions {
  /** Number of this worker among the host's: it decides its port. */
  readonly index: number
  readonly workers: number
  readonly bin: string | undefined
  readonly listen: ListenAddress
  readonly ports: PortRange
}

/** Weight of the newest sample in the smoothed load. */
const sampleWeight = 0.5

/** One media worker process: its WebRtcServer, its routers, and what it carries. */
export class MediaWorker {
  readonly index: number
  readonly webRtcServer: types.WebRtcServer
  /** Where transports with a port of their own listen. */
  readonly listenInfo: types.TransportListenInfo
  readonly #worker: types.Worker
  readonly #transports = new Set<types.Transport>()
  #routers = 0
  #producers = 0
  #consumers = 0
  #cpu = 0
  #lastSample: { cpuMs: number; at: number } | undefined

  static async create(options: MediaWorkerOptions): Promise<MediaWorker> {
    const worker = await startWorkerProcess({ bin: options.bin })
    try {
      const webRtcServer = await createServer(worker, options)
      return new MediaWorker(worker, webRtcServer, options)
    } catch (error) {
      await stopWorkerProcess(worker)
      throw error
    }
  }

  private constructor(worker: types.Worker, webRtcServer: types.WebRtcServer, options: MediaWorkerOptions) {
    this.#worker = worker
    this.webRtcServer = webRtcServer
    this.index = options.index
    this.listenInfo = { protocol: 'udp', ...options.listen, portRange: sharedPorts(options.ports, options) }
  }

  get pid(): number {
    return this.#worker.pid
  }

  get producers(): number {
    return this.#producers
  }

  get consumers(): number {
    return this.#consumers
  }

  /** Streams in and out, pipes included. */
  get streams(): number {
    return this.#producers + this.#consumers
  }

  /** What a new room is placed by: streams, and routers that have none yet. */
  get load(): number {
    return this.streams + this.#routers
  }

  get transports(): ReadonlySet<types.Transport> {
    return this.#transports
  }

  /** Share of a core, 0..1, smoothed. */
  get cpu(): number {
    return this.#cpu
  }

  /** Calls back once if the process ends without having been asked to. */
  onDied(listener: (error: Error) => void): void {
    this.#worker.once('died', listener)
  }

  async createRouter(codecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    const router = await this.#worker.createRouter({ mediaCodecs: codecs })
    this.#routers += 1
    router.observer.once('close', () => (this.#routers -= 1))
    router.observer.on('newtransport', (transport) => this.#watch(transport))
    return router
  }

  /** Measures the processor time used since the last call. `now` in milliseconds. */
  async sampleCpu(now: number): Promise<void> {
    const { ru_utime, ru_stime } = await this.#worker.getResourceUsage()
    const sample = { cpuMs: ru_utime + ru_stime, at: now }
    const last = this.#lastSample
    this.#lastSample = sample
    if (last === undefined || sample.at <= last.at) return
    const share = Math.min(1, (sample.cpuMs - last.cpuMs) / (sample.at - last.at))
    this.#cpu += (share - this.#cpu) * sampleWeight
  }

  /** What the worker process itself says it holds, for tests and diagnosis. */
  async dump(): Promise<types.WorkerDump> {
    return this.#worker.dump()
  }

  async close(): Promise<void> {
    await stopWorkerProcess(this.#worker)
  }

  #watch(transport: types.Transport): void {
    this.#transports.add(transport)
    transport.observer.once('close', () => this.#transports.delete(transport))
    transport.observer.on('newproducer', (producer) => {
      this.#producers += 1
      producer.observer.once('close', () => (this.#producers -= 1))
    })
    transport.observer.on('newconsumer', (consumer) => {
      this.#consumers += 1
      consumer.observer.once('close', () => (this.#consumers -= 1))
    })
  }
}

/** UDP and TCP on the worker's port, or on the next one that is free on both. */
async function createServer(worker: types.Worker, options: MediaWorkerOptions): Promise<types.WebRtcServer> {
  const failures: unknown[] = []
  for (const port of serverPorts(options.ports, options)) {
    try {
      return await worker.createWebRtcServer({
        listenInfos: (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ...options.listen, port })),
      })
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AggregateError(failures, 'No port of the media range can be listened on')
}
