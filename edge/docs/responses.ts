import { z } from 'zod'
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { type ErrorCode, errorTable, isErrorCode } from '#shared/errors/codes.ts'
import { errorBodySchema } from '#shared/errors/error-body.ts'
import { errorCodesOf } from '#shared/protocol/sapi/operation-errors.ts'
import { keepsAnswers, type Operation } from '#shared/protocol/sapi/operation.ts'

/** What operations answer: their outcome, and every error with its stable codes. */

const headerOf = (name: string) => ({ $ref: `#/components/headers/${name}` })
type Headers = Readonly<Record<string, ReturnType<typeof headerOf>>>
const traced: Headers = { 'X-Trace-Id': headerOf('X-Trace-Id') }

export const headers = {
  'X-Trace-Id': {
    description: 'Names the request in the log; also the `traceId` of an error.',
    schema: { type: 'string' as const, format: 'uuid' },
  },
  ETag: {
    description: 'Validator of this state, for `If-Match` and `If-None-Match`.',
    schema: { type: 'string' as const },
    example: '"kmvR1xk6O2a0Vn3hTq8bJw"',
  },
  Location: { description: 'Where the new resource is.', schema: { type: 'string' as const, format: 'uri-reference' } },
  Link: {
    description: 'Where more follows: the next page, `rel="next"` (RFC 8288).',
    schema: { type: 'string' as const },
    example: '</sapi/users?limit=50&cursor=eyJ…>; rel="next"',
  },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' as const, minimum: 0 } },
  'WWW-Authenticate': { description: 'What the token lacks (RFC 6750).', schema: { type: 'string' as const } },
  'Idempotency-Replayed': {
    description: 'Present where an earlier request with this `Idempotency-Key` was carried out, and this is its answer.',
    schema: { type: 'string' as const, enum: ['true'] },
  },
}

export const problemSchema = errorBodySchema
  .extend({
    type: z.string().describe('A URN of the code, such as `urn:ringway:error:notFound`.'),
    title: z.string().describe('The same as `message`.'),
    status: z.number().int().describe('The HTTP status.'),
    code: z.string().describe('Stable: codes are added, never renamed. Treat one that you do not know by its status.'),
    message: z.string().describe('What went wrong, for developers.'),
    retryable: z.boolean().describe('Whether the same request may succeed later.'),
    traceId: z.string().describe('Names the request in the log.').optional(),
    context: z.record(z.string(), z.unknown()).describe('What the code is about, such as `issues` of an invalid request.').optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' })

/** The answers of an operation by their status. */
export function responsesOf(operation: Operation): ZodOpenApiResponsesObject {
  return { ...successOf(operation), ...errorsOf(operation) }
}

function successOf(operation: Operation): ZodOpenApiResponsesObject {
  const { answer, method, creates } = operation
  const replayed: Headers = keepsAnswers(operation) ? { 'Idempotency-Replayed': headerOf('Idempotency-Replayed') } : {}
  const others = Object.fromEntries((operation.alsoAs ?? []).map((type) => [type, { schema: { type: 'string' as const } }]))
  const json = (schema: z.ZodType) => (method === 'head' ? {} : { content: { 'application/json': { schema }, ...others } })
  switch (answer.kind) {
    case 'page':
      return {
        200: { description: 'One page of the list.', headers: { Link: headerOf('Link'), ...traced }, ...json(z.array(answer.item)) },
      }
    case 'resource':
      return {
        200: { description: 'What is stored.', headers: { ETag: headerOf('ETag'), ...traced }, ...json(answer.view) },
        ...(creates === true ? { 201: createdOf(answer) } : {}),
        ...(method === 'get' ? { 304: { description: 'The caller has this state already, by `If-None-Match`.' } } : {}),
      }
    case 'created':
      return { 201: createdOf(answer, replayed) }
    case 'result':
      return { 200: { description: 'Done.', headers: { ...replayed, ...traced }, ...json(answer.view) } }
    case 'none':
      return { 204: { description: 'Done; there is nothing to say.', headers: { ...replayed, ...traced } } }
  }
}

const createdOf = ({ view, tellsSecret }: { view: z.ZodType; tellsSecret?: true }, more: Headers = {}): ZodOpenApiResponseObject => ({
  description: 'Created.',
  headers: { Location: headerOf('Location'), ...(tellsSecret === true ? {} : { ETag: headerOf('ETag') }), ...more, ...traced },
  content: { 'application/json': { schema: view } },
})

function errorsOf(operation: Operation): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(errorCodesOf(operation), (code) => errorTable[code].status)
  return Object.fromEntries([...byStatus].toSorted(([a], [b]) => a - b).map(([status, codes]) => [status, problemOf(codes, operation)]))
}

/** Answers that differ in nothing are one component, named after their codes. */
function problemOf(codes: readonly ErrorCode[], { method }: Operation): ZodOpenApiResponseObject {
  const name = `${method === 'head' ? 'Head' : ''}${codes.map((code) => code.slice(0, 1).toUpperCase() + code.slice(1)).join('Or')}`
  const existing = problems.get(name)
  if (existing !== undefined) return existing
  const status = errorTable[codes[0] ?? 'internal'].status
  const retries: Headers = codes.some((code) => errorTable[code].retryable) ? { 'Retry-After': headerOf('Retry-After') } : {}
  const asks: Headers = status === 401 ? { 'WWW-Authenticate': headerOf('WWW-Authenticate') } : {}
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      { type: 'object' as const, properties: { code: { type: 'string' as const, enum: [...codes] } } },
    ],
  }
  const problem: ZodOpenApiResponseObject = {
    id: name,
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].message}`).join(' '),
    headers: { ...asks, ...retries, ...traced },
    ...(method === 'head' ? {} : { content: { 'application/problem+json': { schema } } }),
  }
  problems.set(name, problem)
  return problem
}

const problems = new Map<string, ZodOpenApiResponseObject>()

/** Every code with its status, as a table in markdown. */
export const errorTableMarkdown = (codes: readonly ErrorCode[]): string =>
  ['| code | status | retryable | meaning |', '| --- | --- | --- | --- |', ...codes.map(rowOf)].join('\n')

const rowOf = (code: ErrorCode): string => {
  const { status, retryable, message } = errorTable[code]
  return `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${message} |`
}

/** The codes that some operation of the REST API may answer, in the order of the table. */
export function codesOfAll(operations: readonly Operation[]): readonly ErrorCode[] {
  const codes = new Set(operations.flatMap((operation) => errorCodesOf(operation)))
  return Object.keys(errorTable)
    .filter(isErrorCode)
    .filter((code) => codes.has(code))
}
