import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ensureMediasoupWorker } from '../mediasoup-worker/ensure.ts'
import { ensureAptPackages } from '../system/apt.ts'
import { processIdentitySchema } from '../system/process-identity.ts'
import { type Log, type ReportDetail, withProgress } from '../system/progress.ts'
import { writeFileAtomically } from '../system/write-file.ts'
import type { Account } from './accounts.ts'
import { childSpecs } from './child-specs.ts'
import { type StartConfig, StartConfigError, urlHost } from './config.ts'
import { raiseDescriptorLimit } from './descriptor-limit.ts'
import { claimFreePorts, claimPort } from './ports.ts'
import type { Secrets } from './Secrets.ts'
import { endStaleChildren } from './stale-children.ts'
import type { StateFolder } from './StateFolder.ts'
import type { Status } from './status.ts'
import { SupervisedChild } from './SupervisedChild.ts'
import { turnEnvironments } from './turn.ts'
import { buildWeb } from './web-build.ts'
import { buildWorker } from './worker-build.ts'

const healthPollMs = 50
/** workerd that refuses connections for this long is not coming back by itself. */
const refusedForMs = 10_000
const watchEveryMs = 2_000
/** A refusal is at once; an answer that takes longer only means that the machine is busy. */
const probeTimeoutMs = 5_000

export interface SupervisorOptions {
  readonly root: string
  readonly config: StartConfig
  readonly state: StateFolder
  readonly secrets: Secrets
  /** Needed by the Worker until the admin exists. */
  readonly adminPassword: string | undefined
  readonly demoAccounts: readonly Account[]
  readonly log: Log
}

/** Ringway on one machine: the edge, its media hosts and, where others than this machine connect, a front, each restarted by itself. */
export class Supervisor {
  /** What people open, and the issuer of tokens. */
  readonly url: string
  /** The edge itself, on this machine. */
  readonly edgeUrl: string
  readonly #hostHttpPorts: readonly number[]
  readonly #options: SupervisorOptions
  readonly #edge: SupervisedChild
  readonly #front: SupervisedChild | undefined
  readonly #hosts: readonly SupervisedChild[]
  readonly #stopping = new AbortController()
  #state: Status['state'] = 'starting'
  #watch: Promise<void> | undefined

  private constructor(
    options: SupervisorOptions,
    addresses: { url: string; edgeUrl: string; hostHttpPorts: readonly number[]; specs: ReturnType<typeof childSpecs> },
  ) {
    this.#options = options
    this.url = addresses.url
    this.edgeUrl = addresses.edgeUrl
    this.#hostHttpPorts = addresses.hostHttpPorts
    const childOptions = {
      log: options.log,
      logFolder: options.state.logs,
      runFolder: options.state.run,
      onChange: () => this.#writeStatus(),
    }
    const { edge, front, hosts } = addresses.specs
    this.#edge = new SupervisedChild(edge, childOptions)
    this.#front = front === undefined ? undefined : new SupervisedChild(front, childOptions)
    this.#hosts = hosts.map((spec) => new SupervisedChild(spec, childOptions))
  }

  /** Prepares what the children need (mediasoup worker, bundle, web applications, ports); starts nothing yet. */
  static async prepare(options: SupervisorOptions): Promise<Supervisor> {
    const { root, config, state, log } = options
    await raiseDescriptorLimit(log)
    await endStaleChildren(state.run, { log })
    state.emptyTemporary()
    // Early, so that a port in use is told before anything is built.
    const port = await claimPort(config.bind, config.port)
    const direct = config.loopbackOnly && config.tls === undefined
    const edgeAddress = direct ? { host: config.bind, port } : { host: '127.0.0.1', port: await claimPort('127.0.0.1', 0) }
    const edgeUrl = `http://${urlHost(edgeAddress.host)}:${edgeAddress.port}`
    const url = direct ? edgeUrl : publicUrl(config, port)
    if (config.turn !== undefined) await ensureAptPackages(['coturn'], { purpose: 'by RINGWAY_TURN_PORT', log })
    // Miniflare and wrangler refuse a folder of assets that does not exist.
    mkdirSync(join(root, 'dist', 'web'), { recursive: true })
    // One after the other: each uses all cores, and wrangler reads the folder of assets that the web build replaces.
    const workerBinary = await ensureMediasoupWorker({ log })
    if (config.buildWeb) await buildWeb({ root, log })
    const workerFolder = await buildWorker({ root, log })
    const hostHttpPorts = await claimFreePorts('127.0.0.1', config.mediaHosts)
    const specs = childSpecs({
      ...options,
      url,
      edgeUrl,
      edgeAddress,
      frontAddress: direct ? undefined : { host: config.bind, port },
      hostHttpPorts,
      turnEnvironments: turnEnvironments(config, { folder: state.run }),
      workerBinary,
      workerFolder,
    })
    return new Supervisor(options, { url, edgeUrl, hostHttpPorts, specs })
  }

  /** Starts the edge; resolves when it answers `GET /healthz` with 200. */
  async startEdge(): Promise<void> {
    this.#writeStatus()
    this.#edge.start()
    await withProgress('Starting the edge', this.#options.log, async (detail) => {
      await this.#edge.untilReady()
      await this.#untilHealthy(detail)
    })
  }

  /** Starts media hosts and front; resolves when every host is connected to the edge. */
  async startOthers(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    for (const child of [this.#front, ...this.#hosts]) child?.start()
    await withProgress('Starting the media hosts', this.#options.log, () =>
      Promise.all([this.#front?.untilReady(), ...this.#hosts.map((host) => host.untilReady())]),
    )
    if (this.#stopping.signal.aborted) return
    this.#state = 'ready'
    this.#writeStatus()
    this.#watch = this.#watchEdge()
  }

  /** Ends hosts, then front and edge; resolves when all are gone. Idempotent. */
  async stop(): Promise<void> {
    this.#state = 'stopping'
    this.#stopping.abort()
    this.#writeStatus()
    await Promise.all(this.#hosts.map((host) => host.stop()))
    await Promise.all([this.#front?.stop(), this.#edge.stop(), this.#watch])
    this.#state = 'stopped'
    this.#writeStatus()
  }

  async #untilHealthy(detail: ReportDetail): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const health = await probe(this.edgeUrl)
      if (health.status === 200) return
      if (health.reason === 'adminPasswordMissing') {
        throw new StartConfigError('RINGWAY_ADMIN_PASSWORD is missing: the database has no administrator, and needs one')
      }
      detail(`GET /healthz says ${health.reason ?? health.status}`)
      await sleep(healthPollMs)
    }
  }

  /** Restarts an edge process whose workerd is gone for good; a slow one is left alone. */
  async #watchEdge(): Promise<void> {
    const { signal } = this.#stopping
    let refusedSince: number | undefined
    while (!signal.aborted) {
      await sleep(watchEveryMs, undefined, { signal }).catch(() => {})
      const refused = this.#edge.ready && (await probe(this.edgeUrl)).status === 'refused'
      refusedSince = refused ? (refusedSince ?? performance.now()) : undefined
      if (refusedSince !== undefined && performance.now() - refusedSince > refusedForMs && !signal.aborted) {
        this.#options.log('The edge accepts no connections; starting it again')
        this.#edge.kill()
        refusedSince = undefined
      }
    }
  }

  #writeStatus(): void {
    const { run } = this.#options.state
    const status: Status = {
      state: this.#state,
      url: this.url,
      supervisor: process.pid,
      edge: { pid: this.#edge.pid ?? null, ready: this.#edge.ready, workerd: this.#edge.pid === undefined ? null : workerdPid(run) },
      ...(this.#front === undefined ? {} : { front: { pid: this.#front.pid ?? null, ready: this.#front.ready } }),
      hosts: this.#hosts.map((host, index) => ({ pid: host.pid ?? null, ready: host.ready, httpPort: this.#hostHttpPorts[index] ?? 0 })),
    }
    writeFileAtomically(join(run, 'status.json'), `${JSON.stringify(status, undefined, 2)}\n`)
  }
}

/** A certificate's own name, else the address that clients are told, else the one that is listened on. */
function publicUrl(config: StartConfig, port: number): string {
  const scheme = config.tls === undefined ? 'http' : 'https'
  const host = config.tls?.name ?? config.announcedAddress ?? config.bind
  const suffix = port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`
  return `${scheme}://${urlHost(host)}${suffix}`
}

const healthSchema = z.object({ context: z.object({ reason: z.string() }) })

/** One `GET /healthz`; `reason` is the edge's own word on why it cannot serve. */
async function probe(url: string): Promise<{ status: number | 'refused' | 'no answer'; reason?: string }> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    const body: unknown = await response.json().catch(() => undefined)
    const reason = healthSchema.safeParse(body).data?.context.reason
    return { status: response.status, ...(reason === undefined ? {} : { reason }) }
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const refused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
    return { status: refused ? 'refused' : 'no answer' }
  }
}

function workerdPid(runFolder: string): number | null {
  try {
    return processIdentitySchema.parse(JSON.parse(readFileSync(join(runFolder, 'workerd.pid.json'), 'utf8'))).pid
  } catch {
    return null
  }
}
