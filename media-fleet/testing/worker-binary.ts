import { ensureMediasoupWorker } from '#infra/mediasoup-worker/ensure.ts'

/** Path of a media worker that runs here, made if there is none yet; `MEDIASOUP_WORKER_BIN` goes first. */
export const workerBinary = (): Promise<string> => ensureMediasoupWorker({ log: () => undefined })
