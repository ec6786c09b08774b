import { z } from 'zod'
import type { LogLevel } from '#shared/log/logger.ts'

const recordSchema = z.looseObject({ level: z.string(), event: z.string() })
const shown: readonly string[] = ['warn', 'error'] satisfies LogLevel[]
/** Of no use to someone who watches a terminal. */
const hiddenFields: readonly string[] = ['time', 'level', 'event', 'component']
const maxFields = 400

/**
 * What of a child's log line is shown on the terminal: warnings and errors, in short. Undefined: nothing.
 * @param options.isError The line came from stderr; there, what is no log record is shown as it is.
 */
export function summarizeLogLine(line: string, options: { isError: boolean }): string | undefined {
  const record = parseRecord(line)
  if (record === undefined) return options.isError && line.trim() !== '' ? line : undefined
  if (!shown.includes(record.level)) return undefined
  const fields = Object.fromEntries(Object.entries(record).filter(([name]) => !hiddenFields.includes(name)))
  const text = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields).slice(0, maxFields)}`
  return `${record.level} ${record.event}${text}`
}

function parseRecord(line: string): z.infer<typeof recordSchema> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return recordSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
