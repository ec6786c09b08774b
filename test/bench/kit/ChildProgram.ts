import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const keptLines = 200
const graceMs = 3000

export interface ChildProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Whether it listens on an IPC channel for the end of its parent, as Ringway's own processes do. */
  readonly ipc?: boolean
  /** Each line of stdout, whole. */
  readonly onLine?: (line: string) => void
}

/** A program run beside the bench: its lines, its input, and its end, which is never left open. */
export class ChildProgram {
  readonly #child: ChildProcess
  readonly #options: ChildProgramOptions
  readonly #lines: string[] = []
  readonly #exit: Promise<number | null>
  readonly #emergency = (): void => void this.#child.kill('SIGKILL')
  #stopping = false

  static start(options: ChildProgramOptions): ChildProgram {
    return new ChildProgram(options)
  }

  private constructor(options: ChildProgramOptions) {
    this.#options = options
    this.#child = spawn(options.command, [...options.args], {
      stdio: ['pipe', 'pipe', 'pipe', ...(options.ipc === true ? ['ipc' as const] : [])],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    process.once('exit', this.#emergency)
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#keep(error.message)
        resolve(null)
      })
      this.#child.once('close', (code) => resolve(code))
    })
    void this.#exit.then(() => process.off('exit', this.#emergency))
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        this.#keep(line)
        if (stream === this.#child.stdout) options.onLine?.(line)
      })
    }
    // A program that has ended takes no input; its end is told by `exited`.
    this.#child.stdin?.on('error', () => undefined)
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error(`${this.#options.command} could not be started: ${this.output}`)
    return pid
  }

  get commandLine(): string {
    return [this.#options.command, ...this.#options.args].join(' ')
  }

  /** The last lines that it printed. */
  get output(): string {
    return this.#lines.join('\n')
  }

  /** Resolves with its exit code once it has ended. */
  get exited(): Promise<number | null> {
    return this.#exit
  }

  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Rejects, with what it printed, should it end before `wanted` settles or `withinMs` pass. */
  async whileRunning<T>(wanted: Promise<T>, options: { withinMs: number; purpose: string }): Promise<T> {
    const given = new AbortController()
    const late = sleep(options.withinMs, undefined, { signal: given.signal }).then(
      () => `did not ${options.purpose} within ${options.withinMs} ms`,
      () => '',
    )
    const ended = this.#exit.then((code) => `ended with code ${code} before it could ${options.purpose}`)
    const failure = Promise.race([late, ended]).then((reason) => {
      throw new Error(`${this.commandLine} ${reason}:\n${this.output}`)
    })
    try {
      return await Promise.race([wanted, failure])
    } finally {
      given.abort()
      failure.catch(() => undefined)
    }
  }

  /** Asks it to end, and insists after three seconds. Idempotent. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<void> {
    if (!this.#stopping) this.#child.kill(signal)
    this.#stopping = true
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    await this.#exit
    clearTimeout(insist)
  }

  #keep(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
  }
}
