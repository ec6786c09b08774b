import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type Status, statusSchema } from '#infra/start/status.ts'
import { type MediaPorts, reserveMediaPorts } from './media-ports.ts'

const root = resolve(import.meta.dirname, '..', '..')
const startWithinMs = 180_000
const stopWithinMs = 20_000
const pollMs = 25

const adminPassword = 'stack-admin-password'
/** The demo accounts of a deployment that only this machine can reach. */
const demoPassword = 'ringway-demo'
const demoUsers = ['alice', 'bob', 'carol', 'dave'] as const

export interface StackOptions {
  /** Default 1. */
  readonly mediaHosts?: number
  /** Bring `dist/web` up to its sources first; without it, what is there is served. */
  readonly web?: boolean
  /** Over the stack's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A state folder to start on, kept at `stop()`. Default: a temporary one. */
  readonly stateDir?: string
}

/** A whole Ringway, started as a user would, on ports and a folder of its own. Always `stop()` it. */
export class Stack {
  readonly url: string
  readonly stateDir: string
  readonly admin = { account: 'admin@default', password: adminPassword } as const
  readonly accounts = demoUsers.map((username) => ({ username, password: demoPassword }))
  readonly #process: ChildProcess
  readonly #ports: MediaPorts
  readonly #lines: string[]
  readonly #keepState: boolean
  readonly #exit: Promise<number | null>

  private constructor(parts: {
    url: string
    stateDir: string
    process: ChildProcess
    ports: MediaPorts
    lines: string[]
    keepState: boolean
    exit: Promise<number | null>
  }) {
    this.url = parts.url
    this.stateDir = parts.stateDir
    this.#process = parts.process
    this.#ports = parts.ports
    this.#lines = parts.lines
    this.#keepState = parts.keepState
    this.#exit = parts.exit
  }

  /** Resolves when it says that it is ready; otherwise rejects with everything it printed. */
  static async start(options: StackOptions = {}): Promise<Stack> {
    const ports = await reserveMediaPorts()
    const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'ringway-stack-'))
    const keepState = options.stateDir !== undefined
    const child = spawn(process.execPath, [join(root, 'infra', 'start', 'main.ts')], {
      cwd: root,
      // The channel is never written to: the supervisor stops by itself when this process dies and it closes.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        PORT: '0',
        RINGWAY_STATE_DIR: stateDir,
        RINGWAY_ADMIN_PASSWORD: adminPassword,
        RINGWAY_MEDIA_HOSTS: String(options.mediaHosts ?? 1),
        RINGWAY_MEDIA_WORKERS: '1',
        RINGWAY_MEDIA_PORTS: ports.range,
        RINGWAY_BUILD_WEB: options.web === true ? '1' : '0',
        NODE_OPTIONS: '',
        ...options.env,
      },
    })
    const lines: string[] = []
    const exit = new Promise<number | null>((resolveExit) => child.once('close', (code) => resolveExit(code)))
    const started = Promise.withResolvers<string>()
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const url = /^Ringway is ready at (\S+)$/.exec(line)?.[1]
        if (url !== undefined) started.resolve(url)
      })
    }
    void exit.then((code) => started.reject(new Error(`Ringway ended with code ${code}:\n${lines.join('\n')}`)))
    const deadline = setTimeout(() => started.reject(new Error(`Ringway did not get ready:\n${lines.join('\n')}`)), startWithinMs)
    try {
      const url = await started.promise
      return new Stack({ url, stateDir, process: child, ports, lines, keepState, exit })
    } catch (error) {
      child.kill('SIGKILL')
      await exit
      await ports.release()
      if (!keepState) rmSync(stateDir, { recursive: true, force: true })
      throw error
    } finally {
      clearTimeout(deadline)
    }
  }

  get adminPassword(): string {
    return this.admin.password
  }

  /** What the supervisor has printed so far. */
  get output(): readonly string[] {
    return this.#lines
  }

  get status(): Status {
    return statusSchema.parse(JSON.parse(readFileSync(join(this.stateDir, 'run', 'status.json'), 'utf8')))
  }

  /** Process ids at this moment; null where one is just being restarted. */
  get pids(): { supervisor: number; edge: number | null; workerd: number | null; hosts: readonly (number | null)[] } {
    const { supervisor, edge, hosts } = this.status
    return { supervisor, edge: edge.pid, workerd: edge.workerd, hosts: hosts.map(({ pid }) => pid) }
  }

  /** SIGKILL to a media host. @param index From 0. */
  killHost(index: number): number {
    return kill(this.pids.hosts[index])
  }

  /** SIGTERM to a media host: it hands its calls over and ends; the supervisor starts it again. @param index From 0. */
  drainHost(index: number): number {
    return kill(this.pids.hosts[index], 'SIGTERM')
  }

  /** SIGKILL to the edge's process and to workerd, as a machine that loses them. */
  killEdge(): number {
    const { edge, workerd } = this.pids
    if (workerd !== null) kill(workerd)
    return kill(edge)
  }

  /** SIGKILL to the supervisor alone; `stop()` is still needed afterwards. */
  async killSupervisor(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exit
  }

  /** Resolves when the edge answers and all media hosts are connected to it, such as after a kill. */
  async untilReady(): Promise<void> {
    const { hosts } = await this.until((status) => status.edge.ready && status.hosts.every(({ ready }) => ready))
    while ((await fetch(`${this.url}/healthz`).catch(() => undefined))?.status !== 200) await sleep(pollMs)
    for (const { httpPort } of hosts) while (!(await isConnected(httpPort))) await sleep(pollMs)
  }

  /** Polls the status until it is as wanted; rejects when the supervisor ends instead. */
  async until(wanted: (status: Status) => boolean): Promise<Status> {
    let ended = false
    void this.#exit.then(() => {
      ended = true
    })
    for (;;) {
      const { status } = this
      if (wanted(status)) return status
      if (ended) throw new Error(`Ringway has ended:\n${this.#lines.join('\n')}`)
      await sleep(pollMs)
    }
  }

  /** SIGTERM, and all that belongs to it is gone. @returns the supervisor's exit code. Idempotent. */
  async stop(): Promise<number | null> {
    this.#process.kill('SIGTERM')
    const insist = setTimeout(() => this.#process.kill('SIGKILL'), stopWithinMs)
    const code = await this.#exit
    clearTimeout(insist)
    await this.#ports.release()
    if (!this.#keepState) rmSync(this.stateDir, { recursive: true, force: true, maxRetries: 10 })
    return code
  }
}

export const startStack = (options: StackOptions = {}): Promise<Stack> => Stack.start(options)

const hostHealthSchema = z.object({ edge: z.string() })

/** Whether a media host says that its control socket to the edge is up. */
async function isConnected(httpPort: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/healthz`).catch(() => undefined)
  const health: unknown = await response?.json().catch(() => undefined)
  return hostHealthSchema.safeParse(health).data?.edge === 'connected'
}

function kill(pid: number | null | undefined, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): number {
  if (pid === null || pid === undefined) throw new Error('there is no such process at the moment')
  process.kill(pid, signal)
  return pid
}
