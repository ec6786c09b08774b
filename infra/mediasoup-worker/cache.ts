import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { contentHash } from '../system/content-hash.ts'
import { writeFileAtomically } from '../system/write-file.ts'
import { recipeFolder } from './package.ts'

/** How a cached worker came to be. */
export const originSchema = z.object({
  origin: z.enum(['prebuilt', 'compiled']),
  /** Compiled only: libsrtp 2 from source on OpenSSL, or the distribution's on NSS (half as fast). */
  srtp: z.enum(['source', 'system']).optional(),
})

export type WorkerOrigin = z.infer<typeof originSchema>

export interface CachedWorker {
  readonly binary: string
  readonly origin: WorkerOrigin
}

/**
 * Built workers outside the checkout, so that a fresh clone finds them: `$XDG_CACHE_HOME/ringway/mediasoup-worker`
 * or `~/.cache/ringway/mediasoup-worker`, one folder per mediasoup version, platform, architecture and recipe.
 */
export class WorkerCache {
  readonly #root: string
  readonly #folder: string

  constructor(options: { env: NodeJS.ProcessEnv; version: string }) {
    const base = options.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
    const recipe = contentHash(['.'], { root: recipeFolder }).slice(0, 8)
    this.#root = resolve(base, 'ringway', 'mediasoup-worker')
    this.#folder = join(this.#root, `${options.version}-${process.platform}-${process.arch}-${recipe}`)
  }

  /** Where locks and temporary folders go; on the cache's file system, so that renames are atomic. */
  prepare(): void {
    try {
      mkdirSync(this.#root, { recursive: true })
    } catch (cause) {
      throw new Error(`The cache folder ${this.#root} cannot be made; set XDG_CACHE_HOME to a writable folder.`, { cause })
    }
  }

  get lockPath(): string {
    return `${this.#folder}.lock`
  }

  /** A fresh folder to build in. Only for the holder of the lock: what killed builds left behind is removed. */
  temporaryFolder(): string {
    const prefix = basename(this.#folder)
    for (const name of readdirSync(this.#root)) {
      if (name.startsWith(prefix) && name.endsWith('.tmp')) rmSync(join(this.#root, name), { recursive: true, force: true })
    }
    const path = `${this.#folder}.${process.pid}.tmp`
    mkdirSync(path)
    return path
  }

  find(): CachedWorker | undefined {
    const binary = join(this.#folder, binaryName)
    if (!existsSync(binary)) return undefined
    try {
      return { binary, origin: originSchema.parse(JSON.parse(readFileSync(join(this.#folder, 'origin.json'), 'utf8'))) }
    } catch {
      return undefined
    }
  }

  /** Moves a verified binary into the cache: complete or not at all. */
  store(binary: string, options: { origin: WorkerOrigin; temporaryFolder: string }): CachedWorker {
    const entry = join(options.temporaryFolder, 'entry')
    mkdirSync(entry)
    chmodSync(binary, 0o755)
    renameSync(binary, join(entry, binaryName))
    writeFileAtomically(join(entry, 'origin.json'), `${JSON.stringify(options.origin)}\n`)
    this.discard()
    renameSync(entry, this.#folder)
    return { binary: join(this.#folder, binaryName), origin: options.origin }
  }

  discard(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export const binaryName = process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker'
