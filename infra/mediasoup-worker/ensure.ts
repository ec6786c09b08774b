import { rmSync } from 'node:fs'
import { lock } from '../system/file-lock.ts'
import { type Log, withProgress } from '../system/progress.ts'
import { type CachedWorker, WorkerCache, type WorkerOrigin } from './cache.ts'
import { compileWorker } from './compile.ts'
import { type MediasoupPackage, mediasoupPackage } from './package.ts'
import { downloadPrebuiltWorker } from './prebuilt.ts'
import { smokeTest, whyItCannotRun } from './verify.ts'

/**
 * The path of a mediasoup worker that runs on this machine: `MEDIASOUP_WORKER_BIN` if set, else the one in the cache, else
 * the official prebuilt one where it can be downloaded and runs, else compiled here. What is made is verified, then
 * cached per version, platform and recipe. Safe to call from several processes at once: one of them makes it.
 * @param options.log Told, in whole lines, of whatever takes over a second.
 * @throws when none can be had; the message says what to do.
 */
export async function ensureMediasoupWorker(options: { log: Log; env?: NodeJS.ProcessEnv }): Promise<string> {
  const { log, env = process.env } = options
  const given = env['MEDIASOUP_WORKER_BIN']
  if (given) {
    const reason = await whyItCannotRun(given)
    if (reason !== undefined) throw new Error(`MEDIASOUP_WORKER_BIN=${given} is not a mediasoup worker that runs here: ${reason}`)
    return given
  }
  const mediasoup = mediasoupPackage()
  const cache = new WorkerCache({ env, version: mediasoup.version })
  cache.prepare()
  const cached = await findRunning(cache)
  if (cached !== undefined) return cached.binary
  const held = await lock(cache.lockPath, {
    onWait: (holder) => log(`Waiting for process ${holder.pid}, which makes the mediasoup worker …`),
  })
  try {
    const made = (await findRunning(cache, log)) ?? (await make(cache, { mediasoup, log, env }))
    return made.binary
  } finally {
    held.release()
  }
}

async function findRunning(cache: WorkerCache, log?: Log): Promise<CachedWorker | undefined> {
  const cached = cache.find()
  if (cached === undefined) return undefined
  // A library that the worker links to may have gone with an upgrade of the system.
  const reason = await whyItCannotRun(cached.binary)
  if (reason === undefined) return cached
  log?.(`The cached mediasoup worker no longer runs (${reason}); making a new one`)
  return undefined
}

async function make(cache: WorkerCache, options: { mediasoup: MediasoupPackage; log: Log; env: NodeJS.ProcessEnv }): Promise<CachedWorker> {
  const { mediasoup, log } = options
  const temporaryFolder = cache.temporaryFolder()
  try {
    const prebuilt = await withProgress(`Downloading the mediasoup worker ${mediasoup.version}`, log, () =>
      downloadPrebuiltWorker(mediasoup, { folder: temporaryFolder, env: options.env }),
    )
    if ('binary' in prebuilt) {
      const reason = await whyItFails(prebuilt.binary)
      if (reason === undefined) return cache.store(prebuilt.binary, { origin: { origin: 'prebuilt' }, temporaryFolder })
      log(`The prebuilt mediasoup worker does not run here (${reason}); compiling it`)
    } else {
      log(`No prebuilt mediasoup worker (${prebuilt.unavailable}); compiling it`)
    }
    const compiled: { binary: string; origin: WorkerOrigin } = await compileWorker(mediasoup, { folder: temporaryFolder, log })
    const reason = await whyItFails(compiled.binary)
    if (reason !== undefined) throw new Error(`The compiled mediasoup worker does not work: ${reason}`)
    return cache.store(compiled.binary, { origin: compiled.origin, temporaryFolder })
  } finally {
    rmSync(temporaryFolder, { recursive: true, force: true })
  }
}

async function whyItFails(binary: string): Promise<string | undefined> {
  const reason = await whyItCannotRun(binary)
  if (reason !== undefined) return reason
  try {
    await smokeTest(binary)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
