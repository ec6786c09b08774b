import { redact } from './redact.ts'

/** `silly` per packet or frame · `debug` per message · `info` per operation · `warn` recovered · `error` lost or broken. */
export type LogLevel = 'silly' | 'debug' | 'info' | 'warn' | 'error'

export const logLevels: readonly LogLevel[] = ['silly', 'debug', 'info', 'warn', 'error']

/** What a child logger adds to each of its events. */
export interface LogContext {
  readonly domainId?: string
  readonly roomId?: string
  readonly sessionId?: string
  readonly hostId?: string
  readonly traceId?: string
  readonly component?: string
}

export type LogFields = Readonly<Record<string, unknown>>

export interface LogRecord extends LogContext {
  readonly time: string
  readonly level: LogLevel
  /** A stable name such as `room.opened`: one canonical event per operation. */
  readonly event: string
  readonly [field: string]: unknown
}

/** Where records go; the only place that may touch `console` or a stream. */
export type LogSink = (record: LogRecord) => void

export class Logger {
  readonly #sink: LogSink
  readonly #context: LogContext
  readonly #threshold: number
  readonly #level: LogLevel

  constructor(options: { sink: LogSink; level?: LogLevel; context?: LogContext }) {
    this.#sink = options.sink
    this.#context = options.context ?? {}
    this.#level = options.level ?? 'info'
    this.#threshold = logLevels.indexOf(this.#level)
  }

  child(context: LogContext): Logger {
    return new Logger({ sink: this.#sink, level: this.#level, context: { ...this.#context, ...context } })
  }

  silly(event: string, fields?: LogFields): void {
    this.#write('silly', event, fields)
  }

  debug(event: string, fields?: LogFields): void {
    this.#write('debug', event, fields)
  }

  info(event: string, fields?: LogFields): void {
    this.#write('info', event, fields)
  }

  warn(event: string, fields?: LogFields): void {
    this.#write('warn', event, fields)
  }

  error(event: string, fields?: LogFields): void {
    this.#write('error', event, fields)
  }

  #write(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (logLevels.indexOf(level) < this.#threshold) return
    const time = new Date().toISOString()
    this.#sink({ time, level, event, ...this.#context, ...redact(fields) })
  }
}
