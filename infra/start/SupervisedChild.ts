import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Log } from '../system/progress.ts'
import { identityOf } from '../system/process-identity.ts'
import { writeFileAtomically } from '../system/write-file.ts'
import { RotatingFile } from './RotatingFile.ts'
import { summarizeLogLine } from './log-lines.ts'

const logLimits = { maxBytes: 10 * 1024 * 1024, keep: 3 }
/** The first restart is immediate: what died by accident is needed at once. */
const restartDelaysMs = [0, 500, 1_000, 2_000, 4_000, 8_000, 10_000] as const
/** Ran this long: the next death is a new accident, not part of a crash loop. */
const stableAfterMs = 30_000
/** Deaths before the child was ever ready after which starting is given up. */
const maxDeathsBeforeReady = 3
const keptLines = 30

const readyMessageSchema = z.object({ type: z.literal('ready') })

export interface ChildSpec {
  /** Also the name of its log and pid files. */
  readonly name: string
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Sent over IPC at each start; for what should not be seen in a process listing. */
  readonly message?: object
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** After this long SIGTERM is said once more, for children that take the second one as an order to hurry. */
  readonly hurryMs?: number
}

export interface ChildOptions {
  readonly log: Log
  readonly logFolder: string
  readonly runFolder: string
  /** Called when it starts, gets ready or dies. */
  readonly onChange: () => void
}

/**
 * A child process that is started again whenever it dies, until `stop()`.
 *
 * ```
 *  start ──▶ running ──ready──▶ ready ──┐
 *              ▲  └──── death ◀─────────┤ stop
 *              └─ delay ◀──┘            ▼
 *                                    stopped
 * ```
 *
 * It runs in a process group of its own: Ctrl-C in the terminal reaches only the supervisor, which stops its children
 * in order. Its IPC channel closes when the supervisor dies, however that happens, and it must then exit.
 */
export class SupervisedChild {
  readonly #spec: ChildSpec
  readonly #options: ChildOptions
  readonly #logFile: RotatingFile
  readonly #stopping = new AbortController()
  readonly #firstReady = Promise.withResolvers<void>()
  #process: ChildProcess | undefined
  #lastLines: string[] = []
  #deaths = 0
  #everReady = false
  #ready = false
  #life: Promise<void> | undefined

  constructor(spec: ChildSpec, options: ChildOptions) {
    this.#spec = spec
    this.#options = options
    this.#logFile = new RotatingFile(join(options.logFolder, `${spec.name}.log`), logLimits)
    // Whoever waits for readiness sees the failure; nobody waiting is no fault.
    this.#firstReady.promise.catch(() => {})
  }

  get name(): string {
    return this.#spec.name
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get ready(): boolean {
    return this.#ready
  }

  start(): void {
    this.#life ??= this.#keepAlive()
  }

  /** Resolves when it has said that it is ready; rejects when it keeps dying before that. */
  untilReady(): Promise<void> {
    return this.#firstReady.promise
  }

  /** Ends it now, as a crash would; it is started again. */
  kill(): void {
    this.#signalGroup('SIGKILL')
  }

  /** Asks it to end, insists after the grace time, and resolves when it is gone. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#process?.kill('SIGTERM')
    const insist = setTimeout(() => this.#signalGroup('SIGKILL'), this.#spec.graceMs)
    const { hurryMs } = this.#spec
    const hurry = hurryMs === undefined ? undefined : setTimeout(() => this.#process?.kill('SIGTERM'), hurryMs)
    await this.#life
    clearTimeout(hurry)
    clearTimeout(insist)
    this.#logFile.close()
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const startedAt = performance.now()
      const end = await this.#runOnce()
      if (signal.aborted) return
      if (performance.now() - startedAt > stableAfterMs) this.#deaths = 0
      this.#deaths += 1
      if (!this.#everReady && this.#deaths >= maxDeathsBeforeReady) {
        this.#firstReady.reject(new Error(`${this.name} does not start (${end}):\n${this.#lastLines.join('\n')}`))
        return
      }
      const delay = restartDelaysMs[Math.min(this.#deaths, restartDelaysMs.length) - 1] ?? 0
      this.#options.log(`${this.name} ended (${end}); starting it again${delay === 0 ? '' : ` in ${delay / 1_000} s`}`)
      await sleep(delay, undefined, { signal }).catch(() => {})
    }
  }

  /** @returns how it ended. */
  #runOnce(): Promise<string> {
    return new Promise((resolve) => {
      const child = fork(this.#spec.file, [], {
        env: { ...process.env, ...this.#spec.env },
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        detached: true,
      })
      this.#process = child
      this.#lastLines = []
      if (child.pid !== undefined) this.#recordPid(child.pid)
      for (const [stream, isError] of [
        [child.stdout, false],
        [child.stderr, true],
      ] as const) {
        if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => this.#onLine(line, isError))
      }
      child.on('message', (message) => {
        if (!readyMessageSchema.safeParse(message).success) return
        this.#ready = true
        this.#everReady = true
        this.#firstReady.resolve()
        this.#options.onChange()
      })
      const ended = (end: string): void => {
        this.#process = undefined
        this.#ready = false
        rmSync(this.#pidFile, { force: true })
        this.#options.onChange()
        resolve(end)
      }
      child.once('error', (error) => {
        if (child.pid === undefined) ended(error.message)
      })
      child.once('exit', (code, signal) => ended(signal ?? `code ${code}`))
      // A send to a child that is already gone fails; its exit tells the same.
      if (this.#spec.message !== undefined) child.send(this.#spec.message, () => {})
      this.#options.onChange()
    })
  }

  #onLine(line: string, isError: boolean): void {
    this.#logFile.writeLine(line)
    this.#lastLines.push(line)
    if (this.#lastLines.length > keptLines) this.#lastLines.shift()
    const summary = summarizeLogLine(line, { isError })
    if (summary !== undefined) this.#options.log(`${this.name}: ${summary}`)
  }

  get #pidFile(): string {
    return join(this.#options.runFolder, `${this.name}.pid.json`)
  }

  #recordPid(pid: number): void {
    const identity = identityOf(pid)
    if (identity !== undefined) writeFileAtomically(this.#pidFile, JSON.stringify(identity))
  }

  /** Its own children too: they are in the same process group. */
  #signalGroup(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // Already gone.
    }
  }
}
