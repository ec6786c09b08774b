import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorTable } from '#shared/errors/codes.ts'
import { errorCodesOf } from '#shared/protocol/sapi/operation-errors.ts'
import { grantTypes } from '#shared/protocol/sapi/oauth.ts'
import { keepsAnswers, mergePatchOf, type Operation } from '#shared/protocol/sapi/operation.ts'
import { type OperationId, operations } from '#shared/protocol/sapi/operations.ts'
import { basePath } from './document.ts'
import { examples } from './examples.ts'
import { documentationFiles, documentFile } from './plugin.ts'

const operationSchema = z.looseObject({
  operationId: z.string(),
  description: z.string().optional(),
  parameters: z.array(z.looseObject({})).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.looseObject({ $ref: z.string().optional() })),
})
const documentSchema = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ description: z.string() }),
  servers: z.tuple([z.looseObject({ url: z.string() })]),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  webhooks: z.record(z.string(), z.unknown()),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional(), description: z.string() })),
  }),
})

/** As it is served. */
const text = String(documentationFiles()[documentFile])
const document = documentSchema.parse(JSON.parse(text))
const table: readonly [string, Operation][] = Object.entries(operations)
const documented = new Map(
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [operation.operationId, { path, method, ...operation }] as const),
  ),
)

describe('the OpenAPI document', () => {
  it('is valid by the official schema of OpenAPI 3.1, and every reference leads somewhere', async () => {
    const validator = new Validator()
    expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    expect(() => validator.resolveRefs()).not.toThrow()
  })

  it('has every operation of the tables where it is routed, and beside them only those of OAuth', () => {
    const ours = [...documented].filter(([, { path }]) => !path.startsWith('/o/'))
    expect(ours.map(([id]) => id).toSorted()).toEqual(table.map(([id]) => id).toSorted())
    expect(document.servers[0].url).toBe(basePath)
    for (const [id, { method, path }] of table) {
      expect(documented.get(id)).toMatchObject({ method, path: path.replaceAll(/:(\w+)/g, '{$1}') })
    }
  })

  it.each(table)('tells the parameters, headers and content types of %s', (id, operation) => {
    const { parameters = [], requestBody } = documented.get(id) ?? {}
    const headers = parameters.map(({ $ref }) => $ref).filter((ref) => ref !== undefined)
    expect(headers.includes('#/components/parameters/Idempotency-Key')).toBe(keepsAnswers(operation))
    expect(headers.includes('#/components/parameters/If-Match')).toBe(operation.errors?.includes('preconditionFailed') === true)
    const names = (place: string) => parameters.filter((parameter) => parameter['in'] === place).map(({ name }) => name)
    expect(names('path')).toEqual([...operation.path.matchAll(/:(\w+)/g)].map(([, name]) => name))
    expect(names('query')).toEqual(Object.keys(operation.query?.shape ?? {}))
    const types =
      operation.body === undefined
        ? []
        : operation.method === 'patch'
          ? ['application/merge-patch+json', 'application/json']
          : ['application/json']
    expect(Object.keys(requestBody?.content ?? {})).toEqual(types)
  })

  it.each(table)('lists the codes of every error that %s may answer', (id, operation) => {
    const { responses = {} } = documented.get(id) ?? {}
    for (const code of errorCodesOf(operation)) {
      const name = responses[errorTable[code].status]?.$ref?.split('/').at(-1) ?? ''
      expect(document.components.responses[name]?.description).toContain(`\`${code}\`: ${errorTable[code].message}`)
    }
  })

  it('says what each of its tags is about', () => {
    const used = new Set([...table.map(([, { tag }]) => tag), 'OAuth', 'Events'])
    expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...used].toSorted())
    for (const { description } of document.tags) expect(description).toMatch(/^[A-Z`].+\.$/)
  })

  it('promises no closed objects in answers, so that they may gain members', () => {
    expect(JSON.stringify(document.components.schemas['User'])).not.toContain('additionalProperties')
  })

  it('explains every code that it lists, tokens, paging, patches, validators, idempotency and webhooks', () => {
    const { description } = document.info
    for (const code of new Set(table.flatMap(([, operation]) => errorCodesOf(operation)))) expect(description).toContain(`| \`${code}\``)
    for (const word of ['grant_type', 'rel="next"', 'merge patch', 'If-Match', 'Idempotency-Key', 'webhook-signature', ...grantTypes]) {
      expect(description).toContain(word)
    }
  })
})

describe('the examples', () => {
  const bodies = table.filter((entry): entry is [OperationId, Operation & { body: z.ZodObject }] => entry[1].body !== undefined)
  const byId = new Map<string, unknown>(Object.entries(examples))

  it.each(bodies)('of %s is what its schema takes', (id, { method, body }) => {
    const schema = method === 'patch' ? mergePatchOf(body) : body
    expect(schema.safeParse(byId.get(id))).toMatchObject({ success: true })
  })
})
