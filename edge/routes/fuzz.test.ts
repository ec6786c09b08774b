import * as fc from 'fast-check'
import { afterEach, beforeAll, expect, it } from 'vitest'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { notes, seconds, seed } from './testing/fuzz/settings.ts'
import { type Dump, dump, restore } from './testing/database.ts'
import { forgetIsolate } from './testing/forget.ts'
import type { Pool } from './testing/fuzz/from-schema.ts'
import { insidesIn } from './testing/fuzz/insides.ts'
import { type FuzzRequest, requestsTo, validRequestTo } from './testing/fuzz/requests.ts'
import { type Answer, answerOf, faultsOf } from './testing/matrix/answers.ts'
import type { Row, Sent } from './testing/matrix/row.ts'
import { rows } from './testing/matrix/rows.ts'
import { rightfulToken } from './testing/matrix/trials.ts'
import { createWorld, send, type World } from './testing/matrix/world.ts'

/**
 * Requests made from each operation's schema, valid, almost valid and garbage, by callers of every kind: none makes the
 * server fail or tell of its insides, what is refused changes nothing, and what succeeds answers as declared.
 *
 * A failure prints its seed and the smallest request that fails: `RINGWAY_FUZZ_SEED=… npx vitest run edge/routes/fuzz.test.ts`
 * repeats it. `RINGWAY_FUZZ_SECONDS=600` tries for longer than what fits into every run of the tests.
 */
const table = Object.entries<Operation>(operations)
const budget = (seconds * 1_000) / table.length
const rowOf = new Map<string, Row>(Object.entries(rows))

let world: World
let start: Dump

beforeAll(async () => {
  world = await createWorld()
  start = await dump()
}, 60_000)

afterEach(() => world.close())

it.each(table)(
  '%s',
  async (id, operation) => {
    const row = rowOf.get(id)
    if (row === undefined) throw new TypeError(`No row for ${id}`)
    const valid = await row.request(world)
    const trial = new Trial(operation, { valid, row, before: await dump() })
    const requests = requestsTo(operation, { valid, pool: poolOf(valid) })
    const property = fc.asyncProperty(requests, (request) => trial.run(request))
    const examples: [FuzzRequest][] = [[validRequestTo(operation, valid)]]
    await fc.assert(property, { examples, seed, numRuns: 1_000_000, plugins: [fc.interruptAfterTimeLimit(budget)] })
    await restore(start)
    forgetIsolate()
    // Where everything is refused, nothing was tried.
    if (row.refusal === undefined) expect(trial.successes).toBeGreaterThan(0)
  },
  60_000 + budget * 4,
)

const poolOf = ({ params = {} }: Sent): Pool => {
  const { home, foreign } = world
  const parties = [...Object.values(home.parties), ...Object.values(foreign.parties)]
  return {
    texts: [
      ...Object.values(params),
      ...parties.flatMap(({ id, username }) => [id, `wac-user:${id}`, username]),
      home.domain,
      foreign.domain,
      home.id,
    ],
  }
}

/** Tries requests to one operation, each from the same state. */
class Trial {
  readonly #operation: Operation
  readonly #valid: Sent
  readonly #row: Row
  readonly #before: Dump
  #successes = 0

  constructor(operation: Operation, options: { valid: Sent; row: Row; before: Dump }) {
    this.#operation = operation
    this.#valid = options.valid
    this.#row = options.row
    this.#before = options.before
  }

  get successes(): number {
    return this.#successes
  }

  async run(request: FuzzRequest): Promise<void> {
    const answer = await this.#ask(request)
    const writes = this.#operation.method !== 'get' && this.#operation.method !== 'head'
    const changed = writes ? await restore(this.#before) : []
    if (changed.length > 0) forgetIsolate()
    const { status, text } = answer
    expect({ status, text, faults: faultsOf(this.#operation, answer) }).toEqual({ status, text, faults: [] })
    expect(status).toBeLessThan(500)
    expect(insidesIn(text, `${request.path}${request.body ?? ''}`)).toEqual([])
    if (status < 400) this.#successes += 1
    if (status >= 400) expect({ text, changed: changed.filter((name) => !notes.includes(name)) }).toEqual({ text, changed: [] })
  }

  async #ask({ caller, path, headers, body }: FuzzRequest): Promise<Answer> {
    const token = this.#tokenOf(caller)
    const sent = body === undefined ? {} : { body }
    return answerOf(await send(path, { method: this.#operation.method.toUpperCase(), token, headers: { ...headers }, ...sent }))
  }

  #tokenOf(caller: FuzzRequest['caller']): string | undefined {
    switch (caller) {
      case 'nobody':
        return undefined
      case 'rightful':
        return rightfulToken(world, this.#operation, this.#row, this.#valid)
      case 'platform-admin':
        return world.platformAdmin.token
      default:
        return world.home.parties[caller].token
    }
  }
}
