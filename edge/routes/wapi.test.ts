import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids/ids.ts'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { directory } from '#edge/services/directory.ts'
import { ensureBootstrapped } from '#edge/services/bootstrap.ts'
import { bench, resetBench } from '../objects/hub/fixture/bench.ts'
import { Device, edge } from '../objects/hub/fixture/people.ts'
import { type Member, newMember, newTenant, ticketFor } from '../objects/hub/fixture/tenants.ts'
import { SocketClient } from '../objects/kit/fixture/client.ts'

beforeEach(async () => {
  resetBench()
  await ensureBootstrapped(edge)
})

const origin = 'https://ringway.example'
const worker = (exports as unknown as { default: Fetcher }).default

interface Attempt {
  readonly token?: string
  readonly versions?: string[]
  readonly ticket?: string
  readonly headers?: Record<string, string>
}

/** Opens a WebSocket as a browser does, with all it has to say in subprotocols. */
function upgrade(path: string, { token, versions = ['ringway.v1'], ticket, headers = {} }: Attempt): Promise<Response> {
  const protocols = [
    ...versions,
    ...(token === undefined ? [] : [`bearer.${token}`]),
    ...(ticket === undefined ? [] : [`ticket.${ticket}`]),
  ]
  return worker.fetch(`${origin}${path}`, { headers: { upgrade: 'websocket', 'sec-websocket-protocol': protocols.join(', '), ...headers } })
}

function drop({ webSocket }: Response): void {
  webSocket?.accept()
  webSocket?.close()
}

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  const problem = await response.json()
  expect({ status: response.status, type: response.headers.get('content-type'), problem }).toMatchObject({
    status,
    type: 'application/problem+json',
    problem: { status, code, traceId: expect.any(String) },
  })
}

const roomsReached = () => bench.forwarded.map(({ room }) => room)

async function deviceOf(member: Member): Promise<Device> {
  const response = await upgrade('/wapi/hub', { token: member.token })
  if (response.webSocket === null) throw new Error(await response.text())
  return new Device(new SocketClient(response.webSocket))
}

describe('the hub', () => {
  it('is reached with a token and a version, and shows the session that CAP-1 gives', async () => {
    const alice = await newMember(await newTenant())
    const response = await upgrade('/wapi/hub', { token: alice.token, versions: ['ringway.v9', 'ringway.v1'] })
    expect(response.status).toBe(101)
    expect(response.headers.get('sec-websocket-protocol')).toBe('ringway.v1')
    if (response.webSocket === null) throw new Error('Not upgraded')
    const device = new Device(new SocketClient(response.webSocket))
    const opened = await device.open({ context: { capabilities: ['audio-call'] } })
    const capabilities = expect.arrayContaining(['audio-call', 'callcontrol', 'make-calls'])
    expect(opened).toMatchObject({ status: 200, body: { snapshot: { user: { userId: alice.identity.userId }, capabilities } } })
    expect(JSON.stringify(opened)).not.toContain('recording')
    device.socket.close()
  })

  it('makes its user known as one who can be rung', async () => {
    const tenant = await newTenant()
    const alice = await newMember(tenant)
    const target = `wac-user:${alice.identity.userId}`
    expect(await directory(edge).findUser(target, tenant)).toMatchObject({ hasHub: false })
    const device = await deviceOf(alice)
    await device.open()
    expect(await directory(edge).findUser(target, tenant)).toMatchObject({ hasHub: true })
    device.socket.close()
  })

  it('belongs to a jurisdiction where its user does', async () => {
    const alice = await newMember(await newTenant({ jurisdiction: 'eu' }), { jurisdiction: 'eu' })
    const device = await deviceOf(alice)
    expect(await device.open()).toMatchObject({ status: 200 })
    device.socket.close()
  })

  it('speaks events and POST alike', async () => {
    const alice = await newMember(await newTenant())
    const headers = { authorization: `Bearer ${alice.token}` }
    const stream = await worker.fetch(`${origin}/wapi/hub/events`, { headers })
    expect(stream.status).toBe(200)
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = (await reader?.read())?.value ?? ''
    const connection = /"connectionId":"([^"]+)"/.exec(first)?.[1] ?? ''
    const post = (body: string) => worker.fetch(`${origin}/wapi/hub/messages?connection=${connection}`, { method: 'POST', headers, body })
    const open = await post(JSON.stringify({ id: '1', method: 'POST', resource: '/sessions', body: {} }))
    expect(await open.json()).toMatchObject({ id: '1', status: 200, body: { resumed: false } })
    const oversize = await post('x'.repeat(maxClientMessageBytes + 1))
    expect(await oversize.json()).toMatchObject({ id: null, status: 413, body: { code: 'payloadTooLarge' } })
    await reader?.cancel()
    const foreign = await newMember(await newTenant())
    const stolen = await worker.fetch(`${origin}/wapi/hub/messages?connection=${connection}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${foreign.token}` },
      body: '{}',
    })
    await expectProblem(stolen, 404, 'notFound')
  })

  it('answers an oversized message and goes on', async () => {
    const device = await deviceOf(await newMember(await newTenant()))
    device.socket.sendRaw('x'.repeat(maxClientMessageBytes + 1))
    expect(await device.socket.next()).toMatchObject({ id: null, status: 413, body: { code: 'payloadTooLarge' } })
    expect(await device.open()).toMatchObject({ status: 200 })
    device.socket.close()
  })
})

describe('a request is refused', () => {
  const paths = ['/wapi/hub', `/wapi/rooms/${newId()}`]

  it.each(paths)('without a version that is spoken: %s', async (path) => {
    const { token } = await newMember(await newTenant())
    const refused = await upgrade(path, { token, versions: ['ringway.v9'] })
    await expectProblem(refused, 426, 'unsupportedVersion')
    await expectProblem(await upgrade(path, { token, versions: [] }), 426, 'unsupportedVersion')
    await expectProblem(
      await worker.fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } }),
      426,
      'unsupportedVersion',
    )
  })

  it.each(paths)('without a good token: %s', async (path) => {
    const tenant = await newTenant()
    const { identity, token } = await newMember(tenant)
    await expectProblem(await upgrade(path, {}), 401, 'unauthenticated')
    await expectProblem(await upgrade(path, { token: 'nonsense' }), 401, 'unauthenticated')
    await expectProblem(await upgrade(path, { token: `${token.slice(0, -6)}AAAAAA` }), 401, 'unauthenticated')
    await expectProblem(await upgrade(path, { token: (await newMember(tenant, { lifetime: -10 })).token }), 401, 'tokenExpired')
    const ticket = await ticketFor(identity.userId, `r:${tenant.domainId}:${newId()}`)
    await expectProblem(await upgrade(path, { token: ticket }), 401, 'unauthenticated')
    expect(bench.forwarded).toEqual([])
  })

  it('where the domain does not list the service', async () => {
    const login = await newMember(await newTenant({ without: 'login' }))
    const calls = await newMember(await newTenant({ without: 'callcontrol' }))
    await expectProblem(await upgrade('/wapi/hub', login), 403, 'serviceNotEnabled')
    await expectProblem(await upgrade(`/wapi/rooms/${newId()}`, calls), 403, 'serviceNotEnabled')
    drop(await upgrade('/wapi/hub', calls))
  })

  it('from pages of strangers, not from one’s own and not from programs', async () => {
    const tenant = await newTenant({ origins: ['*.acme.example', 'shop.example'] })
    const { token } = await newMember(tenant)
    const from = (page: string) => upgrade('/wapi/hub', { token, headers: { origin: page } })
    for (const page of ['https://evil.example', 'https://acme.example.evil.example', 'null', 'https://ringway.example:8443']) {
      await expectProblem(await from(page), 403, 'forbidden')
    }
    for (const page of ['https://www.acme.example', 'https://shop.example', origin]) {
      const accepted = await from(page)
      expect(accepted.status, page).toBe(101)
      drop(accepted)
    }
  })

  it('on other paths', async () => {
    const { token } = await newMember(await newTenant())
    for (const path of ['/wapi', '/wapi/rooms', '/wapi/hub/other']) expect((await upgrade(path, { token })).status).toBe(404)
  })
})

describe('a page of another origin', () => {
  it('may ask, and may read what it is refused', async () => {
    const asked = await worker.fetch(`${origin}/wapi/hub/events`, { method: 'OPTIONS', headers: { origin: 'https://shop.example' } })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization')
    const refused = await worker.fetch(`${origin}/wapi/hub/events`, { headers: { origin: 'https://shop.example' } })
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    await expectProblem(refused, 401, 'unauthenticated')
  })
})

describe('a room', () => {
  it('of one’s own domain is found by its id, and told who comes, on the Worker’s word alone', async () => {
    const tenant = await newTenant({ settings: { rooms: { participantsLimit: 4 } } })
    const alice = await newMember(tenant)
    const roomId = newId()
    const forged = { 'x-ringway-identity': '{"userId":"mallory"}', 'x-ringway-room': '{}', cookie: 'a=b' }
    const response = await upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, headers: forged })
    expect(response.headers.get('sec-websocket-protocol')).toBe('ringway.v1')
    drop(response)
    const [reached] = bench.forwarded
    expect(reached?.room).toBe(`r:${tenant.domainId}:${roomId}`)
    expect(JSON.parse(reached?.headers['x-ringway-identity'] ?? '')).toMatchObject(alice.identity)
    expect(JSON.parse(reached?.headers['x-ringway-room'] ?? '')).toMatchObject({
      room: reached?.room,
      roomId,
      via: 'own',
      settings: { rooms: { participantsLimit: 4 } },
    })
    expect(JSON.stringify(reached?.headers)).not.toContain(alice.token)
    expect(Object.keys(reached?.headers ?? {})).not.toContain('cookie')
  })

  it('is the same by the fallback', async () => {
    const tenant = await newTenant()
    const { token } = await newMember(tenant)
    const roomId = newId()
    const headers = { authorization: `Bearer ${token}` }
    await worker.fetch(`${origin}/wapi/rooms/${roomId}/events`, { headers })
    await worker.fetch(`${origin}/wapi/rooms/${roomId}/messages?connection=c1`, { method: 'POST', headers, body: '{}' })
    const room = `r:${tenant.domainId}:${roomId}`
    expect(bench.forwarded.map(({ room: name, method, path }) => ({ name, method, path }))).toEqual([
      { name: room, method: 'GET', path: `/wapi/rooms/${roomId}/events` },
      { name: room, method: 'POST', path: `/wapi/rooms/${roomId}/messages?connection=c1` },
    ])
  })

  it('of a quick conference is named by prefix and digits, as the domain sets them', async () => {
    const tenant = await newTenant({ settings: { conferences: { quickConferencePrefix: 'talk', quickConferenceDigits: 6 } } })
    const { token } = await newMember(tenant)
    drop(await upgrade('/wapi/rooms/talk123456', { token }))
    expect(roomsReached()).toEqual([`c:${tenant.domainId}:123456`])
    await expectProblem(await upgrade('/wapi/rooms/talk1234567', { token }), 404, 'roomNotFound')
    await expectProblem(await upgrade('/wapi/rooms/wac-conf12345678901234567890', { token }), 404, 'roomNotFound')
  })

  it('of a person is named by the user’s id where the domain says so', async () => {
    const tenant = await newTenant({ settings: { rooms: { userIdAsRoomId: true } } })
    const alice = await newMember(tenant)
    const bob = await newMember(tenant)
    const stranger = await newMember(await newTenant())
    const other = newId()
    for (const roomId of [bob.identity.userId, stranger.identity.userId, other]) drop(await upgrade(`/wapi/rooms/${roomId}`, alice))
    drop(await upgrade(`/wapi/rooms/${stranger.identity.userId}`, stranger))
    expect(roomsReached()).toEqual([
      `p:${tenant.domainId}:${bob.identity.userId}`,
      `r:${tenant.domainId}:${stranger.identity.userId}`,
      `r:${tenant.domainId}:${other}`,
      `r:${stranger.identity.domainId}:${stranger.identity.userId}`,
    ])
  })

  it('of no such form is not found', async () => {
    const { token } = await newMember(await newTenant())
    const ids = ['room', newId().toUpperCase(), `r:${newId()}:${newId()}`, 'a%2Fb', 'wac-conf1']
    for (const roomId of ids) await expectProblem(await upgrade(`/wapi/rooms/${roomId}`, { token }), 404, 'roomNotFound')
    expect(bench.forwarded).toEqual([])
  })

  it('of another domain is reached with a ticket of one’s own, and only so', async () => {
    const [home, abroad] = [await newTenant(), await newTenant()]
    const [alice, mallory] = [await newMember(home), await newMember(home)]
    const roomId = newId()
    const room = `r:${abroad.domainId}:${roomId}`
    const ticket = await ticketFor(alice.identity.userId, room)
    drop(await upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, ticket }))
    drop(await upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, headers: { 'ringway-ticket': ticket } }))
    drop(await upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, headers: { 'x-ringway-ticket': ticket } }))
    expect(roomsReached()).toEqual([room, room, room])
    expect(JSON.parse(bench.forwarded[0]?.headers['x-ringway-room'] ?? '')).toMatchObject({ room, roomId, via: 'ticket' })

    const refused = [
      upgrade(`/wapi/rooms/${roomId}`, { token: mallory.token, ticket }),
      upgrade(`/wapi/rooms/${newId()}`, { token: alice.token, ticket }),
      upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, ticket: `${ticket.slice(0, -6)}AAAAAA` }),
      upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, ticket: await ticketFor(alice.identity.userId, room, -10) }),
      upgrade(`/wapi/rooms/${roomId}`, { token: alice.token, ticket: alice.token }),
      upgrade(`/wapi/rooms/${roomId}`, {
        token: alice.token,
        ticket: await tokenService(edge).signHostTicket({ hostId: alice.identity.userId, room, ttlSeconds: 600 }),
      }),
    ]
    for (const response of refused) await expectProblem(await response, 404, 'roomNotFound')
    expect(roomsReached()).toHaveLength(3)
    // Without the ticket the same id means a room of one's own domain.
    drop(await upgrade(`/wapi/rooms/${roomId}`, mallory))
    expect(roomsReached()[3]).toBe(`r:${home.domainId}:${roomId}`)
  })
})
