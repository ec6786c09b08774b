import { z } from 'zod'
import { mergePatchOf, type Operation, type Operations } from '#shared/protocol/sapi/operation.ts'

/** The schemas of a document by the names that they have in it, and so in clients that are generated from it. */
export class ComponentNames {
  readonly #byName = new Map<string, z.core.$ZodType>()
  readonly #patches = new Map<string, z.ZodObject>()

  /**
   * Names what the operations take and give after the operations: `getUser` gives a `User`, `createUser` takes a
   * `CreateUser`. A schema that has an `id` already keeps it, and one that serves several operations has one name.
   */
  static of(operations: Operations): ComponentNames {
    const names = new ComponentNames()
    // What is read by its id gives the name: `User`, not `OwnUser`.
    const entries = Object.entries(operations).toSorted(([, a], [, b]) => Number(isReadById(b)) - Number(isReadById(a)))
    const each = (kind: Operation['answer']['kind'], name: (id: string, operation: Operation) => string): void => {
      for (const [id, operation] of entries) {
        const { answer } = operation
        if (answer.kind !== kind || answer.kind === 'none') continue
        names.#give(answer.kind === 'page' ? answer.item : answer.view, name(id, operation), kind === 'page' ? 'Summary' : 'Created')
      }
    }
    each('resource', (id) => withoutVerb(id))
    each('created', (id) => withoutVerb(id))
    each('page', (id) => singular(withoutVerb(id)))
    each('result', (id) => `${capital(id)}Result`)
    for (const [id, { method, body }] of entries) {
      if (body === undefined) continue
      if (method !== 'patch') names.#give(body, capital(id))
      else if (body instanceof z.ZodObject) names.#patches.set(id, names.#named(mergePatchOf(body), capital(id)))
    }
    return names
  }

  /** What a merge patch of this operation may say. */
  patchOf(id: string): z.ZodObject {
    const schema = this.#patches.get(id)
    if (schema === undefined) throw new TypeError(`${id} takes no merge patch`)
    return schema
  }

  #give(schema: z.ZodType, name: string, otherwise = 'Body'): void {
    // Only what has members is worth a name of its own.
    if (isNamed(schema) || !(schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion)) return
    this.#named(schema, name, otherwise)
  }

  /** `otherwise`: what is put behind the name where another schema has it. */
  #named<Schema extends z.ZodType>(schema: Schema, wanted: string, otherwise = 'Patch'): Schema {
    const name = this.#byName.has(wanted) ? this.#free(wanted + otherwise) : wanted
    this.#byName.set(name, schema)
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id: name })
    return schema
  }

  #free(name: string): string {
    if (this.#byName.has(name)) throw new TypeError(`Two schemas would be called ${name}; give one of them an id`)
    return name
  }
}

const isReadById = ({ method, params }: Operation): boolean => method === 'get' && params !== undefined

const isNamed = (schema: z.ZodType): boolean => z.globalRegistry.get(schema)?.id !== undefined

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1)

/** `getOwnUser` → `OwnUser`. */
const withoutVerb = (id: string): string => capital(id.replace(/^[a-z]+(?=[A-Z])/, ''))

const singular = (name: string): string => name.replace(/ies$/, 'y').replace(/s$/, '')
