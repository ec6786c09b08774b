import { beforeEach, describe, expect, it } from 'vitest'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, startAnew, tokenOf } from './testing/api.ts'

/** OPS-1: how many users a tenant may have. */

beforeEach(startAnew)

const limited = (users: number) => ({ settings: { quotas: { users } } })
const create = async (domain: string, username: string) =>
  call('/sapi/users', { json: { domain, username, role: 'user' }, token: await adminToken() })
const count = async (domain: string) =>
  (
    await env.DB.prepare('select count(*) as n from users join domains on domains.id = users.domain_id where domains.name = ?')
      .bind(domain)
      .first<{ n: number }>()
  )?.n

describe('a quota of users', () => {
  it('holds for the domain that sets it, and says so', async () => {
    await createDomain('a', limited(2))
    await createUser('a', 'one')
    await createUser('a', 'two')
    const problem = await expectProblem(await create('a', 'three'), 409, 'conflict')
    expect(problem['context']).toEqual({ reason: 'usersQuota', users: 2 })
    expect(await count('a')).toBe(2)
    // Who is removed makes room, and what was refused has left no event.
    const one = await expectJson<{ id: string }[]>(await call('/sapi/users?domain=a', { token: await adminToken() }), 200)
    await call(`/sapi/users/${one[0]?.id}`, { method: 'DELETE', token: await adminToken() })
    await expectJson(await create('a', 'three'), 201)
    const events = await env.DB.prepare(
      `select count(*) as n from outgoing_events where type = 'user.created' and data like '%three@a%'`,
    ).first()
    expect(events).toEqual({ n: 1 })
  })

  it('is shared by all domains under it, which may set lower ones', async () => {
    await createDomain('a', limited(3))
    await createDomain('b', { parent: 'a', ...limited(1) })
    await createDomain('c', { parent: 'b', ...limited(100) })
    await createUser('c', 'one')
    await expectProblem(await create('b', 'two'), 409, 'conflict')
    await expectJson(await create('a', 'two'), 201)
    await expectJson(await create('a', 'three'), 201)
    await expectProblem(await create('a', 'four'), 409, 'conflict')
    await createDomain('elsewhere')
    await expectJson(await create('elsewhere', 'four'), 201)
  })

  it('is kept when many are created at the same moment', async () => {
    await createDomain('a', limited(5))
    const statuses = await Promise.all(Array.from({ length: 12 }, async (_, index) => (await create('a', `u${index}`)).status))
    expect(statuses.filter((status) => status === 201)).toHaveLength(5)
    expect(statuses.filter((status) => status === 409)).toHaveLength(7)
    expect(await count('a')).toBe(5)
  })

  it('is kept when a user moves in', async () => {
    await createDomain('a', limited(1))
    await createDomain('b')
    await createUser('a', 'one')
    const two = await createUser('b', 'two')
    const move = async () => call(`/sapi/users/${two.id}`, { method: 'PATCH', json: { domain: 'a' }, token: await adminToken() })
    await expectProblem(await move(), 409, 'conflict')
    expect(await count('b')).toBe(1)
    expect(await tokenOf('two@b')).toBeDefined()
  })

  it('is kept when a domain moves in with its users', async () => {
    await createDomain('a', limited(2))
    await createUser('a', 'one')
    const { id } = await createDomain('b')
    for (const username of ['two', 'three']) await createUser('b', username)
    const token = await adminToken()
    const move = (parent: string) => call(`/sapi/domains/${id}`, { method: 'PATCH', json: { parent }, token })
    const problem = await expectProblem(await move('a'), 409, 'conflict')
    expect(problem['context']).toEqual({ reason: 'usersQuota', users: 2 })
    await createDomain('roomy', limited(3))
    await expectJson(await move('roomy'), 200)
    await expectJson(await create('b', 'four'), 201)
    await expectProblem(await create('b', 'five'), 409, 'conflict')
  })

  it("is the deployment's where nobody sets another", async () => {
    await createDomain('a')
    const deployment = { RINGWAY_SETTINGS: JSON.stringify(limited(1).settings) }
    const token = await adminToken()
    const create = (username: string) => call('/sapi/users', { json: { domain: 'a', username, role: 'user' }, token, env: deployment })
    await expectJson(await create('one'), 201)
    await expectProblem(await create('two'), 409, 'conflict')
  })
})
