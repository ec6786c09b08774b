import type { LogFields } from './logger.ts'

const secretName = /pass(word|wd)?$|secret|token|authorization|cookie|ticket|credential|(api|master|host|private|srtp)key|keybase64/i
const bearer = /\b(bearer[ .])[\w.~+/=-]+/gi
const jwt = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g
const maxDepth = 6

/** Replaces what a log must never hold: values under secret names, bearer tokens and JWTs inside strings. */
export function redact(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(name, value, 0)]))
}

function redactValue(name: string, value: unknown, depth: number): unknown {
  if (secretName.test(name) && value !== undefined && value !== null) return '[redacted]'
  if (typeof value === 'string') return value.replace(bearer, '$1[redacted]').replace(jwt, '[redacted]')
  if (value instanceof Error) return redactError(value, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redactValue('', item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(key, item, depth + 1)]))
}

function redactError(error: Error, depth: number): LogFields {
  return {
    name: error.name,
    message: redactValue('', error.message, depth),
    stack: redactValue('', error.stack, depth),
    ...('code' in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: redactValue('cause', error.cause, depth + 1) }),
  }
}
