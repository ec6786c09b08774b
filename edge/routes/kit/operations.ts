import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { keepsAnswers, type Operation, type Operations } from '#shared/protocol/sapi/operation.ts'
import { assertNever } from '#shared/result/result.ts'
import { hasRole } from '#edge/domain/identity/access.ts'
import type { Identity } from '#edge/domain/identity.ts'
import type { Change } from '#edge/services/change.ts'
import type { PageOf } from '#edge/services/page.ts'
import { requireCapability, requireService } from '#edge/services/requirements.ts'
import type { Scope } from '#edge/services/scope.ts'
import type { IdentifiedContext, IdentifiedEnv } from './app-env.ts'
import { audited } from './audited.ts'
import { limitedText, parsed, parsedJson, query } from './body.ts'
import { patched, patchSchema, replacement } from './changes.ts'
import { checkIfMatch, etagOf, isKnown } from './etag.ts'
import { once } from './idempotency.ts'
import { listResponse } from './list.ts'
import { scopeOf } from './scope.ts'

type Parsed<Table, Part extends string> = Table extends Record<Part, infer Schema extends z.ZodType> ? z.output<Schema> : undefined

type ViewOf<Of> = Of extends { answer: { view: infer View extends z.ZodType } } ? z.output<View> : unknown

type ChangeOf<Of> = Of extends { method: 'put' | 'patch'; body: infer Body extends z.ZodType }
  ? Change<ViewOf<Of>, z.output<Body>>
  : undefined

/** What a handler is given: everything parsed, and the caller as its token says. */
export interface OperationRequest<Of extends Operation> {
  readonly scope: Scope
  readonly actor: Identity
  readonly params: Parsed<Of, 'params'>
  readonly query: Parsed<Of, 'query'>
  /** Of a `POST`, or of a `PUT` that must be read to know what it replaces. */
  readonly body: Of['method'] extends 'post' | 'put' ? Parsed<Of, 'body'> : undefined
  /** Of a `PUT` or `PATCH`. */
  readonly change: ChangeOf<Of>
  /** For a `DELETE`: refuses where the caller's `If-Match` is not about this view. @throws AppError `preconditionFailed`. */
  readonly expect: (current: unknown) => Promise<void>
  /** The request itself, for what few operations need of it. */
  readonly raw: Request
}

type OutcomeOf<Of extends Operation> = Of['answer'] extends { kind: 'page'; item: infer Item extends z.ZodType }
  ? PageOf<z.output<Item>> | Response
  : Of['answer'] extends { view: infer View extends z.ZodType }
    ? z.output<View> | Response
    : void

/** A `Response` is the answer itself: another representation than the declared one, or another status. */
export type Handlers<Table extends Operations> = {
  readonly [Id in keyof Table]: (request: OperationRequest<Table[Id]>) => Promise<OutcomeOf<Table[Id]>>
}

/**
 * Routes a table of operations to their handlers. All that the declarations say happens here and nowhere
 * else: least role, service, capability, parsing, validators, idempotency, status and headers.
 */
export function implement<const Table extends Operations>(operations: Table, handlers: Handlers<Table>): Hono<IdentifiedEnv> {
  const router = new Hono<IdentifiedEnv>()
  for (const [id, operation] of Object.entries(operations)) {
    const handler = handlers[id]
    if (handler === undefined) throw new TypeError(`No handler for ${id}`)
    // Hono answers HEAD by the route of GET.
    const method = operation.method === 'head' ? 'GET' : operation.method.toUpperCase()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The table relates each handler to its own operation; a loop over it cannot say so.
    router.on(method, operation.path, (c) => serve(c, { id, operation }, handler as Handlers<Operations>[string]))
  }
  return router
}

async function serve(
  c: IdentifiedContext,
  { id, operation }: { id: string; operation: Operation },
  handler: Handlers<Operations>[string],
): Promise<Response> {
  if (operation.method === 'head' && c.req.raw.method !== 'HEAD') throw new AppError('unsupportedMethod', { context: { allow: 'HEAD' } })
  await admit(c, operation)
  const text = operation.body === undefined ? '' : await limitedText(c.req.raw)
  const carryOut = async () => answer(c, operation, await asExpected(c, async () => handler(requestOf(c, operation, text))))
  const run = changes(operation) ? () => audited(c, { actor: c.var.identity, operation: id }, carryOut) : carryOut
  return keepsAnswers(operation) ? once(c, text, run) : run()
}

const changes = ({ method, reads }: Operation): boolean => method !== 'get' && method !== 'head' && reads !== true

/** To a caller that said which state it changes, another change in between is a failed precondition. */
async function asExpected(c: IdentifiedContext, run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run()
  } catch (thrown) {
    const { code, context } = AppError.from(thrown)
    const overtaken = code === 'conflict' && context['reason'] === 'changedMeanwhile'
    throw overtaken && c.req.header('if-match') !== undefined ? new AppError('preconditionFailed', { cause: thrown }) : thrown
  }
}

async function admit(c: IdentifiedContext, { access, service, capability }: Operation): Promise<void> {
  const { identity } = c.var
  if (!hasRole(identity, access)) throw new AppError('forbidden')
  if (service !== undefined) await requireService(c.env, identity, service)
  if (capability !== undefined) await requireCapability(c.env, identity, capability)
}

function requestOf(c: IdentifiedContext, operation: Operation, text: string): OperationRequest<Operation> {
  const ifMatch = c.req.header('if-match')
  const request = {
    scope: scopeOf(c),
    actor: c.var.identity,
    params: operation.params === undefined ? undefined : notFoundUnless(operation.params, c.req.param()),
    query: operation.query === undefined ? undefined : query(c.req.url, operation.query),
    ...contentOf(operation, text, ifMatch),
    expect: (current: unknown) => checkIfMatch(ifMatch, current),
    raw: c.req.raw,
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Of an operation in general nothing is known; each handler is typed by its own.
  return request as OperationRequest<Operation>
}

function contentOf({ method, body }: Operation, text: string, ifMatch: string | undefined) {
  if (body === undefined) return { body: undefined, change: undefined }
  switch (method) {
    case 'put': {
      const replacing = parsedJson(body, text)
      return { body: replacing, change: replacement(replacing, ifMatch) }
    }
    case 'patch':
      if (!(body instanceof z.ZodObject)) throw new TypeError('Only objects are patched')
      return { body: undefined, change: patched(body, parsedJson(patchSchema, text), ifMatch) }
    default:
      return { body: parsedJson(body, text), change: undefined }
  }
}

/** What cannot be an id names nothing. */
function notFoundUnless(schema: z.ZodObject, value: unknown): unknown {
  if (!schema.safeParse(value).success) throw new AppError('notFound')
  return parsed(schema, value)
}

async function answer(c: IdentifiedContext, { answer: declared, path }: Operation, outcome: unknown): Promise<Response> {
  if (outcome instanceof Response) return outcome
  switch (declared.kind) {
    case 'none':
      return c.body(null, 204)
    case 'page':
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- As above.
      return listResponse(c, outcome as PageOf<unknown>)
    case 'result':
      return c.json(outcome)
    case 'resource': {
      const etag = await etagOf(outcome)
      c.header('etag', etag)
      if (c.req.method === 'GET' && isKnown(c.req.header('if-none-match'), etag)) return c.body(null, 304)
      return c.json(outcome)
    }
    case 'created': {
      const { id } = createdSchema.parse(outcome)
      if (declared.tellsSecret !== true) c.header('etag', await etagOf(outcome))
      return c.json(outcome, 201, { location: `/sapi${path}/${id}` })
    }
    default:
      return assertNever(declared)
  }
}

const createdSchema = z.looseObject({ id: z.string() })
