import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'

const packageSchema = z.object({ version: z.string(), repository: z.object({ url: z.string() }) })

/** CMake recipe and headers of our own. */
export const recipeFolder = resolve(import.meta.dirname, 'native')

export interface MediasoupPackage {
  readonly version: string
  /** The worker's C++ sources. */
  readonly workerFolder: string
  /** `https://…` of the project's repository. */
  readonly repositoryUrl: string
}

/** The installed mediasoup npm package. */
export function mediasoupPackage(): MediasoupPackage {
  const path = findPackageJSON('mediasoup', import.meta.url)
  if (path === undefined) throw new Error('mediasoup is not installed; run npm ci.')
  const { version, repository } = packageSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  return {
    version,
    workerFolder: join(dirname(path), 'worker'),
    repositoryUrl: repository.url.replace(/^git\+/, '').replace(/\.git$/, ''),
  }
}
