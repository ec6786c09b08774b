import { z } from 'zod'
import type { ErrorCode } from '#shared/errors/codes.ts'
import type { Role } from '../tokens.ts'
import type { KnownService } from './services.ts'

/**
 * What an operation of the REST API is, as data. The edge routes, parses and guards by it; the OpenAPI
 * document, the test of every caller and the fuzz test are made from it. Nothing about an operation is
 * written down twice.
 */
export interface Operation {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete'
  /** Under `/sapi`, with `:name` for parameters. */
  readonly path: `/${string}`
  readonly tag: string
  /** One line, in the imperative. */
  readonly summary: string
  readonly description?: string
  /** The least role that may call it at all; what it may touch is for the use case to judge. */
  readonly access: Role
  /** A service that the caller's domain must list (DOM-3). */
  readonly service?: KnownService
  /** A capability that no rule may have taken from the caller (CAP-1). */
  readonly capability?: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** For `patch`, the full schema that the merged resource must meet (RFC 7396); what is sent may be any part of it. */
  readonly body?: z.ZodObject | z.ZodDiscriminatedUnion
  readonly answer: Answer
  /** It changes nothing, though its method says otherwise: a `POST` because of what it is told. The audit log leaves it out. */
  readonly reads?: true
  /** What it answers holds at that moment only, and asking again is safe: no answer is kept for an `Idempotency-Key`. */
  readonly momentary?: true
  /** Media types that a 200 may have in place of JSON, for whoever asks for them. */
  readonly alsoAs?: readonly string[]
  /** A `PUT` that makes what is not there yet: 201, with a `Location`. */
  readonly creates?: true
  /** Codes beyond those that every operation may answer. */
  readonly errors?: readonly ErrorCode[]
}

/** Whether a repetition of a request under its `Idempotency-Key` hears the first answer. */
export const keepsAnswers = ({ method, reads, momentary }: Operation): boolean => method === 'post' && reads !== true && momentary !== true

export type Answer =
  /** 200: one page of a list, with a `Link` to the next (paging.ts). */
  | { readonly kind: 'page'; readonly item: z.ZodType }
  /** 200: what is stored under the URL, with an `ETag`. */
  | { readonly kind: 'resource'; readonly view: z.ZodType }
  /** 201: the same, just made; `Location` says where. */
  | { readonly kind: 'created'; readonly view: z.ZodType<{ id: string }>; readonly tellsSecret?: true }
  /** 200: the outcome of doing something. */
  | { readonly kind: 'result'; readonly view: z.ZodType }
  /** 204. */
  | { readonly kind: 'none' }

export type Operations = Readonly<Record<string, Operation>>

/** Keeps the literal types, from which the handlers are typed. The names are the operations' ids in OpenAPI. */
export const defineOperations = <const Table extends Operations>(table: Table): Table => table

export const page = <Item extends z.ZodType>(item: Item) => ({ kind: 'page', item }) as const
export const resource = <View extends z.ZodType>(view: View) => ({ kind: 'resource', view }) as const
export const created = <View extends z.ZodType<{ id: string }>>(view: View) => ({ kind: 'created', view }) as const
/** The same with what is told this once: not what a `GET` answers, so it has no `ETag`. */
export const createdWithSecret = <View extends z.ZodType<{ id: string }>>(view: View) => ({ ...created(view), tellsSecret: true }) as const
export const result = <View extends z.ZodType>(view: View) => ({ kind: 'result', view }) as const
export const none = { kind: 'none' } as const

/** An id in a path. Those that Ringway makes are UUIDs; any other is simply not found. */
export const idParamsSchema = z.object({ id: z.string().min(1).max(128) })

/**
 * What a merge patch (RFC 7396) of a resource may say, for those who read of it: any part of what `PUT`
 * takes, and null for what shall return to its default. What counts is whether the outcome meets `schema`.
 */
export function mergePatchOf({ shape, def }: z.ZodObject<Readonly<Record<string, z.core.$ZodType>>>): z.ZodObject {
  const patch = z.object(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, partOf(field)])))
  return def.catchall === undefined ? patch : patch.catchall(def.catchall)
}

function partOf(field: z.core.$ZodType): z.ZodType {
  const part = withoutDefault(field).nullish()
  const description = field instanceof z.ZodType ? field.description : undefined
  return description === undefined ? part : part.describe(description)
}

/** A default would set what the patch leaves out. */
function withoutDefault(field: z.core.$ZodType): z.ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault) return withoutDefault(field.unwrap())
  if (!(field instanceof z.ZodType)) throw new TypeError('A field of the full zod, not of zod/mini')
  return field
}
