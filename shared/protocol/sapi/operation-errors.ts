import type { ErrorCode } from '#shared/errors/codes.ts'
import type { Operation } from './operation.ts'

/** What any request may be answered. */
const common: readonly ErrorCode[] = [
  'unauthenticated',
  'tokenExpired',
  'tokenRevoked',
  'insufficientScope',
  'rateLimited',
  'uriTooLong',
  'headersTooLarge',
  'payloadTooLarge',
  'internal',
  'unavailable',
]

/** Every code that an operation may answer: those that follow from its declaration, and its own. */
export function errorCodesOf(operation: Operation): readonly ErrorCode[] {
  const { access, service, capability, params, query, body, method, errors = [] } = operation
  const takes = (condition: boolean, ...codes: ErrorCode[]): ErrorCode[] => (condition ? codes : [])
  return [
    ...new Set([
      ...common,
      ...takes(access !== 'anonymous' || capability !== undefined, 'forbidden'),
      ...takes(service !== undefined, 'serviceNotEnabled'),
      ...takes(params !== undefined, 'notFound'),
      ...takes(query !== undefined || body !== undefined || method === 'post', 'invalidRequest'),
      ...takes(body !== undefined, 'malformedMessage', 'requestTimeout'),
      ...takes(method === 'post', 'idempotencyKeyReused', 'idempotencyInProgress'),
      ...errors,
    ]),
  ]
}
