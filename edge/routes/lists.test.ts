import { beforeEach, describe, expect, it } from 'vitest'
import type { CallRecord } from '#shared/protocol/sapi/call-record.ts'
import { userContactSchema } from '#shared/protocol/sapi/contacts.ts'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import { ledgerName } from '#edge/domain/object-names.ts'
import { ledger } from '#edge/services/stubs.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

beforeEach(startAnew)

/** All pages of a list. */
async function pages<Item>(first: string, token: string): Promise<Item[][]> {
  const found: Item[][] = []
  let path: string | undefined = first
  while (path !== undefined) {
    const response = await call(path, { token })
    found.push(await expectJson<Item[]>(response, 200))
    path = nextPage(response.headers.get('link'))
  }
  return found
}

describe('contacts', () => {
  beforeEach(async () => {
    await createDomain('a')
    await createDomain('below', { parent: 'a' })
    for (const username of ['carol', 'alice', 'bob']) await createUser('a', username, { alias: username === 'bob' ? 'Robert Núñez' : '' })
    await createUser('a', 'gone', { disabled: true })
    await createUser('below', 'dora')
    await createUser('default', 'erik')
  })

  it('are the users of the own domain, by name, in pages', async () => {
    const token = await tokenOf('alice@a')
    const found = await pages<Made>('/sapi/contacts?limit=2', token)
    expect(found.map((page) => page.map(({ username }) => username))).toEqual([['alice@a', 'bob@a'], ['carol@a']])
    const [, bob] = found.flat()
    expect(userContactSchema.strict().parse(bob)).toMatchObject({ displayName: 'Robert Núñez' })
  })

  it('are found by part of the name or alias', async () => {
    const token = await tokenOf('alice@a')
    const search = async (q: string) =>
      (await pages<Made>(`/sapi/contacts?q=${encodeURIComponent(q)}`, token)).flat().map(({ username }) => username)
    expect(await search('ROB')).toEqual(['bob@a'])
    expect(await search('NÚÑ')).toEqual(['bob@a'])
    expect(await search('aro')).toEqual(['carol@a'])
    expect(await search('dora')).toEqual([])
    expect(await search('')).toHaveLength(3)
  })

  it('are refused to whom a rule takes them from', async () => {
    await createUser('a', 'held', { capabilities: ['-contacts'] })
    const problem = await expectProblem(await call('/sapi/contacts', { token: await tokenOf('held@a') }), 403, 'forbidden')
    expect(problem['context']).toEqual({ capability: 'contacts' })
  })

  it('need their service', async () => {
    await createDomain('bare', { services: { login: [] } })
    await createUser('bare', 'zoe')
    await expectProblem(await call('/sapi/contacts', { token: await tokenOf('zoe@bare') }), 403, 'serviceNotEnabled')
  })
})

describe('capabilities', () => {
  it("are the domain's services with its rules, and the user's own rules", async () => {
    await createDomain('a', { capabilities: ['+whiteboard', '-call-history'], services: { login: [], callcontrol: [], oauth2client: [] } })
    await createUser('a', 'alice', { capabilities: ['+c2cagent', '-chat'] })
    for (const path of ['/sapi/capabilities', '/sapi/capabilities/', '/wac/sapi/capabilities/']) {
      expect(await expectJson(await call(path, { token: await tokenOf('alice@a') }), 200)).toEqual({
        domain: ['callcontrol', 'credentials', 'login', 'login-token', 'sessions', 'whiteboard'],
        user: ['+c2cagent', '-chat'],
      })
    }
  })
})

describe('call records', () => {
  const record = (domainId: string, endedAt: number): CallRecord => ({
    callId: crypto.randomUUID(),
    roomId: crypto.randomUUID(),
    domainId,
    kind: 'call',
    createdAt: endedAt - 1_000,
    endedAt,
    endReason: 'ended',
    participants: [],
    invites: [],
  })
  const keep = async (entry: CallRecord) => ledger(env, ledgerName(entry.domainId, '2026-11')).record(entry)

  it('are those of one domain and month, newest first, in pages', async () => {
    const [a, b] = [await createDomain('a'), await createDomain('b')]
    await createUser('a', 'boss', { role: 'admin' })
    const records = [1, 2, 3].map((day) => record(a.id, Date.UTC(2026, 10, day)))
    for (const entry of [...records, record(b.id, Date.UTC(2026, 10, 9))]) await keep(entry)
    const token = await tokenOf('boss@a')
    const found = await pages<CallRecord>('/sapi/cdrs?month=2026-11&limit=2', token)
    expect(found).toEqual([[records[2], records[1]], [records[0]]])
    expect((await pages<CallRecord>('/wac/sapi/cdrs?month=2026-11&domain=a', await adminToken())).flat()).toHaveLength(3)
    expect(await expectJson(await call('/sapi/cdrs?month=2026-10', { token }), 200)).toEqual([])
  })

  it.each(['', '?month=2026', '?month=2026-13', '?month=2026-11&limit=0', '?month=2026-11&cursor=x', "?month=2026-11&cursor=1.'"])(
    'are not asked for by "%s"',
    async (query) => {
      await expectProblem(await call(`/sapi/cdrs${query}`, { token: await adminToken() }), 400, 'invalidRequest')
    },
  )
})
