import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ensureAptPackages } from '../system/apt.ts'
import { type Log, withProgress } from '../system/progress.ts'
import { runCommand } from '../system/run-command.ts'
import type { WorkerOrigin } from './cache.ts'
import { type MediasoupPackage, recipeFolder } from './package.ts'
import { fetchSrtpSource } from './srtp-source.ts'

const buildPackages = [
  'g++',
  'cmake',
  'ninja-build',
  'pkg-config',
  'dpkg-dev',
  'libuv1-dev',
  'libssl-dev',
  'flatbuffers-compiler',
  'libflatbuffers-dev',
  'libabsl-dev',
] as const

const purpose = 'to compile the mediasoup worker'

/**
 * Compiles the worker from the npm package's sources against the distribution's libraries (native/CMakeLists.txt), in
 * about a minute on two cores.
 * @throws {MissingPackagesError} or a `CommandError` with the compiler's last words.
 */
export async function compileWorker(
  mediasoup: MediasoupPackage,
  options: { folder: string; log: Log },
): Promise<{ binary: string; origin: WorkerOrigin }> {
  const { folder, log } = options
  if (process.platform !== 'linux') {
    throw new Error(
      `The mediasoup worker is compiled on Debian only; on ${process.platform} set MEDIASOUP_WORKER_BIN to a worker of version ${mediasoup.version}.`,
    )
  }
  await ensureAptPackages(buildPackages, { purpose, log })
  const sourceFolder = join(folder, 'srtp')
  mkdirSync(sourceFolder)
  const srtpSource = await withProgress("Fetching libsrtp's sources", log, () => fetchSrtpSource(sourceFolder, { log }))
  if (srtpSource !== undefined) {
    try {
      return {
        binary: await build(mediasoup, { folder: join(folder, 'build'), srtpSource, log }),
        origin: { origin: 'compiled', srtp: 'source' },
      }
    } catch (error) {
      log(`The build with libsrtp's sources failed, trying libsrtp2-dev: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  await ensureAptPackages(['libsrtp2-dev'], { purpose, log })
  return {
    binary: await build(mediasoup, { folder: join(folder, 'build-system-srtp'), log }),
    origin: { origin: 'compiled', srtp: 'system' },
  }
}

async function build(mediasoup: MediasoupPackage, options: { folder: string; srtpSource?: string; log: Log }): Promise<string> {
  options.log('Compiling the mediasoup worker takes about a minute, and is done once per version')
  const stage = `Compiling the mediasoup worker ${mediasoup.version}`
  return withProgress(stage, options.log, async (detail) => {
    const definitions = [`-DWORKER_DIR=${mediasoup.workerFolder}`, `-DSRTP_SOURCE=${options.srtpSource ?? ''}`]
    await runCommand('cmake', ['-G', 'Ninja', '-S', recipeFolder, '-B', options.folder, ...definitions])
    await runCommand('cmake', ['--build', options.folder, '--target', 'mediasoup-worker', '--parallel', String(availableParallelism())], {
      onLine: (line) => {
        const step = /^\[(\d+)\/(\d+)\]/.exec(line)
        if (step) detail(`step ${step[1]} of ${step[2]}`)
      },
    })
    return join(options.folder, 'mediasoup-worker')
  })
}
