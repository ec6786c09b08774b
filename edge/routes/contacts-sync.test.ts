import { beforeEach, describe, expect, it } from 'vitest'
import { database } from '#edge/db/d1/database.ts'
import { removeExpired } from '#edge/db/d1/expiry.ts'
import type { Contact, EntryView } from '#shared/protocol/sapi/contacts.ts'
import { call, env, expectJson, expectProblem } from './testing/api.ts'
import { add, createGroup, gatherAcquaintances, nameOf } from './testing/contacts.ts'
import { pages } from './testing/pages.ts'

let alice: string
let bob: string
let boss: string

beforeEach(async () => {
  ;({ alice, bob, boss } = await gatherAcquaintances())
})

describe('synchronization', () => {
  const path = (id: string, query = '') => `/sapi/contacts/external/${id}${query}`
  const put = async (id: string, json: unknown, token = alice, query = '') => call(path(id, query), { method: 'PUT', json, token })

  it('adds and replaces an entry by the id it has elsewhere', async () => {
    const response = await put('crm-1', { name: 'Zoë' })
    const entry = await expectJson<EntryView>(response, 201)
    expect(entry).toMatchObject({ kind: 'private', externalId: 'crm-1', name: 'Zoë' })
    expect(response.headers.get('location')).toBe(`/sapi/contacts/${entry.id}`)
    const replaced = await put('crm-1', { name: 'Zoë N.' })
    expect(await expectJson(replaced, 200)).toMatchObject({ id: entry.id, name: 'Zoë N.' })
    expect(replaced.headers.get('etag')).toBe((await call(path('crm-1'), { token: alice })).headers.get('etag'))
    const problem = await expectProblem(
      await call('/sapi/contacts', { json: { name: 'x', externalId: 'crm-1' }, token: alice }),
      409,
      'conflict',
    )
    expect(problem['context']).toEqual({ externalId: 'crm-1' })
    expect((await call(path('crm-1'), { method: 'DELETE', token: alice })).status).toBe(204)
    await expectProblem(await call(path('crm-1'), { method: 'DELETE', token: alice }), 404, 'notFound')
    expect((await expectJson<EntryView>(await put('crm-1', { name: 'again' }), 201)).id).not.toBe(entry.id)
  })

  it('minds what the caller expects to be there', async () => {
    const expecting = (etag: string) => ({ method: 'PUT', json: { name: 'x' }, headers: { 'if-match': etag }, token: alice })
    await expectProblem(await call(path('new'), expecting('*')), 412, 'preconditionFailed')
    const etag = (await put('new', { name: 'x' })).headers.get('etag') ?? ''
    await put('new', { name: 'y' })
    await expectProblem(await call(path('new'), expecting(etag)), 412, 'preconditionFailed')
  })

  it('of shared and group books takes what writing them takes', async () => {
    const group = await createGroup(alice)
    await expectProblem(await put('e', { name: 'x' }, bob, '?kind=shared'), 403, 'forbidden')
    await expectProblem(await put('e', { name: 'x' }, bob, `?kind=group&group=${group.id}`), 404, 'notFound')
    await expectProblem(await put('e', { name: 'x' }, alice, '?kind=group'), 400, 'invalidRequest')
    await expectJson(await put('e', { name: 'x' }, boss, '?kind=shared'), 201)
    await expectJson(await put('e', { name: 'x' }, alice, `?kind=group&group=${group.id}`), 201)
    expect(await expectJson(await call(path('e', '?kind=shared'), { token: bob }), 200)).toMatchObject({ kind: 'shared' })
    await expectProblem(await call(path('e', '?kind=shared'), { method: 'DELETE', token: bob }), 403, 'forbidden')
  })

  it('tells what has changed since, in order, removals too, and nothing twice', async () => {
    const first = await add(alice, { name: 'b' })
    const [second, third] = [await add(boss, { kind: 'shared', name: 'a' }), await add(alice, { name: 'c', externalId: 'crm-3' })]
    await add(bob, { name: 'not hers' })
    const changes = async (since: number, limit = 1) =>
      (await pages<Contact>(`/sapi/contacts?changedSince=${since}&limit=${limit}`, alice)).flat()
    expect(await changes(0)).toEqual([first, second, third])
    await call(`/sapi/contacts/${third.id}`, { method: 'DELETE', token: alice })
    const { changed } = await expectJson<EntryView>(
      await call(`/sapi/contacts/${first.id}`, { method: 'PATCH', json: { name: 'bb' }, token: alice }),
      200,
    )
    expect(await changes(third.changed)).toEqual([
      { kind: 'removed', id: third.id, externalId: 'crm-3', changed: expect.any(Number) },
      { ...first, name: 'bb', changed },
    ])
    expect(await changes(changed)).toEqual([])
    await removeExpired(database(env.DB), Date.now() + 31 * 86_400_000)
    expect((await changes(0, 200)).map(nameOf)).toEqual(['a', 'bb'])
  })
})
