import { tryCommand } from '../system/run-command.ts'

/** The worker's answer to being run by something else than mediasoup (worker/src/main.cpp). */
const notMyFatherCode = 41

/**
 * Whether the binary runs on this machine at all (architecture, shared libraries); takes milliseconds.
 * @returns undefined if it does, the reason otherwise.
 */
export async function whyItCannotRun(binary: string): Promise<string | undefined> {
  try {
    const result = await tryCommand('env', ['-i', binary], { signal: AbortSignal.timeout(10_000) })
    return result.code === notMyFatherCode ? undefined : result.output || `it ended with code ${result.code}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * Starts the binary as a mediasoup worker and has it make a router and an SRTP transport.
 * @throws when it does not answer as mediasoup of this version does.
 */
export async function smokeTest(binary: string): Promise<void> {
  // Loaded only when there is something to verify: most starts find a verified worker in the cache.
  // oxlint-disable-next-line house/imports -- Set-up proves the worker that it has built; the media host does not exist yet.
  const { createWorker } = await import('mediasoup')
  const worker = await createWorker({ workerBin: binary, logLevel: 'error' })
  try {
    const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }] })
    const transport = await router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSrtp: true })
    if (transport.srtpParameters === undefined) throw new Error('the worker offers no SRTP')
  } finally {
    worker.close()
  }
}
