import { beforeEach, describe, expect, it } from 'vitest'
import type { Contact, EntryView } from '#shared/protocol/sapi/contacts.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, tokenOf } from './testing/api.ts'
import { add, createGroup, gatherAcquaintances, nameOf } from './testing/contacts.ts'
import { pages } from './testing/pages.ts'

let domain: Made
let alice: string
let bob: string
let boss: string

beforeEach(async () => {
  ;({ domain, alice, bob, boss } = await gatherAcquaintances())
})

const names = async (token: string, query = ''): Promise<string[]> =>
  (await pages<Contact>(`/sapi/contacts${query}`, token)).flat().map(nameOf)

const idOf = async (token: string): Promise<string> => (await expectJson<Made>(await call('/sapi/users/me', { token }), 200)).id

const full = {
  name: 'Zoë Núñez',
  phones: ['+34 (986) 11-22'],
  emails: ['zoe@acme.example'],
  username: 'Zoe@Acme.example',
  company: 'Acme',
  note: 'After ten',
  favourite: true,
  externalId: 'crm-1',
}

describe('a private entry', () => {
  it('is what was sent, with defaults for the rest, for its user alone', async () => {
    const response = await call('/sapi/contacts', { json: full, token: alice })
    const entry = await expectJson<EntryView>(response, 201)
    expect(response.headers.get('location')).toBe(`/sapi/contacts/${entry.id}`)
    const times = { created: expect.any(Number), changed: expect.any(Number) }
    expect(entry).toEqual({ ...full, ...times, username: 'zoe@acme.example', id: entry.id, kind: 'private', group: null })
    expect(await add(alice, { name: 'Yan' })).toMatchObject({
      ...{ phones: [], emails: [], username: '', company: '', note: '', favourite: false, externalId: null },
    })
    for (const token of [bob, boss, await adminToken()]) {
      for (const request of [{}, { method: 'PUT', json: full }, { method: 'PATCH', json: { name: 'x' } }, { method: 'DELETE' }]) {
        await expectProblem(await call(`/sapi/contacts/${entry.id}`, { ...request, token }), 404, 'notFound')
      }
      expect(await names(token)).not.toContain('Zoë Núñez')
    }
    expect(await expectJson(await call(`/sapi/contacts/${entry.id}`, { token: alice }), 200)).toEqual(entry)
  })

  it('is replaced, changed and removed', async () => {
    const { id } = await add(alice, full)
    const put = await expectJson(await call(`/sapi/contacts/${id}`, { method: 'PUT', json: { name: 'Zed' }, token: alice }), 200)
    expect(put).toMatchObject({ name: 'Zed', phones: [], externalId: null, favourite: false })
    const changed = await call(`/sapi/contacts/${id}`, { method: 'PATCH', json: { note: 'x', favourite: true }, token: alice })
    expect(await expectJson(changed, 200)).toMatchObject({ name: 'Zed', note: 'x', favourite: true })
    const headers = { 'if-match': '"another"' }
    await expectProblem(await call(`/sapi/contacts/${id}`, { method: 'DELETE', headers, token: alice }), 412, 'preconditionFailed')
    expect((await call(`/sapi/contacts/${id}`, { method: 'DELETE', token: alice })).status).toBe(204)
    await expectProblem(await call(`/sapi/contacts/${id}`, { token: alice }), 404, 'notFound')
    await expectProblem(await call(`/sapi/contacts/${id}`, { method: 'DELETE', token: alice }), 404, 'notFound')
    expect(await env.DB.prepare('select name, phones, search from contacts where id = ?').bind(id).first()).toEqual({
      ...{ name: '', phones: '[]', search: '' },
    })
  })

  it('stays in its book', async () => {
    const { id } = await add(alice, full)
    for (const json of [{ kind: 'shared' }, { group: 'other' }]) {
      const problem = await expectProblem(await call(`/sapi/contacts/${id}`, { method: 'PATCH', json, token: alice }), 409, 'conflict')
      expect(problem['context']).toEqual({ immutable: Object.keys(json)[0] })
    }
  })

  it('is refused to whom a rule keeps from creating contacts', async () => {
    await createUser('a', 'held', { capabilities: ['-create-contacts'] })
    const token = await tokenOf('held@a')
    const problem = await expectProblem(await call('/sapi/contacts', { json: full, token }), 403, 'forbidden')
    expect(problem['context']).toEqual({ capability: 'create-contacts' })
  })

  it.each([
    {},
    { name: ' ' },
    { name: 'x', phones: ['call me'] },
    { name: 'x', emails: ['x'] },
    { name: 'x', username: 'a b' },
    { name: 'x', kind: 'user' },
    { name: 'x', kind: 'group' },
    { name: 'x', kind: 'shared', favourite: true },
  ])('is not made of %j', async (json) => {
    await expectProblem(await call('/sapi/contacts', { json, token: boss }), 400, 'invalidRequest')
  })

  it('goes with its user', async () => {
    await add(alice, full)
    await expectJson(await call(`/sapi/users/${await idOf(alice)}`, { method: 'DELETE', token: boss }), 200)
    expect(await env.DB.prepare('select count(*) as n from contacts').first('n')).toBe(0)
  })
})

describe('a shared entry', () => {
  it('is read by all users of the domain, and written by admins and whom a rule trusts with it', async () => {
    await createUser('a', 'editor', { capabilities: ['+create-contacts'] })
    const editor = await tokenOf('editor@a')
    const problem = await expectProblem(await call('/sapi/contacts', { json: { kind: 'shared', name: 'x' }, token: bob }), 403, 'forbidden')
    expect(problem['context']).toEqual({ capability: 'create-contacts' })
    for (const token of [boss, editor]) {
      const { id } = await add(token, { kind: 'shared', name: 'Reception' })
      expect(await expectJson(await call(`/sapi/contacts/${id}`, { token: bob }), 200)).toMatchObject({ name: 'Reception', kind: 'shared' })
      for (const request of [{ method: 'PUT', json: { name: 'x' } }, { method: 'DELETE' }]) {
        await expectProblem(await call(`/sapi/contacts/${id}`, { ...request, token: bob }), 403, 'forbidden')
      }
      expect((await call(`/sapi/contacts/${id}`, { method: 'DELETE', token: editor })).status).toBe(204)
    }
  })

  it('of another tenant is as if it were not', async () => {
    await createDomain('b')
    await createUser('b', 'chief', { role: 'admin' })
    const { id } = await add(boss, { kind: 'shared', name: 'Reception', externalId: 'e1' })
    const token = await tokenOf('chief@b')
    for (const request of [{}, { method: 'PUT', json: { name: 'x' } }, { method: 'PATCH', json: {} }, { method: 'DELETE' }]) {
      const answers = await Promise.all(
        [id, crypto.randomUUID()].map(async (one) => {
          const response = await call(`/sapi/contacts/${one}`, { ...request, token })
          return `${response.status} ${(await response.text()).replace(/"traceId":"[^"]*"/, '')}`
        }),
      )
      expect(answers[0]).toBe(answers[1])
      expect(answers[0]).toMatch(/^404 /)
    }
    expect(await names(token)).toEqual(['chief@b'])
    await expectProblem(await call('/sapi/contacts/external/e1?kind=shared', { token }), 404, 'notFound')
    await expectProblem(await call(`/sapi/contacts/${await idOf(alice)}`, { token }), 404, 'notFound')
    // The same external id in the other tenant's book is its own affair.
    await add(token, { kind: 'shared', name: 'Their reception', externalId: 'e1' })
  })
})

describe('an entry of a users group', () => {
  it('is read by those in it with the capability, and written by its owner and admins', async () => {
    const group = await createGroup(alice, await idOf(bob))
    const json = { kind: 'group', group: group['uri'], name: 'Customer' }
    const entry = await add(alice, json)
    expect(entry).toMatchObject({ kind: 'group', group: group.id })
    const problem = await expectProblem(await call(`/sapi/contacts?group=${group.id}`, { token: bob }), 403, 'forbidden')
    expect(problem['context']).toEqual({ capability: 'user-group-contacts' })
    await expectProblem(await call(`/sapi/contacts/${entry.id}`, { token: bob }), 404, 'notFound')
    expect(await names(bob)).not.toContain('Customer')
    await createUser('a', 'carol', { capabilities: ['+user-group-contacts'] })
    const carol = await tokenOf('carol@a')
    for (const path of [`/sapi/contacts?group=${group.id}`, `/sapi/contacts/${entry.id}`]) {
      await expectProblem(await call(path, { token: carol }), 404, 'notFound')
    }
    await call(`/sapi/usersGroup/${group.id}/participants`, { json: { userId: await idOf(carol) }, token: alice })
    expect(await names(carol, '?kind=group')).toEqual(['Customer'])
    expect(await names(carol, `?group=${group.id}`)).toEqual(['Customer'])
    await expectProblem(await call('/sapi/contacts', { json, token: carol }), 403, 'forbidden')
    await expectProblem(await call(`/sapi/contacts/${entry.id}`, { method: 'DELETE', token: carol }), 403, 'forbidden')
    expect(await names(boss, `?group=${group.id}`)).toEqual(['Customer'])
    expect(
      await expectJson(await call(`/sapi/contacts/${entry.id}`, { method: 'PATCH', json: { name: 'C2' }, token: boss }), 200),
    ).toMatchObject({
      name: 'C2',
    })
  })

  it('goes with its group', async () => {
    const group = await createGroup(alice)
    const { id } = await add(alice, { kind: 'group', group: group.id, name: 'Customer' })
    await call(`/sapi/usersGroup/${group.id}`, { method: 'DELETE', token: alice })
    await expectProblem(await call(`/sapi/contacts/${id}`, { token: alice }), 404, 'notFound')
    await expectProblem(
      await call('/sapi/contacts', { json: { kind: 'group', group: group.id, name: 'x' }, token: alice }),
      404,
      'notFound',
    )
  })
})

describe('the list', () => {
  beforeEach(async () => {
    const group = await createGroup(alice)
    await add(alice, full)
    await add(alice, { name: 'ALF' })
    await add(alice, { name: '𝒜lien' })
    await add(boss, { kind: 'shared', name: 'bob' })
    await add(boss, { kind: 'shared', name: '\ufffc' })
    await add(alice, { name: '😀' })
    await add(alice, { kind: 'group', group: group.id, name: 'Boris', phones: ['0800 123456'] })
    await add(bob, { name: 'secret' })
  })

  // `𝒜` counts as the letter that it is a shape of; `😀` comes after all that is not beyond U+FFFF.
  const all = ['ALF', 'alice@a', '𝒜lien', 'bob@a', 'bob', 'Boris', 'boss@a', 'Zoë Núñez', '\ufffc', '😀']

  it.each([1, 2, 3, 200])('is of all that one may see, by name, each once, in pages of %i', async (limit) => {
    expect(await names(alice, `?limit=${limit}`)).toEqual(all)
  })

  it('goes on where it was, whatever came or went meanwhile', async () => {
    const first = await call('/sapi/contacts?limit=4', { token: alice })
    const page = await expectJson<Contact[]>(first, 200)
    await add(alice, { name: 'Aaron' })
    await add(alice, { name: 'Yan' })
    await call(`/sapi/contacts/${page[0]?.id}`, { method: 'DELETE', token: alice })
    const cursor = /cursor=([^&>]+)/.exec(first.headers.get('link') ?? '')?.[1]
    expect(await names(alice, `?limit=4&cursor=${cursor}`)).toEqual(['bob', 'Boris', 'boss@a', 'Yan', 'Zoë Núñez', '\ufffc', '😀'])
  })

  it.each([
    ['kind=user', ['alice@a', 'bob@a', 'boss@a']],
    ['kind=private', ['ALF', '𝒜lien', 'Zoë Núñez', '😀']],
    ['kind=shared', ['bob', '\ufffc']],
    ['kind=group', ['Boris']],
    ['favourite=true', ['Zoë Núñez']],
    ['favourite=true&kind=user', []],
    ['kind=private&favourite=false', ['ALF', '𝒜lien', '😀']],
    ['q=BO', ['bob@a', 'bob', 'Boris', 'boss@a']],
    ['q=n%C3%BA%C3%B1', ['Zoë Núñez']],
    ['q=98611', ['Zoë Núñez']],
    ['q=0800-12', ['Boris']],
    ['q=zoe@acme', ['Zoë Núñez']],
    ['q=secret', []],
  ])('of %s', async (query, expected) => {
    expect(await names(alice, `?${query}`)).toEqual(expected)
  })

  it.each(['kind=other', 'limit=0', 'cursor=x', 'cursor=WzFd', 'changedSince=yesterday', 'changedSince=0&cursor=WyJhIl0'])(
    'is not asked for by %s',
    async (query) => {
      await expectProblem(await call(`/sapi/contacts?${query}`, { token: alice }), 400, 'invalidRequest')
    },
  )
})

it('contacts go with their domain', async () => {
  await add(boss, { kind: 'shared', name: 'x' })
  await add(alice, { name: 'y' })
  await expectJson(await call(`/sapi/domains/${domain.id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
  expect(await env.DB.prepare('select count(*) as n from contacts').first('n')).toBe(0)
})

it('a user that moves takes its private entries along', async () => {
  await createDomain('b')
  const { id } = await add(alice, { name: 'y' })
  const json = { domain: 'b', username: 'alice', email: '', role: 'user', capabilities: [], mobilePhone: [] }
  await expectJson(await call(`/sapi/users/${await idOf(alice)}`, { method: 'PUT', json, token: await adminToken() }), 200)
  await expectJson(await call(`/sapi/domains/${domain.id}?cascade=true`, { method: 'DELETE', token: await adminToken() }), 200)
  expect(await expectJson(await call(`/sapi/contacts/${id}`, { token: await tokenOf('alice@b') }), 200)).toMatchObject({ name: 'y' })
})
