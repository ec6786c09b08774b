import * as fc from 'fast-check'
import { z } from 'zod'

/** Values that a JSON schema (draft 2020-12, as zod writes it) describes, most of them. */

interface JsonSchema {
  readonly $ref?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly propertyNames?: JsonSchema
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/** Texts that something real is called by, so that requests get beyond their parsing. */
export interface Pool {
  readonly texts: readonly string[]
}

export function valuesOf(schema: z.ZodType, pool: Pool): fc.Arbitrary<unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline', cycles: 'ref' }) as JsonSchema
  return new FromSchema(root, pool).of(root, 0)
}

/** Deeper than this, nothing is made any more. */
const maxDepth = 5

class FromSchema {
  readonly #root: JsonSchema
  readonly #pool: Pool

  constructor(root: JsonSchema, pool: Pool) {
    this.#root = root
    this.#pool = pool
  }

  of(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined) return depth > maxDepth ? fc.constant(null) : this.of(this.#referred(schema.$ref), depth + 1)
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices !== undefined) return fc.oneof(...choices.map((choice) => this.of(choice, depth)))
    if (schema.allOf !== undefined)
      return fc.tuple(...schema.allOf.map((part) => this.of(part, depth))).map((parts) => Object.assign({}, ...parts))
    if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type: string) => this.of({ ...schema, type }, depth)))
    return this.#typed(schema, depth)
  }

  #referred(ref: string): JsonSchema {
    const found = ref === '#' ? this.#root : this.#root.$defs?.[ref.replace('#/$defs/', '')]
    if (found === undefined) throw new TypeError(`No ${ref}`)
    return found
  }

  #typed(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    const { type, minimum = -1_000_000, maximum = 9_000_000_000_000_000 } = schema
    switch (type) {
      case 'string':
        return this.#text(schema)
      case 'integer':
        return fc.integer({ min: Math.max(minimum, Number.MIN_SAFE_INTEGER), max: Math.min(maximum, Number.MAX_SAFE_INTEGER) })
      case 'number':
        return fc.oneof(
          fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) }),
          fc.double({ min: minimum, max: maximum, noNaN: true }),
        )
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array':
        return this.#list(schema, depth)
      case 'object':
        return this.#object(schema, depth)
      default:
        return fc.jsonValue({ maxDepth: 3 })
    }
  }

  #text({ format, pattern, minLength = 0, maxLength = 64 }: JsonSchema): fc.Arbitrary<string> {
    const fits = (text: string): boolean => text.length >= minLength && text.length <= maxLength
    const pooled = this.#pool.texts.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...this.#pool.texts) }]
    const made = matching(format, pattern) ?? fc.string({ minLength, maxLength: Math.min(maxLength, 64), unit: 'grapheme' })
    return fc.oneof(...pooled, { weight: 3, arbitrary: made.map((text) => (fits(text) ? text : text.slice(0, maxLength))) })
  }

  #list({ items = {}, minItems = 0, maxItems = 4 }: JsonSchema, depth: number): fc.Arbitrary<unknown[]> {
    if (depth > maxDepth) return fc.constant([])
    return fc.array(this.of(items, depth + 1), { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) })
  }

  #object(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties, propertyNames } = schema
    const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, this.of(field, depth + 1)]))
    const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) })
    if (typeof additionalProperties !== 'object' || depth > maxDepth) return known
    const names = propertyNames === undefined ? fc.string({ maxLength: 16 }) : this.#text({ ...propertyNames })
    return fc
      .tuple(known, fc.dictionary(names, this.of(additionalProperties, depth + 1), { maxKeys: 3 }))
      .map(([own, more]) => ({ ...more, ...own }))
  }
}

/** Of reserved names (RFC 2606), for whatever is fetched. */
const urls = fc
  .tuple(fc.constantFrom('https', 'http', 'wss', 'ftp', 'javascript'), fc.webPath())
  .map(([scheme, path]) => `${scheme}://fuzz.example${path}`)

function matching(format: string | undefined, pattern: string | undefined): fc.Arbitrary<string> | undefined {
  switch (format) {
    case 'email':
      return fc.constantFrom('someone@mail.example', 'a+b@mail.example', 'SOMEONE@MAIL.EXAMPLE')
    case 'uuid':
      return fc.uuid()
    case 'uri':
      return urls
    case 'date-time':
      return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
    case undefined:
    default:
      return pattern === undefined ? undefined : matchingPattern(pattern)
  }
}

function matchingPattern(pattern: string): fc.Arbitrary<string> | undefined {
  // What fast-check cannot make of it, such as look-ahead, is left to other texts.
  try {
    return fc.stringMatching(new RegExp(pattern))
  } catch {
    return undefined
  }
}
