import { z } from 'zod'
import { type ErrorCode, errorTable, isErrorCode } from '#shared/errors/codes.ts'
import { errorCodesOf } from '#shared/protocol/sapi/operation-errors.ts'
import type { Operation } from '#shared/protocol/sapi/operation.ts'

/** What answers must be like, by the declaration of their operation. */

const successStatus = { page: 200, resource: 200, created: 201, result: 200, none: 204 } as const

const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  traceId: z.uuid(),
  context: z.record(z.string(), z.unknown()).optional(),
})

export const isSuccess = ({ answer, creates }: Operation, status: number): boolean =>
  status === successStatus[answer.kind] || (creates === true && status === 201)

/** An answer as it is judged. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
})

/** What is wrong with an answer, whoever has asked; usually nothing. */
export function faultsOf(operation: Operation, answer: Answer): string[] {
  return answer.status < 400 ? faultsOfSuccess(operation, answer) : faultsOfProblem(operation, answer)
}

function faultsOfSuccess(operation: Operation, { status, headers, text }: Answer): string[] {
  const { answer, method, alsoAs = [] } = operation
  const other = alsoAs.some((type) => headers.get('content-type')?.startsWith(type) === true)
  const notModified = status === 304 && method === 'get' && answer.kind === 'resource'
  const missing = (header: string) => (headers.has(header) ? [] : [`no ${header}`])
  if (notModified) return missing('etag')
  return [
    ...(isSuccess(operation, status) ? [] : [`status ${status}`]),
    ...missing('x-trace-id'),
    ...(answer.kind === 'resource' || (answer.kind === 'created' && answer.tellsSecret !== true) ? missing('etag') : []),
    ...(status === 201 ? missing('location') : []),
    ...(method === 'head' || answer.kind === 'none' ? (text === '' ? [] : ['a body']) : other ? [] : faultsOfBody(operation, text)),
  ]
}

/** Undeclared members are faults too: parsing would take them away. */
function faultsOfBody({ answer }: Operation, text: string): string[] {
  if (answer.kind === 'none') return []
  const schema = answer.kind === 'page' ? z.array(answer.item) : answer.view
  const body: unknown = JSON.parse(text)
  const parsed = schema.safeParse(body)
  if (!parsed.success) return [`not as declared: ${z.prettifyError(parsed.error)}`]
  return canonical(parsed.data) === canonical(body) ? [] : [`has members that are not declared: ${text}`]
}

/** The same text for the same value, in whatever order its members are. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )

function faultsOfProblem(operation: Operation, { status, headers, text }: Answer): string[] {
  if (headers.get('content-type') !== 'application/problem+json') return [`content-type ${headers.get('content-type') ?? 'missing'}`]
  if (operation.method === 'head') return text === '' ? [] : ['a body']
  const parsed = problemSchema.safeParse(JSON.parse(text))
  if (!parsed.success) return [`no problem details: ${text}`]
  const { code, traceId, status: said } = parsed.data
  return [
    ...(isErrorCode(code) ? [] : [`unknown code ${code}`]),
    ...(isErrorCode(code) && errorTable[code].status === status && said === status ? [] : [`${code} with status ${status}`]),
    ...(errorCodesOf(operation).some((known) => known === code) ? [] : [`code ${code} is not declared: ${text}`]),
    ...(headers.get('x-trace-id') === traceId ? [] : ['another trace id']),
    ...(status === 401 && !headers.has('www-authenticate') ? ['no www-authenticate'] : []),
  ]
}

/** The code of a refusal, `none` where it is none. Without a body, as `HEAD` has it, any code of the status will do. */
export function codeOf({ text, status }: Answer, expected: ErrorCode): string {
  if (text === '') return errorTable[expected].status === status ? expected : String(status)
  return z
    .looseObject({ code: z.string().default('none') })
    .catch({ code: 'none' })
    .parse(JSON.parse(text)).code
}
