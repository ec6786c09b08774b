import * as fc from 'fast-check'
import { afterEach, beforeAll, expect, it } from 'vitest'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { env } from './testing/api.ts'
import { type Dump, dump, restore } from './testing/database.ts'
import { forgetIsolate } from './testing/forget.ts'
import type { Pool } from './testing/fuzz/from-schema.ts'
import { type FuzzRequest, requestsTo } from './testing/fuzz/requests.ts'
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
const settings = env as unknown as { readonly RINGWAY_FUZZ_SEED?: string; readonly RINGWAY_FUZZ_SECONDS?: string }
const seed = Number(settings.RINGWAY_FUZZ_SEED ?? '') || 20_261_120
const seconds = Number(settings.RINGWAY_FUZZ_SECONDS ?? '') || 25

/** What a refusal may change: notes of what was refused. */
const notes = ['audit_entries', 'login_failures', 'unrecorded_login_failures', 'known_networks']

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
    await fc.assert(property, { seed, numRuns: 1_000_000, plugins: [fc.interruptAfterTimeLimit(budget)] })
    await restore(start)
    forgetIsolate()
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

  constructor(operation: Operation, options: { valid: Sent; row: Row; before: Dump }) {
    this.#operation = operation
    this.#valid = options.valid
    this.#row = options.row
    this.#before = options.before
  }

  async run(request: FuzzRequest): Promise<void> {
    const answer = await this.#ask(request)
    const writes = this.#operation.method !== 'get' && this.#operation.method !== 'head'
    const changed = writes ? await restore(this.#before) : []
    if (changed.length > 0) forgetIsolate()
    const { status, text } = answer
    expect({ status, text, faults: faultsOf(this.#operation, answer) }).toEqual({ status, text, faults: [] })
    expect(status).toBeLessThan(500)
    expect(insidesIn(answer, request)).toEqual([])
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

/** What only the server's own code and storage would say. */
const insides = [
  /D1_\w+/,
  /SQLITE\w*/,
  /drizzle/i,
  /\bat (async )?\S+ \(/,
  /\.[tj]s:\d+/,
  /node_modules/,
  /(Type|Range|Syntax|Reference|Zod)Error/,
  /\b(select|insert into|delete from) /i,
]

function insidesIn({ text }: Answer, { path, body = '' }: FuzzRequest): string[] {
  const sent = `${decodeURIComponent(path.replaceAll('+', ' '))}${body}`
  return insides.flatMap((pattern) => pattern.exec(text)?.[0] ?? []).filter((found) => !sent.includes(found))
}
