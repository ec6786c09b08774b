import { beforeAll, describe, expect, it } from 'vitest'
import {
  adminToken,
  call,
  type Call,
  createDomain,
  createUser,
  env,
  expectJson,
  expectProblem,
  type Made,
  startAnew,
  tokenOf,
} from './testing/api.ts'

/** What two changes at once, or a part of one, make of a domain. */
let admin: string

const patch = (id: string, json: unknown, options: Call = {}): Promise<Response> =>
  call(`/sapi/domains/${id}`, { method: 'PATCH', json, token: admin, ...options })

const domainOf = async (id: string): Promise<{ body: Made; etag: string }> => {
  const response = await call(`/sapi/domains/${id}`, { token: admin })
  return { etag: response.headers.get('etag') ?? '', body: await expectJson<Made>(response, 200) }
}

beforeAll(async () => {
  await startAnew()
  admin = await adminToken()
})

describe('PATCH', () => {
  it('changes what it names and nothing else', async () => {
    const made = await createDomain('parts', {
      origins: ['www.parts.example'],
      settings: { rooms: { participantsLimit: 8, setOwner: false } },
    })
    const patched = await expectJson(await patch(made.id, { enableAnonymous: true, settings: { rooms: { participantsLimit: 6 } } }), 200)
    expect(patched).toEqual({ ...made, enableAnonymous: true, settings: { rooms: { participantsLimit: 6, setOwner: false } } })
  })

  it('returns to what is inherited where it is null', async () => {
    const { id } = await createDomain('nulls', { settings: { rooms: { participantsLimit: 8 }, invites: { watchdog: 5000 } } })
    const patched = await expectJson(await patch(id, { settings: { rooms: null, invites: { watchdog: null } } }), 200)
    expect(patched).toMatchObject({ settings: { invites: {} } })
    expect(patched['settings']).not.toHaveProperty('rooms')
  })

  it('moves a domain to the top', async () => {
    await createDomain('above')
    const { id } = await createDomain('below', { parent: 'above' })
    expect(await expectJson(await patch(id, { parent: null }), 200)).toMatchObject({ parent: null })
  })

  it('is held to what an admin of the domain may change', async () => {
    const { id } = await createDomain('held')
    await createUser('held', 'boss', { role: 'admin' })
    const token = await tokenOf('boss@held')
    expect(await expectJson(await patch(id, { capabilities: ['-chat'] }, { token }), 200)).toMatchObject({ capabilities: ['-chat'] })
    for (const json of [
      { services: { chat: [] } },
      { settings: { rooms: { participantsLimit: 500 } } },
      { domain: 'other' },
      { disabled: true },
    ])
      await expectProblem(await patch(id, json, { token }), 403, 'forbidden')
  })
})

describe('two changes at once', () => {
  it('from the same state: one of them', async () => {
    const { id } = await createDomain('contested')
    const { etag } = await domainOf(id)
    const answers = await Promise.all(
      ['+one', '+two'].map((capability) => patch(id, { capabilities: [capability] }, { headers: { 'if-match': etag } })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412])
  })

  it('leave every domain under its parent, wherever that has moved', async () => {
    await createDomain('left')
    await createDomain('right')
    const moving = await createDomain('moving', { parent: 'left' })
    for (let round = 0; round < 8; round += 1) {
      const child = { domain: `child-${round}`, parent: 'moving' }
      await Promise.all([
        patch(moving.id, { parent: round % 2 === 0 ? 'right' : 'left' }),
        call('/sapi/domains', { json: child, token: admin }),
      ])
    }
    const { results } = await env.DB.prepare(
      'select d.name from domains d join domains p on p.id = d.parent_id where d.path <> p.path || d.id || ?',
    )
      .bind('/')
      .all()
    expect(results).toEqual([])
  })
})

describe('the list', () => {
  it('is narrowed by name, part of a name and parent', async () => {
    await createDomain('tree')
    await createDomain('oak.tree', { parent: 'tree' })
    await createDomain('elm.tree', { parent: 'tree' })
    const names = async (query: string, token = admin): Promise<unknown[]> =>
      (await expectJson<Made[]>(await call(`/sapi/domains?${query}`, { token }), 200)).map(({ domain }) => domain)
    expect(await names('domain=OAK.tree')).toEqual(['oak.tree'])
    expect(await names('q=LM.t')).toEqual(['elm.tree'])
    expect(await names('parent=tree')).toEqual(['oak.tree', 'elm.tree'])
    await createUser('oak.tree', 'leaf')
    const leaf = await tokenOf('leaf@oak.tree')
    expect(await names('', leaf)).toEqual(['oak.tree'])
    expect(await names('domain=elm.tree', leaf)).toEqual([])
    await expectProblem(await call('/sapi/domains?parent=nowhere', { token: admin }), 404, 'notFound')
  })
})
