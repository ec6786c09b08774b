import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, tryLock } from '../system/file-lock.ts'

/** Another supervisor uses the state folder. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError'
}

/**
 * The one folder that holds everything Ringway keeps:
 *
 * ```
 * secrets.json   keys and generated passwords (0600)
 * v3/            D1, R2 and Durable Objects, as wrangler --persist-to lays them out
 * hosts/<n>/     identity of each media host
 * logs/          of each child, rotated
 * run/           lock, process ids and status of the running supervisor
 * tmp/           emptied at each start
 * ```
 */
export class StateFolder {
  readonly path: string
  readonly #lock: FileLock

  private constructor(path: string, lock: FileLock) {
    this.path = path
    this.#lock = lock
  }

  /** Makes the folder if needed and takes it for this process. */
  static open(path: string): StateFolder {
    for (const folder of ['', 'run', 'logs', 'hosts']) mkdirSync(join(path, folder), { recursive: true, mode: 0o700 })
    const lock = tryLock(join(path, 'run', 'supervisor.lock'))
    if (!('release' in lock)) {
      throw new StateInUseError(
        `Ringway already runs on ${path}, as process ${lock.pid}. Stop it, or set RINGWAY_STATE_DIR to another folder.`,
      )
    }
    return new StateFolder(path, lock)
  }

  get secretsFile(): string {
    return join(this.path, 'secrets.json')
  }

  /** What miniflare persists. */
  get resources(): string {
    return join(this.path, 'v3')
  }

  get logs(): string {
    return join(this.path, 'logs')
  }

  get run(): string {
    return join(this.path, 'run')
  }

  get temporary(): string {
    return join(this.path, 'tmp')
  }

  /** @param index From 1. */
  host(index: number): string {
    const folder = join(this.path, 'hosts', String(index))
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  emptyTemporary(): void {
    rmSync(this.temporary, { recursive: true, force: true })
    mkdirSync(this.temporary, { mode: 0o700 })
  }

  /** Idempotent. */
  close(): void {
    this.#lock.release()
  }
}
