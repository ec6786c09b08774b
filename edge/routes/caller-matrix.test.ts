import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '#shared/errors/codes.ts'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { type Answer, answerOf, codeOf, faultsOf, isSuccess } from './testing/matrix/answers.ts'
import { type Row, type Sent, urlOf } from './testing/matrix/row.ts'
import { rows } from './testing/matrix/rows.ts'
import { aboutNothing, callerOf, memberRole, refusedTrials, renamed, rightfulToken } from './testing/matrix/trials.ts'
import { createWorld, send, type World } from './testing/matrix/world.ts'
import { changedTables, dump } from './testing/database.ts'

/**
 * Every operation as everybody: its rightful caller, nobody, an expired token, a token of another API, each lesser
 * role, a domain without its service or capability, and another tenant. What each is answered follows from the
 * operation's declaration and its row (testing/matrix).
 */

/** What a refusal may change: notes of what was refused. */
const notes = ['audit_entries', 'login_failures', 'unrecorded_login_failures', 'idempotent_requests']

const table = Object.entries<Operation>(operations).map(([id, operation]) => ({ id, operation, row: rowOf(id) }))

function rowOf(id: string): Row {
  const row = new Map<string, Row>(Object.entries(rows)).get(id)
  if (row === undefined) throw new TypeError(`No row for ${id}`)
  return row
}

let world: World

beforeAll(async () => {
  world = await createWorld()
}, 60_000)

afterEach(() => world.close())

const ask = async ({ method, path }: Operation, sent: Sent, token: string | undefined): Promise<Answer> => {
  const { body, headers = {} } = sent
  const withBody = body === undefined ? {} : { json: body }
  return answerOf(await send(urlOf(path, sent), { method: method.toUpperCase(), token, headers: { ...headers }, ...withBody }))
}

/** Without what is another with each request. */
const withoutTrace = (text: string): string => text.replace(/,?"traceId":"[^"]+"/, '')

describe.each(table)('$id', ({ operation, row }) => {
  it('serves its rightful caller, as declared', async () => {
    const sent = await row.request(world)
    const answer = await ask(operation, sent, rightfulToken(world, operation, row, sent))
    expect({ ...answer, faults: faultsOf(operation, answer) }).toEqual({ ...answer, faults: [] })
    if (row.refusal === undefined) expectSuccess(operation, answer)
    else expect(codeOf(answer, row.refusal)).toBe(row.refusal)
  })

  it('refuses whoever may not call it, and changes nothing', async () => {
    const sent = await row.request(world)
    const before = await dump()
    for (const { who, token, refusal } of await refusedTrials(world, { operation, row })) {
      const answer = await ask(operation, sent, token)
      const code = answer.status < 400 ? answer.text : codeOf(answer, refusal)
      const expected = { who, status: errorTable[refusal].status, code: refusal, faults: [] }
      expect({ who, status: answer.status, code, faults: faultsOf(operation, answer) }).toEqual(expected)
    }
    expect(changedTables(before, await dump(), { except: notes })).toEqual([])
  })

  it('tells another tenant nothing, not even what exists', async () => {
    const all = [await row.request(world), ...((await row.foreign?.(world)) ?? [])]
    for (const role of new Set([memberRole(callerOf(operation, row)), 'admin'] as const)) {
      for (const sent of all) await expectNothingTold(operation, row, { sent, token: world.foreign.parties[role].token })
    }
  })
})

async function expectNothingTold(operation: Operation, row: Row, { sent, token }: { sent: Sent; token: string }): Promise<void> {
  const before = await dump()
  const answer = await ask(operation, sent, token)
  expect(faultsOf(operation, answer)).toEqual([])
  for (const secret of secretsOf(world)) if (!JSON.stringify(sent).includes(secret)) expect(answer.text).not.toContain(secret)
  const { foreignAnswers = [] } = row
  const unknown = aboutNothing(sent, world)
  if (unknown === undefined) {
    // It is about the caller's own, if anything.
    if (!foreignAnswers.some((code) => codeOf(answer, code) === code)) expectSuccess(operation, answer)
    return
  }
  const compared = await ask(operation, unknown.sent, token)
  const told = { sent, status: answer.status, text: withoutTrace(renamed(answer.text, unknown.names)) }
  expect(told).toEqual({ sent, status: compared.status, text: withoutTrace(compared.text) })
  // A list may be as empty by what belongs to somebody else as by what is not there.
  if (operation.answer.kind === 'page' && answer.status < 400) return
  expect(['notFound', ...foreignAnswers]).toContain(codeOf(answer, 'notFound'))
  expect(changedTables(before, await dump(), { except: notes })).toEqual([])
}

const expectSuccess = (operation: Operation, answer: Answer): void =>
  expect({ ...answer, ok: isSuccess(operation, answer.status) }).toEqual({ ...answer, ok: true })

const secretsOf = ({ home }: World): readonly string[] => [home.id, home.domain, ...Object.values(home.parties).map(({ id }) => id)]
