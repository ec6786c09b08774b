import { beforeAll, expect, it } from 'vitest'
import type { Operation } from '#shared/protocol/sapi/operation.ts'
import { operations } from '#shared/protocol/sapi/operations.ts'
import { adminToken, expectJson, type Made } from './testing/api.ts'
import { dump } from './testing/database.ts'
import { type Row, urlOf } from './testing/matrix/row.ts'
import { rows } from './testing/matrix/rows.ts'
import { rightfulToken } from './testing/matrix/trials.ts'
import { createWorld, send, type World } from './testing/matrix/world.ts'

/**
 * What becomes of everything that can be made when users and domains go. The rows of the caller matrix make
 * one of each thing, so a new resource is looked at without being named here.
 */
let world: World

/** Columns that name a row of another table, by their names; those that are foreign keys are held by the database. */
const references: Readonly<Record<string, string>> = {
  user_id: 'users',
  owner_id: 'users',
  domain_id: 'domains',
  group_id: 'groups',
  meeting_id: 'meetings',
  credential_id: 'credentials',
}

/** Tables that remember what is gone, on purpose and for a time. */
const memories = [
  // Tokens of users that are gone are refused until they expire by themselves.
  'revocations',
  // The removal of a domain is an event too.
  'outgoing_events',
]

beforeAll(async () => {
  world = await createWorld()
  const byId = new Map<string, Row>(Object.entries(rows))
  for (const [id, operation] of Object.entries<Operation>(operations)) {
    const row = byId.get(id)
    if (row === undefined) throw new TypeError(`No row for ${id}`)
    const sent = await row.request(world)
    if (operation.answer.kind !== 'created') continue
    const answer = await send(urlOf(operation.path, sent), {
      method: 'POST',
      token: rightfulToken(world, operation, row, sent),
      json: sent.body,
    })
    expect({ id, status: answer.status, text: await answer.text() }).toMatchObject({ id, status: 201 })
  }
  const settings = { method: 'PUT', token: world.home.parties.user.token, json: { theme: 'dark' } }
  await expectJson(await send('/sapi/settings', settings), 200)
}, 120_000)

/** Rows whose user, domain, group or whatever they name does not exist, by table. */
async function orphans(): Promise<Record<string, unknown[]>> {
  const tables = await dump()
  const ids = Object.fromEntries(
    [...new Set(Object.values(references))].map((table) => [table, new Set((tables[table] ?? []).map(({ id }) => id))]),
  )
  // Visitors and clients are nobody's rows; their logins say so themselves.
  const isNobody = (value: unknown): boolean => typeof value === 'string' && /^(anonymous|client)-/.test(value)
  const found = Object.entries(tables).flatMap(([name, content]) => {
    if (memories.includes(name)) return []
    const bad = content.filter((row) =>
      Object.entries(references).some(
        ([column, table]) =>
          row[column] !== undefined && row[column] !== null && !isNobody(row[column]) && ids[table]?.has(row[column]) !== true,
      ),
    )
    return bad.length === 0 ? [] : [[name, bad]]
  })
  return Object.fromEntries(found)
}

it('a world of one of each thing has no orphans, and leaves no table empty that a resource fills', async () => {
  expect(await orphans()).toEqual({})
  const tables = await dump()
  for (const name of ['contacts', 'credentials', 'groups', 'meetings', 'oauth_providers', 'sip_mappings', 'user_settings', 'webhooks'])
    expect({ name, rows: tables[name]?.length ?? 0 }).not.toMatchObject({ rows: 0 })
})

it('users that go take what is theirs along', async () => {
  const token = await adminToken()
  const users = await expectJson<Made[]>(await send(`/sapi/users?domain=${world.home.domain}&limit=200`, { token }), 200)
  for (const { id } of users.slice(0, Math.ceil(users.length / 2))) {
    await expectJson(await send(`/sapi/users/${id}`, { method: 'DELETE', token }), 200)
    expect(await orphans()).toEqual({})
  }
})

it('a domain that goes takes all of it along, and nothing of others', async () => {
  const token = await adminToken()
  const before = await dump()
  await expectJson(await send(`/sapi/domains/${world.home.id}?cascade=true`, { method: 'DELETE', token }), 200)
  expect(await orphans()).toEqual({})
  const after = await dump()
  const text = JSON.stringify(Object.entries(after).filter(([name]) => !memories.includes(name)))
  expect(text).not.toContain(world.home.id)
  for (const domain of [world.foreign, world.bare, world.pruned]) {
    const of = (content: typeof before) =>
      Object.values(content).flatMap((content) => content.filter((row) => row['domain_id'] === domain.id)).length
    expect(of(after)).toBe(of(before))
  }
}, 60_000)
