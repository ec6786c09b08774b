import { beforeEach, describe, expect, it } from 'vitest'
import { userContactSchema } from '#shared/protocol/sapi/contacts.ts'
import { call, createDomain, createUser, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'
import { pages } from './testing/pages.ts'

beforeEach(startAnew)

describe('the users of the own domain', () => {
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
