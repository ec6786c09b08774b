import { Logger, type LogRecord } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'

/** What tests steer and read; the worker and its tests share an isolate. */
export const bench = {
  /** Milliseconds that the objects' clock is ahead of the machine's. */
  ahead: 0,
  logs: [] as LogRecord[],
}

export function resetBench(): void {
  bench.ahead = 0
  bench.logs.length = 0
}

export const clock: Clock = { now: () => Date.now() + bench.ahead }
export const logger = new Logger({ sink: (record) => bench.logs.push(record), level: 'debug' })
