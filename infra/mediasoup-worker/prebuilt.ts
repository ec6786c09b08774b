import { join } from 'node:path'
import { release } from 'node:os'
import { runCommand } from '../system/run-command.ts'
import { binaryName } from './cache.ts'
import type { MediasoupPackage } from './package.ts'

const answerWithinMs = 6_000
const downloadWithinMs = 90_000

/**
 * Downloads the official prebuilt worker into a folder, from where mediasoup's own postinstall takes it
 * (npm-scripts.mjs, `downloadPrebuiltWorker`). Honours the same environment:
 * `MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD`, `MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL`.
 * @returns the binary's path, not yet run; or the reason why there is none.
 */
export async function downloadPrebuiltWorker(
  mediasoup: MediasoupPackage,
  options: { folder: string; env: NodeJS.ProcessEnv },
): Promise<{ binary: string } | { unavailable: string }> {
  if (options.env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) return { unavailable: 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set' }
  const base = options.env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] || `${mediasoup.repositoryUrl}/releases/download`
  const kernel = process.platform === 'linux' ? `-kernel${release().split('.')[0]}` : ''
  const url = `${base}/${mediasoup.version}/mediasoup-worker-${mediasoup.version}-${process.platform}-${process.arch}${kernel}.tgz`
  try {
    const archive = await download(url)
    await runCommand('tar', ['-xzf', '-', '-C', options.folder, binaryName], { input: archive })
    return { binary: join(options.folder, binaryName) }
  } catch (error) {
    return { unavailable: `${url}: ${reasonOf(error)}` }
  }
}

async function download(url: string): Promise<Uint8Array> {
  const abort = new AbortController()
  const deadline = setTimeout(() => abort.abort(new Error(`no answer within ${answerWithinMs / 1_000} s`)), answerWithinMs)
  const response = await fetch(url, { signal: AbortSignal.any([abort.signal, AbortSignal.timeout(downloadWithinMs)]) }).finally(() =>
    clearTimeout(deadline),
  )
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
