import type { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import type { Method } from './frames.ts'

/** One method on one resource, with the shapes of both directions. `path` has `:name` parameters. */
export interface Operation<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType> {
  readonly method: Method
  readonly path: `/${string}`
  readonly request: Request
  readonly response: Response
}

export function operation<Request extends z.ZodType, Response extends z.ZodType>(
  method: Method,
  path: `/${string}`,
  shapes: { request: Request; response: Response },
): Operation<Request, Response> {
  return { method, path, ...shapes }
}

export type OperationTable = Readonly<Record<string, Operation>>

export type RequestOf<O extends Operation> = z.infer<O['request']>
export type ResponseOf<O extends Operation> = z.infer<O['response']>

export type PathParameters = Readonly<Record<string, string>>

export interface Match<Name extends string> {
  readonly name: Name
  readonly params: PathParameters
}

/**
 * Finds the operation that a method and resource name.
 * @throws AppError `unknownResource` where no path matches, `unsupportedMethod` where a path matches another method.
 */
export function matchOperation<Table extends OperationTable>(
  table: Table,
  request: { method: Method; resource: string },
): Match<keyof Table & string> {
  let allowed: Method[] = []
  for (const name in table) {
    const candidate = table[name]
    if (candidate === undefined) continue
    const params = matchPath(candidate.path, request.resource)
    if (params === undefined) continue
    if (candidate.method === request.method) return { name, params }
    allowed = [...allowed, candidate.method]
  }
  if (allowed.length > 0) throw new AppError('unsupportedMethod', { context: { allowed } })
  throw new AppError('unknownResource', { context: { resource: request.resource } })
}

/** The resource with the path's parameters filled in, percent-encoded. */
export function resourceOf(path: string, params: PathParameters): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new TypeError(`Missing path parameter ${name} of ${path}`)
    return encodeURIComponent(value)
  })
}

function matchPath(path: string, resource: string): PathParameters | undefined {
  const pattern = path.split('/')
  const segments = resource.split('/')
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined
      continue
    }
    const value = decodeSegment(segment)
    if (value === undefined || value === '') return undefined
    params[part.slice(1)] = value
  }
  return params
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
