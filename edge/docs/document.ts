import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { keepsAnswers, type Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { describeCommon } from './common-members.ts'
import { ComponentNames } from './component-names.ts'
import { examples } from './examples.ts'
import { oauthPaths, securitySchemes } from './oauth-paths.ts'
import { headers, problemSchema, responsesOf } from './responses.ts'
import { tags } from './tags.ts'
import { eventWebhooks } from './webhooks.ts'

/** Under this all paths of the document are. */
export const basePath = '/sapi'

type OpenApiDocument = ReturnType<typeof createDocument>

/**
 * The OpenAPI 3.1 document of the REST API, from the tables that the edge routes and parses by.
 * @param options.guide Markdown for the beginning.
 */
export function apiDocument(options: { version: string; guide: string }): OpenApiDocument {
  const names = ComponentNames.of(operations)
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const [id, operation] of Object.entries<Operation>(operations)) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: operationOf(id, operation, names) }
  }
  const all: ZodOpenApiPathsObject = { ...paths, ...oauthPaths() }
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Ringway REST API',
        version: options.version,
        summary: 'Tenants, users, credentials and everything else that is configured or looked up.',
        description: options.guide,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: basePath, description: 'The deployment that serves this document.' }],
      tags: tagsOf([...Object.values(all), ...Object.values(eventWebhooks())]),
      security: [{ bearer: [] }, { oauth2: ['sapi'] }],
      paths: all,
      webhooks: eventWebhooks(),
      components: { schemas: { Problem: problemSchema }, headers, securitySchemes },
    },
    { override },
  )
  describeMembers(document)
  return document
}

/** Of every parameter and of every object, however deep. */
function describeMembers(value: unknown): void {
  if (Array.isArray(value)) value.forEach(describeMembers)
  else if (isRecord(value)) {
    if (isRecord(value['properties']))
      for (const [name, member] of Object.entries(value['properties'])) if (isRecord(member)) describeCommon(name, member)
    if (typeof value['in'] === 'string' && typeof value['name'] === 'string') describeCommon(value['name'], value)
    Object.values(value).forEach(describeMembers)
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function operationOf(id: string, operation: Operation, names: ComponentNames): ZodOpenApiOperationObject {
  const { tag, summary, params, query, access, service, capability } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: descriptionOf(operation),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      header: requestHeadersOf(operation),
    },
    ...requestBodyOf(id, operation, names),
    responses: responsesOf(operation),
    'x-ringway-access': {
      role: access,
      ...(service === undefined ? {} : { service }),
      ...(capability === undefined ? {} : { capability }),
    },
  }
}

const roleNames = { anonymous: 'anybody with a token', user: 'users', admin: 'admins', 'platform-admin': 'platform admins' } as const

function descriptionOf({ description, access, service, capability }: Operation): string {
  const needs = [
    ...(service === undefined ? [] : [`the service \`${service}\` of the caller's domain`]),
    ...(capability === undefined ? [] : [`the capability \`${capability}\``]),
  ]
  const who = `For ${roleNames[access]}${needs.length === 0 ? '' : `; needs ${needs.join(' and ')}`}.`
  return description === undefined ? who : `${description}\n\n${who}`
}

function requestHeadersOf(operation: Operation): z.ZodObject {
  const { method, answer, errors = [] } = operation
  return z.object({
    ...(keepsAnswers(operation) ? { 'Idempotency-Key': idempotencyKey } : {}),
    ...(errors.includes('preconditionFailed') ? { 'If-Match': ifMatch } : {}),
    ...(method === 'get' && answer.kind === 'resource' ? { 'If-None-Match': ifNoneMatch } : {}),
  })
}

const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .meta({
    description: 'Anything unique, such as a UUID: within 24 hours a repetition is not carried out again and hears the first answer.',
    examples: ['2f1c6e0a-8d0b-4a43-9c39-0c1f6f0a7d11'],
    param: { id: 'Idempotency-Key' },
  })
const ifMatch = z
  .string()
  .optional()
  .meta({
    description: 'The `ETag` of the state that is meant. Where it is not the current one any more, nothing changes: 412.',
    param: { id: 'If-Match' },
  })
const ifNoneMatch = z
  .string()
  .optional()
  .meta({
    description: 'An `ETag` that the caller has; if it is still current, the answer is 304 without a body.',
    param: { id: 'If-None-Match' },
  })

function requestBodyOf(id: string, { method, body }: Operation, names: ComponentNames): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  if (body === undefined) return {}
  const example = bodies.get(id)
  const media = { schema: method === 'patch' ? names.patchOf(id) : body, ...(example === undefined ? {} : { example }) }
  const content = method === 'patch' ? { 'application/merge-patch+json': media, 'application/json': media } : { 'application/json': media }
  return { requestBody: { required: true, content } }
}

const bodies = new Map<string, unknown>(Object.entries(examples))

/** In the order of `tags`; a tag that is not described there comes last. */
function tagsOf(items: readonly ZodOpenApiPathItemObject[]): { name: string; description?: string }[] {
  const used = new Set(items.flatMap((item) => Object.values(item).flatMap((operation: ZodOpenApiOperationObject) => operation.tags ?? [])))
  const described = Object.entries(tags).filter(([name]) => used.has(name))
  const others = [...used].filter((name) => !Object.hasOwn(tags, name))
  return [...described.map(([name, description]) => ({ name, description })), ...others.map((name) => ({ name }))]
}

const override: ZodOpenApiOverride = ({ zodSchema, jsonSchema, io }) => {
  const { def } = zodSchema._zod
  // What is answered may gain members; a client that refuses those breaks.
  if (io === 'output' && def.type === 'object' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  // Every whole number that JSON carries exactly.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  // A flag in a query.
  if (io === 'input' && def.type === 'pipe' && def.in._zod.def.type === 'string' && def.out._zod.def.type === 'boolean')
    jsonSchema.type = 'boolean'
}
