import { newId } from '#shared/ids/ids.ts'
import type { Logger } from '#shared/log/logger.ts'
import type { HostLoad } from '#shared/protocol/fleet/host-link.ts'
import type { Config } from './config.ts'
import { ControlLink, type ControlLinkOptions } from './control/ControlLink.ts'
import { HostIdentityStore } from './control/HostIdentity.ts'
import { RoomLinks, type RoomLinksOptions } from './control/RoomLinks.ts'
import { SfuHost, type SfuHostOptions } from './sfu/SfuHost.ts'
import { TurnServer } from './turn/TurnServer.ts'
import { createMetrics } from './status/metrics.ts'
import { type Health, StatusServer } from './status/StatusServer.ts'

export interface HostProcessOptions {
  readonly config: Config
  readonly version: string
  readonly logger: Logger
  /** Times other than the wire's own, for tests. */
  readonly times?: Pick<ControlLinkOptions, 'backoff' | 'keepAliveMs' | 'loadIntervalMs'> &
    Pick<RoomLinksOptions, 'orphanedMediaMs'> &
    Pick<SfuHostOptions, 'spillLoad' | 'inspectMs'>
}

/** @throws where coturn is wanted and cannot be started: half a host is not what was asked for. */
async function startTurn({ config, logger }: HostProcessOptions): Promise<TurnServer | undefined> {
  const { turn, stateFolder } = config
  if (turn === undefined) return undefined
  return TurnServer.start({ ...turn, folder: stateFolder, logger: logger.child({ component: 'turn' }) })
}

/** The parts of one media host, put together. */
export class HostProcess {
  /** New with each process: to the edge, another one means that all media is lost. */
  readonly bootId = newId()
  readonly #options: HostProcessOptions
  readonly #sfu: SfuHost
  readonly #turn: TurnServer | undefined
  readonly #rooms: RoomLinks
  readonly #control: ControlLink
  readonly #finished = Promise.withResolvers<void>()
  #status: StatusServer | undefined
  #closing: Promise<void> | undefined

  /** Starts the workers and the status server, and begins to dial the edge. */
  static async start(options: HostProcessOptions): Promise<HostProcess> {
    const { config, logger, times } = options
    const turn = await startTurn(options)
    const iceServers = turn === undefined ? {} : { iceServers: (participantId: string) => turn.iceServersFor(participantId) }
    const sfu = await SfuHost.create({ ...config, logger, ...times, ...iceServers }).catch(async (error: unknown) => {
      await turn?.close()
      throw error
    })
    const host = new HostProcess({ sfu, turn }, options)
    try {
      await host.#listen()
      return host
    } catch (error) {
      await host.close()
      throw error
    }
  }

  private constructor({ sfu, turn }: { sfu: SfuHost; turn: TurnServer | undefined }, options: HostProcessOptions) {
    const { config, logger, times } = options
    this.#options = options
    this.#sfu = sfu
    this.#turn = turn
    this.#rooms = new RoomLinks({
      edgeUrl: config.edgeUrl,
      bootId: this.bootId,
      hostKey: () => this.#control.identity?.hostKey,
      sfu,
      logger,
      ...times,
    })
    this.#control = ControlLink.start({
      edgeUrl: config.edgeUrl,
      enrolmentSecret: config.enrolmentSecret,
      region: config.region,
      identities: new HostIdentityStore({ folder: config.stateFolder }),
      describe: () => ({
        bootId: this.bootId,
        region: config.region,
        version: options.version,
        workers: config.workers,
        capacity: config.capacity,
        videoCodecs: ['VP8', 'H264'],
      }),
      measure: () => this.#load(),
      handlers: {
        serveRoom: async (request) => {
          this.#rooms.serve(request)
          return {}
        },
        drain: async () => {
          void this.drain()
          return {}
        },
      },
      logger,
      ...times,
    })
  }

  /** The host's id, once its control socket is up. Rejects with `enrolmentRefused`. */
  get ready(): Promise<{ hostId: string }> {
    return this.#control.ready
  }

  /** Resolves when the host has drained, or was closed. */
  get finished(): Promise<void> {
    return this.#finished.promise
  }

  /** Of /healthz and /metrics. */
  get httpPort(): number {
    return this.#status?.port ?? 0
  }

  /**
   * Takes no more rooms, asks those it has to move, and finishes when the last one has left or
   * `timeoutMs` has passed. Again, with a sooner time, it ends sooner.
   */
  async drain(options: { timeoutMs?: number } = {}): Promise<void> {
    this.#options.logger.info('host.draining', { rooms: this.#rooms.size, ...options })
    this.#rooms.drain()
    this.#control.tellLoad()
    const timeout = Promise.withResolvers<void>()
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(timeout.resolve, options.timeoutMs)
    await Promise.race([this.#rooms.empty(), timeout.promise, this.finished])
    clearTimeout(timer)
    await this.close()
  }

  /** Ends everything now. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#rooms.close()
    this.#control.close()
    await Promise.all([this.#sfu.close(), this.#turn?.close(), this.#status?.close()])
    this.#finished.resolve()
  }

  async #listen(): Promise<void> {
    const metrics = createMetrics({ sfu: this.#sfu, control: this.#control, rooms: this.#rooms, turn: this.#turn })
    this.#status = await StatusServer.listen({ port: this.#options.config.httpPort, health: () => this.#health(), metrics })
  }

  #load(): HostLoad {
    return { ...this.#sfu.totals(), draining: this.#rooms.draining }
  }

  /** A host that only lost its edge is healthy: its calls go on, and ending it would end them. */
  #health(): Health {
    const alive = this.#sfu.pool.workers.length
    return {
      healthy: alive > 0,
      details: {
        hostId: this.#control.identity?.hostId ?? null,
        workers: { alive, wanted: this.#sfu.pool.size },
        edge: this.#control.connected ? 'connected' : 'disconnected',
        draining: this.#rooms.draining,
        rooms: this.#rooms.size,
        ...(this.#turn === undefined ? {} : { turn: this.#turn.up ? 'up' : 'down' }),
      },
    }
  }
}
