import { AppError } from '#shared/errors/AppError.ts'

/**
 * What the media worker refuses, as an error for the far side. `mediaRejected` blames the parameters,
 * `mediaUnavailable` this host (no port left, worker gone). mediasoup's own message stays in `cause`,
 * for the log: it may name addresses and ids of the host.
 */
export async function orRefuse<T>(code: 'mediaRejected' | 'mediaUnavailable', operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const lostWorker = cause instanceof Error && cause.name === 'InvalidStateError'
    throw new AppError(lostWorker ? 'mediaUnavailable' : code, { context: { operation }, cause })
  }
}
