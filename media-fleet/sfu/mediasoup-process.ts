import { createWorker, setLogEventListeners, type types } from 'mediasoup'
import type { Logger } from '#shared/log/logger.ts'

/** How long a worker may take to leave by itself, in milliseconds. */
const exitTimeoutMs = 2000

const signals = ['SIGINT', 'SIGTERM'] as const

/** Sends mediasoup's own log to ours. It has one log for the whole process. */
export function logMediasoup(logger: Logger): void {
  setLogEventListeners({
    ondebug: (namespace, log) => logger.silly('mediasoup.debug', { namespace, log }),
    onwarn: (namespace, log) => logger.warn('mediasoup.warning', { namespace, log }),
    onerror: (namespace, log, error) => logger.error('mediasoup.error', { namespace, log, ...(error === undefined ? {} : { error }) }),
  })
}

/**
 * Starts a worker process. mediasoup closes its workers on the first SIGINT or SIGTERM of this
 * process; a drain must keep them, so its listeners are taken off again: whoever owns the process
 * decides when workers end.
 */
export async function startWorkerProcess(options: { bin: string | undefined }): Promise<types.Worker> {
  const before = signals.map((signal) => new Set(process.listeners(signal)))
  const starting = createWorker({ logLevel: 'warn', ...(options.bin === undefined ? {} : { workerBin: options.bin }) })
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.has(listener) === false) process.removeListener(signal, listener)
    }
  }
  return starting
}

/** Closes a worker and waits until its process is gone. Idempotent. */
export async function stopWorkerProcess(worker: types.Worker): Promise<void> {
  const gone = Promise.withResolvers<void>()
  worker.once('subprocessclose', () => gone.resolve())
  worker.close()
  if (worker.subprocessClosed) return
  const timer = setTimeout(() => {
    kill(worker.pid)
    gone.resolve()
  }, exitTimeoutMs)
  await gone.promise
  clearTimeout(timer)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It left in the meantime.
  }
}
