import * as fc from 'fast-check'
import type { z } from 'zod'
import { mergePatchOf, type Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import type { Sent } from '../matrix/row.ts'
import { type Pool, valuesOf } from './from-schema.ts'
import { mutated, wickedBodies, wickedText, wickedValue } from './garbage.ts'

export const callers = ['platform-admin', 'admin', 'user', 'anonymous', 'nobody', 'rightful'] as const
export type Caller = (typeof callers)[number]

/** A request as it is sent. */
export interface FuzzRequest {
  readonly caller: Caller
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Requests to one operation: valid, almost valid, and garbage. `valid` is one that is known to be. */
export function requestsTo(operation: Operation, { valid, pool }: { valid: Sent; pool: Pool }): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      caller: fc.constantFrom(...callers),
      params: paramsOf(operation, { valid, pool }),
      search: searchOf(operation, { valid, pool }),
      headers: headersOf(operation),
      body: bodyOf(operation, { valid, pool }),
    })
    .map(({ caller, params, search, headers, body }) => ({ caller, path: pathOf(operation, params, search), headers, body }))
}

/** The one that is known to be valid. */
export const validRequestTo = (operation: Operation, { params = {}, query = {}, body }: Sent): FuzzRequest => ({
  caller: 'rightful',
  path: pathOf(operation, params, searchText(query)),
  headers: { 'content-type': 'application/json' },
  body: body === undefined ? undefined : JSON.stringify(body),
})

/** A parameter that is one of these belongs to another operation, or to another path altogether. */
const segments = new Set(['.', '..', '', ...Object.values<Operation>(operations).flatMap(({ path }) => path.split('/'))])

const paramsOf = ({ params }: Operation, { valid, pool }: { valid: Sent; pool: Pool }): fc.Arbitrary<Record<string, string>> =>
  fc.record(
    Object.fromEntries(
      Object.keys(params?.shape ?? {}).map((name) => {
        const values = fc.oneof(
          { weight: 6, arbitrary: fc.constant(valid.params?.[name] ?? 'x') },
          { weight: 1, arbitrary: fc.constantFrom(...pool.texts) },
          { weight: 1, arbitrary: fc.uuid() },
          { weight: 1, arbitrary: wickedText },
        )
        // URLs end before 8 KiB, and dots mean something in them.
        return [name, values.map((text) => text.slice(0, 500).toWellFormed()).filter((text) => !segments.has(text))]
      }),
    ),
  )

function searchOf({ query }: Operation, { valid, pool }: { valid: Sent; pool: Pool }): fc.Arbitrary<string> {
  const base = searchText(valid.query ?? {})
  if (query === undefined) return fc.constantFrom('', 'a=1')
  const generated = valuesOf(query, pool)
  return fc.oneof(
    fc.constant(base),
    generated.map(searchText),
    mutated(generated).map(searchText),
    fc
      .tuple(generated, wickedText)
      .map(([value, text]) => `${searchText(value)}&cursor=${encodeURIComponent(text.slice(0, 500).toWellFormed())}`),
    generated.map((value) => `${searchText(value)}&${searchText(value)}`),
  )
}

function searchText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return new URLSearchParams(entries.map(([name, item]) => [name, String(textOf(item)).slice(0, 1_000)])).toString()
}

const textOf = (item: unknown): unknown => (typeof item === 'object' ? JSON.stringify(item) : item)

const pathOf = ({ path }: Operation, params: Record<string, string>, search: string): string => {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  return `/sapi${filled}${search === '' ? '' : `?${search}`}`
}

const headersOf = ({ method }: Operation): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({
      'content-type': fc.constantFrom(
        'application/json',
        'application/merge-patch+json',
        'application/json; charset=utf-16',
        'text/plain',
        'multipart/form-data',
        '',
      ),
      'if-match': rarely('*', '"kmvR1xk6O2a0Vn3hTq8bJw"', 'W/"kmvR1xk6O2a0Vn3hTq8bJw"', 'garbage', '"', ',,,', '"a", *', '"'.repeat(400)),
      'if-none-match': method === 'get' ? rarely('*', '"x"', '"', ',') : fc.constant(undefined),
      'idempotency-key': rarely('a-key', '"quoted"', ' ', 'a b', 'k'.repeat(300), '__proto__', '{}'),
    })
    .map((headers) =>
      Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')),
    )

const rarely = (...values: readonly string[]): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) })

function bodyOf(operation: Operation, { valid, pool }: { valid: Sent; pool: Pool }): fc.Arbitrary<string | undefined> {
  const { method, body } = operation
  if (method === 'get' || method === 'head') return fc.constant(undefined)
  if (body === undefined) return fc.constantFrom(undefined, '', '{}', '{"userId":"x"}', '{')
  const generated = valuesOf(schemaOf(operation, body), pool)
  const value = fc.oneof(
    { weight: 2, arbitrary: fc.constant<unknown>(valid.body) },
    { weight: 4, arbitrary: generated },
    { weight: 3, arbitrary: mutated(fc.constant(valid.body)) },
    { weight: 3, arbitrary: mutated(generated) },
    { weight: 1, arbitrary: wickedValue },
  )
  return fc.oneof(
    { weight: 8, arbitrary: value.map((json) => JSON.stringify(json) ?? '') },
    { weight: 1, arbitrary: fc.constantFrom(...wickedBodies) },
  )
}

const schemaOf = ({ method }: Operation, body: NonNullable<Operation['body']>): z.ZodType =>
  method === 'patch' && 'shape' in body ? mergePatchOf(body) : body
