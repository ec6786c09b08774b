import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '#shared/log/logger.ts'
import type { IceServer } from '#shared/protocol/media.ts'
import { type BackoffBounds, backoffMs } from '../control/backoff.ts'
import { coturnConfig } from './coturn-config.ts'
import { turnCredentials } from './credentials.ts'
import { type TurnSettings, turnUrls } from './settings.ts'
import { answersStun } from './stun-probe.ts'

export interface TurnServerOptions extends TurnSettings {
  /** coturn's executable. */
  readonly bin: string
  /** Keeps its configuration, which only this user can read, and its pid. */
  readonly folder: string
  readonly logger: Logger
  /** Milliseconds between two looks at whether it answers. */
  readonly probeMs?: number
}

const defaultProbeMs = 2_000
const probeWithinMs = 1_000
const startWithinMs = 5_000
/** Answers that may be missing in a row: a busy machine loses one. */
const missedProbes = 3
const restartBackoff: BackoffBounds = { firstMs: 50, lastMs: 10_000 }
/** Ran this long: the next death is a new accident, not part of a crash loop. */
const stableAfterMs = 30_000

/**
 * coturn as a child of the media host: started, watched, started again when it dies or no longer answers,
 * and ended with the host. What it relayed is lost with it; clients come back by an ICE restart.
 *
 * ```
 *  starting ──answers STUN──▶ up ──┐
 *      ▲                           │ exit, or silent
 *      └────────── pause ◀─────────┘
 * ```
 */
export class TurnServer {
  readonly #options: TurnServerOptions
  readonly #closing = new AbortController()
  /** New with each process of the host: credentials of the one before end with it. */
  readonly #secret = randomBytes(32).toString('hex')
  #child: ChildProcess | undefined
  #life: Promise<void> = Promise.resolve()
  #up = false
  #restarts = 0

  /** Resolves once it answers. @throws where it cannot be started. */
  static async start(options: TurnServerOptions): Promise<TurnServer> {
    const server = new TurnServer(options)
    const first = Promise.withResolvers<void>()
    server.#life = server.#keepAlive(first)
    try {
      await first.promise
      return server
    } catch (error) {
      await server.close()
      throw error
    }
  }

  private constructor(options: TurnServerOptions) {
    this.#options = options
  }

  get up(): boolean {
    return this.#up
  }

  get restarts(): number {
    return this.#restarts
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** For a client's `RTCConfiguration`. `name` is what its allocations are counted by. */
  iceServersFor(name: string): readonly IceServer[] {
    return [{ urls: turnUrls(this.#options), ...turnCredentials(this.#secret, { name, now: Date.now() }) }]
  }

  /** Ends it. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#child?.kill('SIGKILL')
    await this.#life
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #folder(): string {
    return join(this.#options.folder, 'turn')
  }

  async #keepAlive(first: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#closing
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const startedAt = performance.now()
      const reason = await this.#runOnce(first)
      if (signal.aborted) return
      this.#restarts += 1
      this.#options.logger.warn('turn.died', { reason, restarts: this.#restarts })
      if (performance.now() - startedAt >= stableAfterMs) attempt = 0
      await sleep(backoffMs(attempt, { bounds: restartBackoff, random: Math.random }), undefined, { signal }).catch(() => undefined)
    }
  }

  /** One life of the process. @returns why it ended. */
  async #runOnce(first: PromiseWithResolvers<void>): Promise<string> {
    const { bin, logger } = this.#options
    const child = spawn(bin, ['-c', this.#writeConfig()], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const lines = lastLinesOf(child)
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(`ended with ${signal ?? code}: ${lines().join(' | ')}`))
    })
    const watching = new AbortController()
    const silent = this.#watch(watching.signal, () => {
      logger.info('turn.up', { pid: child.pid, port: this.#options.port })
      first.resolve()
    })
    const reason = await Promise.race([ended, silent])
    watching.abort()
    this.#up = false
    child.kill('SIGKILL')
    await ended
    first.reject(new Error(`${bin} does not run: ${reason}`))
    return reason
  }

  /** Resolves when it has not begun, or has ceased, to answer. */
  async #watch(signal: AbortSignal, onUp: () => void): Promise<string> {
    const { ip = '127.0.0.1', port, probeMs = defaultProbeMs } = this.#options
    const answers = (): Promise<boolean> => answersStun({ ip, port }, { withinMs: probeWithinMs })
    const deadline = performance.now() + startWithinMs
    while (!signal.aborted && !(await answers())) if (performance.now() > deadline) return 'it does not answer'
    if (signal.aborted) return 'ended'
    this.#up = true
    onUp()
    for (let missed = 0; missed < missedProbes;) {
      await sleep(probeMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return 'ended'
      missed = (await answers()) ? 0 : missed + 1
    }
    return 'it no longer answers'
  }

  #writeConfig(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, 'turnserver.conf')
    const pidFile = join(this.#folder, 'turnserver.pid')
    writeFileSync(path, coturnConfig(this.#options, { secret: this.#secret, pidFile }), { mode: 0o600 })
    return path
  }
}

/** What it said last, for whoever asks why it ended. */
function lastLinesOf(child: ChildProcess): () => readonly string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > 5) lines.shift()
    })
  }
  return () => lines
}
