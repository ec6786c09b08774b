import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { adminToken, call, createDomain, expectJson, expectProblem, env, type Made, requestToken, startAnew } from './testing/api.ts'
import { openHubSocket } from './testing/hub-socket.ts'

beforeEach(startAnew)

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
}

const anonymous = (username?: string, options = {}) =>
  requestToken({ grant_type: 'anonymous', ...(username === undefined ? {} : { username }) }, options)
const visitor = async (username?: string, options = {}): Promise<Tokens> => expectJson<Tokens>(await anonymous(username, options), 200)
const domainOf = async (username?: string, options = {}): Promise<string> =>
  String(decodeJwt((await visitor(username, options)).access_token)['username']).split('@')[1] ?? ''
const open = (domain: string, fields: Record<string, unknown> = {}) => createDomain(domain, { enableAnonymous: true, ...fields })

async function expectNoVisitors(username?: string, options = {}): Promise<void> {
  expect(await expectJson(await anonymous(username, options), 400)).toMatchObject({ error: 'invalid_grant', code: 'invalidGrant' })
}

describe('anonymous login by name', () => {
  it('makes a user that exists nowhere else', async () => {
    const domain = await open('shop')
    const [first, second] = [await visitor('@shop'), await visitor('@SHOP')]
    const claims = decodeJwt(first.access_token)
    expect(claims).toMatchObject({
      sub: expect.stringMatching(/^anon-[0-9a-f-]{36}$/),
      username: expect.stringMatching(/^anonymous-[0-9a-f]{12}@shop$/),
      role: 'anonymous',
      domain: domain.id,
    })
    expect(decodeJwt(second.access_token).sub).not.toBe(claims.sub)
    expect(await env.DB.prepare(`select count(*) as n from users where domain_id = ?`).bind(domain.id).first()).toEqual({ n: 0 })
  })

  it('is refused alike for a domain that takes no visitors and one that does not exist', async () => {
    await createDomain('closed', { enableAnonymous: false })
    const answers = await Promise.all(['@closed', '@nowhere', '@', 'closed', '', "@a' or 1=1 --", '@*'].map((name) => anonymous(name)))
    const bodies = await Promise.all(answers.map((answer) => expectJson(answer, 400)))
    expect(new Set(bodies.map(({ traceId: _, ...body }) => JSON.stringify(body))).size).toBe(1)
  })

  it('is refused in a domain out of use, or under one', async () => {
    await open('parent', { disabled: true })
    await open('child', { parent: 'parent' })
    await expectNoVisitors('@parent')
    await expectNoVisitors('@child')
  })

  it('needs the login service', async () => {
    await open('shop', { services: { callcontrol: [] } })
    expect(await expectJson(await anonymous('@shop'), 403)).toMatchObject({ error: 'unauthorized_client' })
  })
})

describe('anonymous login by origin', () => {
  it('takes what the visitor names, or else the page it comes from', async () => {
    await open('shop', { origins: ['www.shop.example', null] })
    expect(await domainOf('@www.shop.example')).toBe('shop')
    expect(await domainOf(undefined, { headers: { origin: 'https://www.shop.example' } })).toBe('shop')
    expect(await domainOf('@', { headers: { origin: 'http://www.shop.example:8080' } })).toBe('shop')
    await expectNoVisitors(undefined)
    await expectNoVisitors(undefined, { headers: { origin: 'null' } })
  })

  it('goes by anchored patterns', async () => {
    await open('shop', { origins: ['*.shop.example', 'demo.shop.*'] })
    for (const host of ['www.shop.example', 'a.b.shop.example', 'demo.shop.es']) expect(await domainOf(`@${host}`)).toBe('shop')
    const others = [
      'shop.example',
      'evilshop.example',
      'www.shop.example.evil.example',
      'www.shop.examples',
      'demo.shop.evil.example',
      'xdemo.shop.es',
      'demo.shop',
    ]
    for (const host of others) {
      await expectNoVisitors(`@${host}`)
      await expectNoVisitors(undefined, { headers: { origin: `https://${host}` } })
    }
  })

  it('prefers the most specific pattern, then the oldest domain', async () => {
    await open('any', { origins: ['*.shop.example'] })
    await open('deep', { origins: ['*.eu.shop.example'] })
    await open('exact', { origins: ['www.eu.shop.example'] })
    await open('late', { origins: ['*.shop.example', 'www.eu.shop.example'] })
    expect(await domainOf('@www.eu.shop.example')).toBe('exact')
    expect(await domainOf('@x.eu.shop.example')).toBe('deep')
    expect(await domainOf('@x.shop.example')).toBe('any')
  })

  it('prefers a name to any pattern', async () => {
    await open('www.shop.example')
    await open('other', { origins: ['www.shop.example', '*.shop.example'] })
    expect(await domainOf('@www.shop.example')).toBe('www.shop.example')
  })

  it('passes over domains that take no visitors', async () => {
    await createDomain('closed', { origins: ['www.shop.example'] })
    await open('open', { origins: ['*.shop.example'] })
    expect(await domainOf('@www.shop.example')).toBe('open')
  })

  it("lets nobody but the domains under it claim another domain's name", async () => {
    await createDomain('acme')
    await open('stranger', { origins: ['acme'] })
    await expectNoVisitors('@acme')
    await open('demo', { parent: 'acme', origins: ['acme'] })
    expect(await domainOf('@acme')).toBe('demo')
  })

  it.each(['*', '*.com', '.*', '(a+)+$', 'https://x.example'])('never stores %s', async (origin) => {
    const json = { domain: 'shop', origins: [origin], services: {} }
    await expectProblem(await call('/sapi/domains', { json, token: await adminToken() }), 400, 'invalidRequest')
  })
})

describe('an anonymous user', () => {
  const body = { domain: 'shop', parent: null, origins: [], services: { login: [], callcontrol: [] } }
  const replace = async (domain: Made, change: Record<string, unknown>) =>
    expectJson(await call(`/sapi/domains/${domain.id}`, { method: 'PUT', json: { ...body, ...change }, token: await adminToken() }), 200)
  const refresh = (refresh_token: string) => requestToken({ grant_type: 'refresh_token', refresh_token })

  it('expires as its domain says, or like any other where it says nothing', async () => {
    await open('shop', { anonymousExpiration: 600_000 })
    await open('other')
    expect((await visitor('@shop')).expires_in).toBe(600)
    expect((await visitor('@other')).expires_in).toBe(3600)
  })

  it('stays the same one by refreshing, while its domain takes visitors', async () => {
    const domain = await open('shop')
    const first = await visitor('@shop')
    const second = await expectJson<Tokens>(await refresh(first.refresh_token), 200)
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(second.access_token)]
    expect([after.sub, after['username'], after['sid']]).toEqual([before.sub, before['username'], before['sid']])
    await replace(domain, { enableAnonymous: false })
    expect(await expectJson(await refresh(second.refresh_token), 400)).toMatchObject({ error: 'invalid_grant' })
  })

  it('has the capabilities of visitors', async () => {
    await open('shop', { anonymousCapabilities: ['-call-history', '+chat'], services: { login: [], callcontrol: [] } })
    const { access_token: token } = await visitor('@shop')
    const view = await expectJson(await call('/sapi/capabilities', { token }), 200)
    expect(view).toEqual({ domain: ['call-history', 'callcontrol', 'credentials', 'login', 'sessions'], user: ['-call-history', '+chat'] })
  })

  it('sees its domain, and nobody in it', async () => {
    const domain = await open('shop')
    const { access_token: token } = await visitor('@shop')
    expect(await expectJson<Made[]>(await call('/sapi/domains', { token }), 200)).toMatchObject([{ id: domain.id }])
    await expectProblem(await call('/sapi/contacts', { token }), 403, 'forbidden')
    await expectProblem(await call('/sapi/users', { token }), 403, 'forbidden')
    await expectProblem(await call('/sapi/users/me', { token }), 404, 'notFound')
  })

  it('loses its sockets with its login', async () => {
    await open('shop')
    const tokens = await visitor('@shop')
    const socket = await openHubSocket(tokens.access_token)
    await call('/sapi/o/revoke', { form: { token: tokens.access_token } })
    expect(await socket.closed).toEqual({ code: 4401 })
  })
})
