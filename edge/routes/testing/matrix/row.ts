import type { ErrorCode } from '#shared/errors/codes.ts'
import type { Role } from '#shared/protocol/tokens.ts'
import type { World } from './world.ts'

/** A request to an operation, as far as it differs from request to request. */
export interface Sent {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  /** Of the rightful caller, where it is not the tenant's member of the role. */
  readonly token?: string
}

/**
 * How one operation is tried by everybody. What they are answered is derived: from the operation's declaration for
 * those who may not call it at all, and for another tenant from whether the request names anything of the first.
 */
export interface Row {
  /** Makes what a valid request is about, afresh each time, and returns the request. */
  readonly request: (world: World) => Promise<Sent> | Sent
  /** The rightful caller's role, where it is not the least that the operation declares. */
  readonly caller?: Role
  /** A refusal that the rightful caller gets too, where a success would reach somebody outside; such an operation has a test of its own. */
  readonly refusal?: ErrorCode
  /** More requests with which another tenant may not learn anything, such as by each filter of a list. */
  readonly foreign?: (world: World) => Promise<readonly Sent[]> | readonly Sent[]
  /** What another tenant may be told, where it is neither `notFound` nor, of requests that name nothing of the first, a success. */
  readonly foreignAnswers?: readonly ErrorCode[]
}

export type Rows<Table> = Readonly<Record<keyof Table, Row>>

/** The operation's path with what the request fills in. */
export function urlOf(path: string, { params = {}, query = {} }: Sent): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString()
  return `/sapi${filled}${search === '' ? '' : `?${search}`}`
}
