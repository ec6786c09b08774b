import type { LogRecord } from '#shared/log/logger.ts'
import { Logger } from '#shared/log/logger.ts'
import type { Clock } from '#shared/time/clock.ts'

/** What tests steer and read; the worker and its tests share an isolate. */
export const bench = {
  /** Milliseconds that the objects' clock is ahead of the machine's. */
  ahead: 0,
  logs: [] as LogRecord[],
  /** Losses that rooms were told of. */
  lost: [] as { room: string; hostId: string; bootId: string }[],
  /** Rooms that throw when they are told. */
  broken: new Set<string>(),
  /** Host sockets that rooms were given. */
  links: [] as { room: string; headers: Record<string, string>; path: string }[],
}

export function resetBench(): void {
  bench.ahead = 0
  for (const list of [bench.logs, bench.lost, bench.links]) list.length = 0
  bench.broken.clear()
}

export const clock: Clock = { now: () => Date.now() + bench.ahead }
export const logger = new Logger({ sink: (record) => bench.logs.push(record), level: 'debug' })
