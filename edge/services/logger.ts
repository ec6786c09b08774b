import { consoleSink } from '#shared/log/console-sink.ts'
import { type LogContext, Logger, type LogLevel, logLevels } from '#shared/log/logger.ts'
import type { Env } from '#edge/env.ts'

/** A logger of the Worker or of an object, at the level that the environment names. */
export function loggerOf(env: Pick<Env, 'RINGWAY_LOG_LEVEL'>, context: LogContext = {}): Logger {
  return new Logger({ sink: consoleSink, level: levelOf(env.RINGWAY_LOG_LEVEL), context })
}

const levelOf = (name: string | undefined): LogLevel => logLevels.find((level) => level === name) ?? 'info'
