import { beforeAll, describe, expect, it } from 'vitest'
import { nextPage } from '#shared/protocol/sapi/paging.ts'
import type { MeetingView } from '#shared/protocol/sapi/meetings.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, tokenOf } from './testing/api.ts'
import { create, gatherPeople, linkOf, names, path, people, services, validSince, validUntil } from './testing/meetings.ts'

beforeAll(gatherPeople)

describe('a list', () => {
  const at = (day: number) => ({ validSince: validSince + day * 86_400_000, validUntil: validUntil + day * 86_400_000 })

  beforeAll(async () => {
    await create({ name: 'Second', ...at(2) })
    await create({ name: 'Ünique first', ...at(1), users: [people.bob.id] })
    await create({ name: 'Third', ...at(3), users: [people.bob.id] }, people.carol.token)
    await create({ name: 'Abroad', ...at(1) }, people.eve.token)
    await create({ name: 'Third too', ...at(3) })
  })

  it('holds what concerns the caller, soonest first', async () => {
    expect(await names('', people.alice.token)).toEqual(['Ünique first', 'Second', 'Third too'])
    expect(await names('', people.bob.token)).toEqual(['Ünique first', 'Third'])
    expect(await names('', people.carol.token)).toEqual(['Third'])
    expect(await names('', people.eve.token)).toEqual(['Abroad'])
  })

  it('holds all of an admin’s domains', async () => {
    expect(await names('', people.boss.token)).toEqual(['Ünique first', 'Second', 'Third', 'Third too'])
    expect(await names('', people.chief.token)).toEqual(['Abroad'])
    expect((await names('', await adminToken())).toSorted()).toEqual(['Abroad', 'Second', 'Third', 'Third too', 'Ünique first'])
  })

  it('is narrowed by time, text and person', async () => {
    const { token } = people.boss
    const iso = (day: number) => new Date(at(day).validSince).toISOString()
    expect(await names(`from=${at(1).validUntil}`, token)).toEqual(['Second', 'Third', 'Third too'])
    expect(await names(`from=${at(1).validUntil - 1}&to=${at(3).validSince}`, token)).toEqual(['Ünique first', 'Second'])
    expect(await names(`from=${iso(2)}&to=${encodeURIComponent(iso(3).replace('Z', '+00:00'))}`, token)).toEqual(['Second'])
    expect(await names(`q=${encodeURIComponent('üNIQUE')}`, token)).toEqual(['Ünique first'])
    expect(await names(`user=${people.bob.id}`, token)).toEqual(['Ünique first', 'Third'])
    expect(await names(`user=${people.carol.id}`, people.bob.token)).toEqual(['Third'])
    expect(await names(`user=${people.eve.id}`, token)).toEqual([])
    for (const query of ['from=yesterday', 'limit=0', 'cursor=x']) {
      await expectProblem(await call(`/sapi/meetings?${query}`, { token }), 400, 'invalidRequest')
    }
  })

  it('comes in pages, none of which loses or repeats one that begins at the same time', async () => {
    const seen: string[] = []
    for (let next: string | undefined = '/sapi/meetings?limit=1'; next !== undefined;) {
      const page: Response = await call(next, { token: people.boss.token })
      seen.push(...(await expectJson<MeetingView[]>(page, 200)).map(({ name }) => name))
      next = nextPage(page.headers.get('link'))
    }
    expect(seen).toEqual(['Ünique first', 'Second', 'Third', 'Third too'])
  })
})

const rows = async (table: string, column: string, value: string) =>
  (await env.DB.prepare(`select count(*) n from ${table} where ${column} = ?`).bind(value).first<{ n: number }>())?.n

describe('where people go', () => {
  it('an invitation goes with whom it was for, and a meeting with its creator', async () => {
    const [erin, frank] = [await createUser('acme.test', 'erin'), await createUser('acme.test', 'frank')]
    const [erinToken, admin] = [await tokenOf('erin@acme.test'), await adminToken()]
    const invited = await create({ users: [erin.id, people.bob.id] })
    const own = await create({ users: [frank.id, people.bob.id] }, erinToken)
    expect((await call(`/sapi/users/${frank.id}`, { method: 'DELETE', token: admin })).status).toBe(200)
    expect(await expectJson(await call(path(own), { token: erinToken }), 200)).toEqual({ ...own, users: [people.bob.id] })
    const removed = await expectJson(await call(`/sapi/users/${erin.id}`, { method: 'DELETE', token: admin }), 200)
    expect(removed).toMatchObject({ removed: { meetings: 1 } })
    expect(await expectJson(await call(path(invited), { token: people.alice.token }), 200)).toEqual({ ...invited, users: [people.bob.id] })
    await expectProblem(await call(path(own), { token: people.bob.token }), 404, 'notFound')
    expect([await rows('meetings', 'id', own.id), await rows('meeting_users', 'meeting_id', own.id)]).toEqual([0, 0])
  })

  it('who moves to another domain is invited no more, and takes along the meetings they created', async () => {
    await createDomain('beta.test', { services })
    const [gus, token] = [await createUser('acme.test', 'gus'), await adminToken()]
    const invited = await create({ users: [gus.id, people.bob.id] })
    const own = await create({ users: [people.bob.id] }, await tokenOf('gus@acme.test'))
    const move = await call(`/sapi/users/${gus.id}`, { method: 'PATCH', json: { domain: 'beta.test' }, token })
    expect(move.status).toBe(200)
    expect(await expectJson(await call(path(invited), { token: people.alice.token }), 200)).toEqual({ ...invited, users: [people.bob.id] })
    const moved = await expectJson<MeetingView>(await call(path(own), { token: await tokenOf('gus@beta.test') }), 200)
    expect(moved).toEqual({ ...own, users: [], url: expect.any(String) })
    expect([linkOf(moved)?.key, linkOf(moved)?.domain]).toEqual([linkOf(own)?.key, undefined])
    for (const other of [people.bob, people.boss]) await expectProblem(await call(path(own), { token: other.token }), 404, 'notFound')
  })

  it('all goes with the domain', async () => {
    const domain = await createDomain('gone.test', { services })
    await createUser('gone.test', 'hugo')
    const meeting = await create({}, await tokenOf('hugo@gone.test'))
    const token = await adminToken()
    expect((await call(`/sapi/domains/${domain.id}?cascade=true`, { method: 'DELETE', token })).status).toBe(200)
    await expectProblem(await call(path(meeting), { token }), 404, 'notFound')
    expect(await rows('meetings', 'id', meeting.id)).toBe(0)
  })
})
