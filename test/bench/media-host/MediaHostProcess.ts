import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ensureMediasoupWorker } from '#infra/mediasoup-worker/ensure.ts'
import type { Log } from '#infra/system/progress.ts'
import { ChildProgram } from '../kit/ChildProgram.ts'
import { descendantsOf } from '../kit/cpu.ts'

const root = resolve(import.meta.dirname, '..', '..', '..')

export interface MediaHostOptions {
  readonly edgeUrl: string
  /** Default: one per core. */
  readonly workers?: number
  /** `min-max`. */
  readonly mediaPorts: string
  readonly log: Log
}

/** The real media host, as a deployment runs it, with a folder of its own. */
export class MediaHostProcess {
  readonly #program: ChildProgram
  readonly #folder: string

  private constructor(program: ChildProgram, folder: string) {
    this.#program = program
    this.#folder = folder
  }

  static async start(options: MediaHostOptions): Promise<MediaHostProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'ringway-bench-host-'))
    const program = ChildProgram.start({
      command: process.execPath,
      args: [join(root, 'media-fleet', 'main.ts')],
      cwd: root,
      ipc: true,
      env: {
        RINGWAY_EDGE_URL: options.edgeUrl,
        RINGWAY_ENROLMENT_SECRET: 'the enrolment secret of a bench',
        RINGWAY_HOST_STATE: folder,
        RINGWAY_MEDIA_PORTS: options.mediaPorts,
        RINGWAY_MEDIA_WORKERS: options.workers === undefined ? '' : String(options.workers),
        RINGWAY_DRAIN_TIMEOUT: '0',
        RINGWAY_LOG_LEVEL: 'warn',
        NODE_OPTIONS: '',
        MEDIASOUP_WORKER_BIN: await ensureMediasoupWorker({ log: options.log }),
      },
    })
    return new MediaHostProcess(program, folder)
  }

  get pid(): number {
    return this.#program.pid
  }

  get output(): string {
    return this.#program.output
  }

  get commandLine(): string {
    return 'node media-fleet/main.ts'
  }

  /** Waits for something that this host is to do; rejects with what it printed should it end or take too long. */
  whileRunning<T>(wanted: Promise<T>, purpose: string): Promise<T> {
    return this.#program.whileRunning(wanted, { withinMs: 30_000, purpose })
  }

  /** Its media worker processes. */
  get workerPids(): readonly number[] {
    return descendantsOf(this.pid).flatMap(({ pid, name }) => (name.startsWith('mediasoup-work') ? [pid] : []))
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGINT')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
