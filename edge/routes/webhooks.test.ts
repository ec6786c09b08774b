import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { hookEventSchema } from '#shared/protocol/sapi/events.ts'
import { loggedEventSchema } from '#shared/protocol/sapi/webhooks.ts'
import { database } from '#edge/db/d1/database.ts'
import { noteEvent } from '#edge/db/d1/outgoing-events.ts'
import { Logger } from '#shared/log/logger.ts'
import { systemClock } from '#shared/time/clock.ts'
import { maintain } from '#edge/services/maintenance.ts'
import { adminToken, call, createDomain, createUser, env, expectJson, expectProblem, type Made, startAnew, tokenOf } from './testing/api.ts'

beforeEach(startAnew)

const url = 'https://hooks.example.com/ringway'

/** Out of use, so that nothing is sent; what it takes is logged all the same. */
async function createEndpoint(fields: Record<string, unknown> = {}, token?: string): Promise<Made & { secret: string }> {
  const json = { url, enabled: false, ...fields }
  return expectJson(await call('/sapi/webhooks', { json, token: token ?? (await adminToken()) }), 201)
}

async function logOf(id: string, query = ''): Promise<{ type: string; stream: string; seq: number; data: Record<string, unknown> }[]> {
  const answer = await expectJson<unknown>(await call(`/sapi/webhooks/${id}/events${query}`, { token: await adminToken() }), 200)
  return loggedEventSchema
    .array()
    .parse(answer)
    .map(({ event }) => hookEventSchema.parse(event))
}

describe('an endpoint', () => {
  it('is what was sent, and its secret is told once', async () => {
    const token = await adminToken()
    const { secret, ...made } = await createEndpoint({ events: ['call.ended'], description: 'CRM' })
    expect(secret).toMatch(/^whsec_/)
    expect(made).toMatchObject({ domain: 'default', kind: 'webhook', url, events: ['call.ended'], includeChildren: false, enabled: false })
    expect(await expectJson(await call(`/sapi/webhooks/${made.id}`, { token }), 200)).toEqual(made)
    expect(await expectJson(await call('/sapi/webhooks', { token }), 200)).toEqual([made])
    const stored = await env.DB.prepare('select * from webhooks').first()
    expect(JSON.stringify(stored)).not.toContain(secret.slice('whsec_'.length))
  })

  it('is one of at most twenty of its domain, however many come at once', async () => {
    const token = await adminToken()
    for (let made = 0; made < 17; made += 1) await createEndpoint()
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('/sapi/webhooks', { json: { url, enabled: false }, token })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5)
    await expectProblem(await call('/sapi/webhooks', { json: { url, enabled: false }, token }), 409, 'conflict')
    await createDomain('other')
    await createEndpoint({ domain: 'other' })
  })

  it('is changed in part or whole, and deleted', async () => {
    const token = await adminToken()
    const { id } = await createEndpoint({ events: ['userJoin'] })
    const path = `/sapi/webhooks/${id}`
    const patched = await call(path, { method: 'PATCH', json: { includeChildren: true, description: null }, token })
    expect(await expectJson(patched, 200)).toMatchObject({ includeChildren: true, events: ['userJoin'] })
    const etag = patched.headers.get('etag') ?? ''
    const replaced = await call(path, { method: 'PUT', json: { url: `${url}/2`, enabled: false }, token, headers: { 'if-match': etag } })
    expect(await expectJson(replaced, 200)).toMatchObject({ url: `${url}/2`, events: [], includeChildren: false })
    await expectProblem(await call(path, { method: 'PUT', json: { url }, token, headers: { 'if-match': etag } }), 412, 'preconditionFailed')
    expect((await call(path, { method: 'DELETE', token })).status).toBe(204)
    await expectProblem(await call(path, { token }), 404, 'notFound')
    await expectProblem(await call(`${path}/events`, { token }), 404, 'notFound')
  })

  it.each([
    'http://hooks.example.com/',
    'https://10.0.0.1/',
    'https://localhost/',
    'https://user:pass@hooks.example.com/',
    'ftp://x.example.com/',
  ])('is not at %s', async (refused) => {
    const token = await adminToken()
    await expectProblem(await call('/sapi/webhooks', { json: { url: refused }, token }), 400, 'invalidRequest')
    const { id } = await createEndpoint()
    await expectProblem(await call(`/sapi/webhooks/${id}`, { method: 'PATCH', json: { url: refused }, token }), 400, 'invalidRequest')
  })

  it('gets another secret, beside the old one for a while', async () => {
    const token = await adminToken()
    const { id, secret } = await createEndpoint()
    const rotated = await expectJson(await call(`/sapi/webhooks/${id}/rotateSecret`, { json: { grace: 60 }, token }), 200)
    expect(rotated['secret']).not.toBe(secret)
    expect(rotated['previousUntil']).toBeGreaterThan(Date.now())
    const row = () => env.DB.prepare('select previous_secret is null as alone from webhooks').first()
    expect(await row()).toEqual({ alone: 0 })
    expect(await expectJson(await call(`/sapi/webhooks/${id}/rotateSecret`, { json: { grace: 0 }, token }), 200)).toMatchObject({
      previousUntil: null,
    })
    expect(await row()).toEqual({ alone: 1 })
  })

  it('is listed among the hooks while it is in use, by the name that the original gives it', async () => {
    const token = await adminToken()
    await createEndpoint()
    const { id } = await createEndpoint({ kind: 'sipRegistrar', url: 'https://kamas.example.com:8080/', enabled: true })
    expect(await expectJson(await call('/sapi/hooks', { token }), 200)).toEqual([
      { id, name: 'KamasSessionHooks', baseUrl: 'https://kamas.example.com:8080/', domain: 'default' },
    ])
  })

  it('is tested only while it is in use', async () => {
    const token = await adminToken()
    const { id } = await createEndpoint()
    await expectProblem(await call(`/sapi/webhooks/${id}/test`, { method: 'POST', token }), 409, 'conflict')
  })

  it('is nothing to users, and belongs to the admins of its domain', async () => {
    const [acme, other] = [await createDomain('acme.example'), await createDomain('other.example')]
    await createUser('acme.example', 'boss', { role: 'admin' })
    await createUser('acme.example', 'bob')
    const boss = await tokenOf('boss@acme.example')
    const { id } = await createEndpoint({}, boss)
    expect(await expectJson(await call(`/sapi/webhooks/${id}`, { token: boss }), 200)).toMatchObject({ domain: acme['domain'] })
    await expectProblem(await call('/sapi/webhooks', { json: { url, domain: other['domain'] }, token: boss }), 404, 'notFound')
    await expectProblem(await call('/sapi/webhooks', { token: await tokenOf('bob@acme.example') }), 403, 'forbidden')
  })
})

describe('events of the configuration', () => {
  it('reach the endpoints of the domain and of ancestors that asked for them, numbered without a gap, and nobody else', async () => {
    const token = await adminToken()
    await createDomain('parent.example')
    const [curious, indifferent] = [
      await createEndpoint({ domain: 'parent.example', includeChildren: true }),
      await createEndpoint({ domain: 'parent.example' }),
    ]
    const child = await createDomain('child.example', { parent: 'parent.example' })
    const own = await createEndpoint({ domain: 'child.example', includeChildren: true })
    const stranger = await createEndpoint({})
    const user = await createUser('child.example', 'bob')
    await expectJson(await call(`/sapi/users/${user.id}`, { method: 'PATCH', json: { alias: 'Bob' }, token }), 200)
    await expectProblem(await call('/sapi/users', { json: { domain: 'child.example', username: 'bob' }, token }), 409, 'conflict')
    await createUser('parent.example', 'carol')
    await expectJson(await call(`/sapi/users/${user.id}`, { method: 'DELETE', token }), 200)
    const data = { userId: user.id, username: 'bob@child.example' }
    const ofBob = [
      { type: 'user.created', stream: `domain:${child.id}`, seq: 2, data },
      { type: 'user.updated', stream: `domain:${child.id}`, seq: 3, data },
      { type: 'user.deleted', stream: `domain:${child.id}`, seq: 4, data },
    ]
    expect(await logOf(own.id)).toMatchObject(ofBob)
    await expectJson(await call(`/sapi/domains/${child.id}`, { method: 'DELETE', token }), 200)
    const heard = await logOf(curious.id)
    expect(heard.filter(({ stream }) => stream === `domain:${child.id}`)).toMatchObject([
      { type: 'domain.created', seq: 1, data: { domainId: child.id, domain: 'child.example' } },
      ...ofBob,
      { type: 'domain.deleted', seq: 5, data: { domainId: child.id, cascade: false } },
    ])
    expect((await logOf(indifferent.id)).map(({ type, data: { username } }) => [type, username])).toEqual([
      ['user.created', 'carol@parent.example'],
    ])
    expect(await logOf(stranger.id)).toEqual([])
    expect(await env.DB.prepare('select count(*) as n from outgoing_events where delivered_at is null').first()).toEqual({ n: 0 })
  })

  it('come by the types that an endpoint named', async () => {
    const { id } = await createEndpoint({ events: ['user.deleted'] })
    const user = await createUser('default', 'bob')
    await expectJson(await call(`/sapi/users/${user.id}`, { method: 'DELETE', token: await adminToken() }), 200)
    expect((await logOf(id)).map(({ type }) => type)).toEqual(['user.deleted'])
  })

  it('are handed over later where whoever noted them did not live to do so', async () => {
    const { id } = await createEndpoint()
    const { id: domainId } = await expectDefaultDomain()
    const db = database(env.DB)
    const data = { userId: newId(), username: 'bob@default' }
    await db.batch([noteEvent(db, { type: 'user.created', domainId, data, now: Date.now() })])
    expect(await logOf(id)).toEqual([])
    const ctx = createExecutionContext()
    const logger = new Logger({ sink: () => undefined, level: 'error' })
    await maintain({ env, db, clock: systemClock, logger, defer: (task) => ctx.waitUntil(task) })
    await waitOnExecutionContext(ctx)
    expect(await logOf(id)).toMatchObject([{ type: 'user.created', data }])
  })

  it('are listed page by page, and replayed from where a page says', async () => {
    const token = await adminToken()
    const { id } = await createEndpoint({ events: ['user.created'] })
    for (const name of ['ann', 'ben', 'cay']) await createUser('default', name)
    const first = await call(`/sapi/webhooks/${id}/events?limit=2`, { token })
    const [, second] = loggedEventSchema.array().parse(await expectJson<unknown>(first, 200))
    expect(first.headers.get('link')).toContain(`cursor=${second?.cursor}`)
    expect((await logOf(id, `?cursor=${second?.cursor}`)).map(({ data }) => data['username'])).toEqual(['cay@default'])
    const replay = (after: string) => call(`/sapi/webhooks/${id}/replay`, { json: { after }, token })
    // All of it still waits: an endpoint out of use is sent nothing.
    expect(await expectJson(await replay(second?.cursor ?? ''), 200)).toEqual({ events: 0 })
    await expectProblem(await replay('yesterday'), 400, 'invalidRequest')
    expect(await expectJson(await call(`/sapi/webhooks/${id}/status`, { token }), 200)).toMatchObject({
      waiting: 3,
      dead: 0,
      breaker: 'closed',
    })
    expect(await expectJson(await call(`/sapi/webhooks/${id}/deliveries`, { token }), 200)).toEqual([])
  })
})

async function expectDefaultDomain(): Promise<{ id: string }> {
  const row = await env.DB.prepare("select id from domains where name = 'default'").first<{ id: string }>()
  if (row === null) throw new Error('There is a default domain')
  return row
}
