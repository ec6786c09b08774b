import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { hostListSchema } from '#shared/protocol/fleet/host-link.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { bench, resetBench } from '../objects/media-host/fixture/bench.ts'
import { edge, idleLoad, TestHost } from '../objects/media-host/fixture/TestHost.ts'

beforeEach(resetBench)

const secret = 'enrolment-secret-of-the-tests'
const url = (path: string): string => `https://edge.example${path}`

const { default: worker } = exports as unknown as { default: Fetcher }

const call = (path: string, init: RequestInit = {}): Promise<Response> => worker.fetch(new Request(url(path), init))

const enrol = (body: unknown, authorization = `Bearer ${secret}`): Promise<Response> =>
  call('/dispatcher/hosts', {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

async function enrolled(region = `r-${crypto.randomUUID().slice(0, 8)}`): Promise<TestHost> {
  const response = await enrol({ region, name: 'host-1.example' })
  expect(response.status).toBe(201)
  const { hostId, hostKey } = await response.json<{ hostId: string; hostKey: string }>()
  return new TestHost({ hostId, region, key: hostKey })
}

const upgrade = (path: string, protocols: readonly string[], headers: Record<string, string> = {}): Promise<Response> =>
  call(path, { headers: { upgrade: 'websocket', 'sec-websocket-protocol': ['ringway.fleet.v1', ...protocols].join(', '), ...headers } })

const dial = (host: TestHost, key = host.key): Promise<Response> => upgrade(`/dispatcher/hosts/${host.hostId}/socket`, [`bearer.${key}`])

async function connected(): Promise<TestHost> {
  const host = await enrolled()
  const response = await dial(host)
  expect(response.status).toBe(101)
  expect(response.headers.get('sec-websocket-protocol')).toBe('ringway.fleet.v1')
  await host.connect({ response })
  return host
}

const ticketFor = (hostId: string, room: string) => tokenService(edge).signHostTicket({ hostId, room, ttlSeconds: 60 })

async function tokenOf(role: 'platform-admin' | 'admin' | 'user'): Promise<string> {
  const subject = {
    userId: crypto.randomUUID(),
    domainId: crypto.randomUUID(),
    role,
    loginId: crypto.randomUUID(),
    username: 'root@default',
  }
  return (await tokenService(edge).signAccessToken(subject, { issuer: 'https://edge.example', lifetime: 60 })).token
}

const codeOf = async (response: Response): Promise<unknown> => [response.status, (await response.json<{ code: string }>()).code]

describe('enrolment', () => {
  it('gives each host its own key, in exchange for the secret', async () => {
    const [one, two] = [await enrolled(), await enrolled()]
    expect(one.hostId).not.toBe(two.hostId)
    expect(one.key).not.toBe(two.key)
    expect(one.key.startsWith(`${one.hostId}.`)).toBe(true)
  })

  it.each([
    ['another secret', 'Bearer wrong'],
    ['a beginning of the secret', `Bearer ${secret.slice(0, -1)}`],
    ['no secret', ''],
    ['another scheme', `Basic ${btoa(`x:${secret}`)}`],
  ])('refuses %s', async (_what, authorization) => {
    expect(await codeOf(await enrol({ region: 'lab', name: 'x' }, authorization))).toEqual([403, 'enrolmentRefused'])
  })

  it.each([
    ['no JSON', '{', 400, 'malformedMessage'],
    ['wrong types', { region: 7, name: 'x' }, 400, 'invalidRequest'],
    ['a region that is no name', { region: '../../x', name: 'x' }, 400, 'invalidRequest'],
    ['too much', { region: 'lab', name: 'x'.repeat(70_000) }, 413, 'payloadTooLarge'],
  ])('answers %s with a typed error', async (_what, body, status, code) => {
    expect(await codeOf(await enrol(body))).toEqual([status, code])
  })
})

describe('the control socket', () => {
  it('leads to the host’s object, without anything that the host made up', async () => {
    const host = await connected()
    expect(await host.stub.status()).toEqual({ bootId: host.bootId, draining: false })
    const impostor = await upgrade(`/dispatcher/hosts/${host.hostId}/socket`, [], { 'x-ringway-host-key': 'anything' })
    expect(await codeOf(impostor)).toEqual([401, 'unauthenticated'])
  })

  it('is for the host of the key alone', async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    for (const key of [other.key, `${host.key}x`, `${host.hostId}.${'A'.repeat(32)}.${'A'.repeat(22)}`, 'nonsense']) {
      expect(await codeOf(await dial(host, key))).toEqual([401, 'unauthenticated'])
    }
  })

  it('needs an upgrade and a version that is served', async () => {
    const host = await enrolled()
    const path = `/dispatcher/hosts/${host.hostId}/socket`
    expect(await codeOf(await call(path, { headers: { 'sec-websocket-protocol': `ringway.fleet.v1, bearer.${host.key}` } }))).toEqual([
      426,
      'unsupportedVersion',
    ])
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': `ringway.fleet.v9, bearer.${host.key}` }
    expect(await codeOf(await call(path, { headers }))).toEqual([426, 'unsupportedVersion'])
  })
})

describe('a host’s socket to a room', () => {
  const room = () => `r:${crypto.randomUUID()}:${crypto.randomUUID()}`
  const link = (host: TestHost, options: { ticket: string; key?: string; bootId?: string; headers?: Record<string, string> }) =>
    upgrade(
      `/dispatcher/rooms/link?bootId=${options.bootId ?? host.bootId}`,
      [`bearer.${options.key ?? host.key}`, `ticket.${options.ticket}`],
      options.headers ?? {},
    )

  it('leads to the room that the ticket names and tells it who dials', async () => {
    const host = await enrolled()
    const name = room()
    const response = await link(host, {
      ticket: await ticketFor(host.hostId, name),
      headers: { 'x-ringway-host': '{"hostId":"forged"}', 'x-ringway-identity': 'forged', authorization: 'Bearer x' },
    })
    expect(response.status).toBe(101)
    expect(bench.links).toHaveLength(1)
    const [{ headers, ...taken } = { headers: {} as Record<string, string> }] = bench.links
    expect(taken).toEqual({ room: name, path: '/host' })
    expect(JSON.parse(headers['x-ringway-host'] ?? '')).toEqual({ hostId: host.hostId, bootId: host.bootId })
    expect(headers['sec-websocket-protocol']).toBe('ringway.fleet.v1')
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']))
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-ringway-identity']))
  })

  it('is not for another host’s ticket, nor for a key that is not the host’s', async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    const ticket = await ticketFor(host.hostId, room())
    expect(await codeOf(await link(other, { ticket }))).toEqual([403, 'forbidden'])
    expect(await codeOf(await link(host, { ticket, key: 'nonsense' }))).toEqual([401, 'unauthenticated'])
    expect(await codeOf(await link(host, { ticket: 'nonsense' }))).toEqual([401, 'unauthenticated'])
    expect(bench.links).toEqual([])
  })

  it('takes no other kind of token for a ticket', async () => {
    const host = await enrolled()
    const roomTicket = await tokenService(edge).signRoomTicket({ userId: host.hostId, room: room(), ttlSeconds: 60 })
    for (const ticket of [roomTicket, await tokenOf('platform-admin')]) {
      expect(await codeOf(await link(host, { ticket }))).toEqual([401, 'unauthenticated'])
    }
    const expired = await tokenService(edge).signHostTicket({ hostId: host.hostId, room: room(), ttlSeconds: -5 })
    expect(await codeOf(await link(host, { ticket: expired }))).toEqual([401, 'tokenExpired'])
  })

  it('needs the process’s id', async () => {
    const host = await enrolled()
    expect(await codeOf(await link(host, { ticket: await ticketFor(host.hostId, room()), bootId: 'x' }))).toEqual([400, 'invalidRequest'])
  })
})

describe('the list of hosts', () => {
  const list = async (token?: string): Promise<Response> =>
    call('/dispatcher/hosts', token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

  it('shows a platform admin every connected host with its load and state', async () => {
    const [busy, draining] = [await connected(), await connected()]
    busy.load({ cpu: 0.5, rooms: 3, consumers: 12 })
    draining.load({ draining: true })
    const token = await tokenOf('platform-admin')
    const shown = async () => hostListSchema.parse(await (await list(token)).json()).hosts
    await busy.until(async () => (await shown()).some((host) => host.hostId === draining.hostId && host.state === 'draining'))
    expect((await shown()).find(({ hostId }) => hostId === busy.hostId)).toEqual({
      hostId: busy.hostId,
      name: 'host-1.example',
      bootId: busy.bootId,
      region: busy.region,
      version: '1.0.0',
      workers: 2,
      capacity: 1000,
      videoCodecs: ['VP8'],
      load: { ...idleLoad, cpu: 0.5, rooms: 3, consumers: 12 },
      state: 'connected',
    })
  })

  it('is nobody else’s', async () => {
    expect(await codeOf(await list())).toEqual([401, 'unauthenticated'])
    for (const role of ['admin', 'user'] as const) expect(await codeOf(await list(await tokenOf(role)))).toEqual([403, 'forbidden'])
  })
})

describe('draining a host', () => {
  const drain = async (hostId: string, role: 'platform-admin' | 'admin' = 'platform-admin'): Promise<Response> =>
    call(`/dispatcher/hosts/${hostId}/drain`, { method: 'POST', headers: { authorization: `Bearer ${await tokenOf(role)}` } })

  it('is a platform admin’s to ask', async () => {
    const host = await connected()
    expect(await codeOf(await drain(host.hostId, 'admin'))).toEqual([403, 'forbidden'])
    expect((await drain(host.hostId)).status).toBe(202)
    await host.until(() => host.asked.some(({ method }) => method === 'drain'))
    expect((await host.stub.status()).draining).toBe(true)
  })

  it('knows its hosts', async () => {
    expect(await codeOf(await drain(crypto.randomUUID()))).toEqual([404, 'hostUnknown'])
    expect(await codeOf(await drain('x'))).toEqual([404, 'hostUnknown'])
  })
})
