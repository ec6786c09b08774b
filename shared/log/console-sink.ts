import type { LogSink } from './logger.ts'

/** One JSON object a line, as Loki and Elasticsearch take it. */
export const consoleSink: LogSink = (record) => {
  const line = JSON.stringify(record)
  if (record.level === 'error') console.error(line)
  else if (record.level === 'warn') console.warn(line)
  else console.log(line)
}
