import { hashPassword } from '#edge/auth/password.ts'
import { brokenConstraint } from '#edge/db/d1/constraints.ts'
import { replacePassword } from '#edge/db/d1/credentials.ts'
import { database } from '#edge/db/d1/database.ts'
import { findUser } from '#edge/db/d1/users.ts'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  login,
  type Made,
  requestToken,
  startAnew,
  tokenOf,
  userPassword,
} from './testing/api.ts'

/** What two administrators do at the same moment, each of them rightly. */
let first: Made
let second: Made

const setFirstAdmin = (disabled: 0 | 1) => env.DB.prepare(`update users set disabled = ? where username = 'admin'`).bind(disabled).run()

beforeEach(async () => {
  await setFirstAdmin(0)
  await startAnew()
  await createDomain('hq')
  first = await createUser('hq', 'first', { role: 'platform-admin' })
  second = await createUser('hq', 'second', { role: 'platform-admin' })
  // Only these two are left.
  await setFirstAdmin(1)
})

afterAll(() => setFirstAdmin(0))

const left = async (): Promise<number> =>
  (await env.DB.prepare(`select count(*) as n from users where role = 'platform-admin' and not disabled`).first<number>('n')) ?? 0

describe('the last two platform admins', () => {
  it.each([
    ['demote', { method: 'PATCH', json: { role: 'user' } }],
    ['put out of use', { method: 'PATCH', json: { disabled: true } }],
    ['delete', { method: 'DELETE' }],
  ])('%s each other: one stays', async (_, request) => {
    const [one, two] = await Promise.all([tokenOf('first@hq'), tokenOf('second@hq')])
    const answers = await Promise.all([
      call(`/sapi/users/${second.id}`, { ...request, token: one }),
      call(`/sapi/users/${first.id}`, { ...request, token: two }),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(await left()).toBe(1)
  })

  it("take each other's passwords: one stays", async () => {
    const [one, two] = await Promise.all([tokenOf('first@hq'), tokenOf('second@hq')])
    const passwordOf = async ({ id }: Made, token: string) =>
      (await expectJson<Made[]>(await call(`/sapi/credentials?user=${id}`, { token }), 200))[0]?.id ?? ''
    const [ofFirst, ofSecond] = await Promise.all([passwordOf(first, one), passwordOf(second, two)])
    await env.DB.prepare(`delete from credentials where user_id not in (?, ?)`).bind(first.id, second.id).run()
    const answers = await Promise.all([
      call(`/sapi/credentials/${ofSecond}`, { method: 'DELETE', token: one }),
      call(`/sapi/credentials/${ofFirst}`, { method: 'DELETE', token: two }),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409])
  })
})

describe('a password that a domain admin sets', () => {
  it('is none of a user that has become a platform admin meanwhile', async () => {
    await setFirstAdmin(0)
    const riser = await createUser('hq', 'riser')
    const db = database(env.DB)
    const password = 'known to the domain admin'
    // As the request of the domain admin goes: who the user is, the slow hash, and the write.
    const found = await findUser(db, { userId: riser.id })
    if (found === undefined) throw new TypeError('It was just made')
    const row = {
      ...({ id: crypto.randomUUID(), type: 'basic', domainId: found.domain.id, userId: riser.id, context: {}, data: {} } as const),
      ...{ secretHash: await hashPassword(password), sealedSecret: null, lease: 0, expiresAt: null, revision: 1, createdAt: 0 },
    }
    const promotion = { method: 'PATCH', json: { role: 'platform-admin' }, token: await adminToken() }
    expect((await call(`/sapi/users/${riser.id}`, promotion)).status).toBe(200)
    await expect(replacePassword(db, row, { user: found.user, now: Date.now() })).rejects.toSatisfy(
      (thrown) => brokenConstraint(thrown) === 'revision',
    )
    expect((await requestToken({ grant_type: 'password', username: 'riser@hq', password })).status).toBe(400)
    await login('riser@hq', userPassword)
  })
})

describe('a domain that moves', () => {
  it('does not nest deeper with what is under it', async () => {
    await setFirstAdmin(0)
    const token = await adminToken()
    const chain = async (name: string, length: number): Promise<Made[]> => {
      const made: Made[] = []
      for (let level = 1; level <= length; level += 1)
        made.push(await createDomain(`${name}${level}`, level === 1 ? {} : { parent: `${name}${level - 1}` }))
      return made
    }
    const [top] = await chain('a', 5)
    await chain('b', 4)
    const move = (parent: string) => call(`/sapi/domains/${top?.id}`, { method: 'PATCH', json: { parent }, token })
    await expectProblem(await move('b4'), 409, 'conflict')
    expect((await move('b3')).status).toBe(200)
  })
})
