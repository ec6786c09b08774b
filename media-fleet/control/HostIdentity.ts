import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { enrolResponseSchema } from '#shared/protocol/fleet/host-link.ts'
import type { z } from 'zod'

/** What enrolment gives: who this host is to the edge. */
export type HostIdentity = z.infer<typeof enrolResponseSchema>

const fileName = 'host.json'
const ownerOnlyFile = 0o600
const ownerOnlyFolder = 0o700

/** Keeps the host's identity in its state folder, readable by its owner only. */
export class HostIdentityStore {
  readonly #folder: string

  constructor(options: { folder: string }) {
    this.#folder = options.folder
  }

  /** Undefined where there is none yet, or what is there cannot be used: the host then enrols again. */
  async load(): Promise<HostIdentity | undefined> {
    try {
      return enrolResponseSchema.safeParse(JSON.parse(await readFile(this.#path, 'utf8'))).data
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return undefined
      throw error
    }
  }

  /** Whole or not at all: a crash leaves the identity from before. */
  async save(identity: HostIdentity): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: ownerOnlyFolder })
    const temporary = `${this.#path}.${process.pid}.tmp`
    await writeFile(temporary, JSON.stringify(identity), { mode: ownerOnlyFile })
    // The mode of writeFile counts only for a file it creates.
    await chmod(temporary, ownerOnlyFile)
    await rename(temporary, this.#path)
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  get #path(): string {
    return join(this.#folder, fileName)
  }
}
