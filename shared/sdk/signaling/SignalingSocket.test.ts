import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { operation } from '#shared/protocol/wapi/operation.ts'
import { RingwayError } from '../RingwayError.ts'
import { quickTiming, silentLogger, testSockets } from '../testing/sockets.ts'
import { TestServer } from '../testing/TestServer.ts'
import type { BoundRequest, SignalingSocket, SocketEvents } from './SignalingSocket.ts'
import type { SignalingTiming } from './timing.ts'

const echo = operation('POST', '/echo/:name', { request: z.object({ value: z.number() }), response: z.object({ value: z.number() }) })
const hello = operation('POST', '/hello', { request: z.object({}), response: z.object({}) })

let server: TestServer
let socket: SignalingSocket
const ends: SocketEvents['ended'][] = []

beforeEach(async () => {
  ends.length = 0
  server = await TestServer.start()
  server.respond = ({ body }) => ({ body })
})

afterEach(async () => {
  socket.close()
  await server.close()
})

function open(
  options: {
    resume?: (request: BoundRequest) => Promise<void> | null
    timing?: Partial<SignalingTiming>
    transport?: 'auto' | 'websocket' | 'http'
    ticket?: string
  } = {},
) {
  const sockets = testSockets(server, options)
  socket = sockets({
    path: '/wapi/hub',
    closedCode: 'signedOut',
    logger: silentLogger,
    resume: options.resume ?? (() => null),
    ticket: () => options.ticket,
  })
  socket.on('ended', (end) => ends.push(end))
  socket.open()
  return sockets
}

const ask = (value: number) => socket.request(echo, { name: 'a b' }, { value })

describe('requests', () => {
  test('are sent as soon as the connection is open, and answered', async () => {
    open({ ticket: 'the-ticket' })
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.latest).toMatchObject({ bearer: 'token-0', ticket: 'the-ticket' })
    expect(server.latest.requests).toMatchObject([{ method: 'POST', resource: '/echo/a%20b', body: { value: 1 } }])
  })

  test('are rejected with the code that the server gives', async () => {
    server.respond = () => {
      throw new AppError('roomLocked', { context: { why: 'test' } })
    }
    open()
    await expect(ask(1)).rejects.toMatchObject({
      name: 'RingwayError',
      code: 'roomLocked',
      status: 423,
      retryable: true,
      context: { why: 'test' },
    })
  })

  test('are rejected where the answer is not of the expected shape', async () => {
    server.respond = () => ({ body: { value: 'one' } })
    open()
    await expect(ask(1)).rejects.toMatchObject({ code: 'invalidAnswer', retryable: false })
  })

  test('time out where no answer comes, and the late answer harms nobody', async () => {
    let late: (() => void) | undefined
    server.respond = async ({ body }) => {
      if (late === undefined) await new Promise<void>((resolve) => (late = resolve))
      return { body }
    }
    open({ timing: { requestTimeout: 80 } })
    await expect(ask(1)).rejects.toMatchObject({ code: 'timeout', retryable: true })
    late?.()
    await expect(ask(2)).resolves.toEqual({ value: 2 })
  })

  test('survive unreadable, unknown and doubled messages around their answer', async () => {
    server.respond = ({ id, body }, connection) => {
      for (const text of ['', '{', '[]', '{"id":7}', '{"id":null,"status":400,"body":{}}', '{"id":"other","status":200}'])
        connection.send(text)
      connection.send(JSON.stringify({ id, status: 200, body }))
      return { body: { value: 99 } }
    }
    open()
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(socket.state).toBe('open')
  })
})

describe('a lost connection', () => {
  test('comes back, and what was not answered is sent again under the same id, in order', async () => {
    server.respond = () => undefined
    open()
    const answers = [ask(1), ask(2), socket.request(echo, { name: 'entry' }, { value: 3 }, { first: true })]
    await server.until(() => server.requests.length === 3)
    const sent = server.requests.map(({ id }) => id)
    server.respond = ({ body }) => ({ body })
    server.latest.drop()
    await expect(Promise.all(answers)).resolves.toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    expect(server.latest.requests.map(({ id }) => id)).toEqual(sent)
    expect(server.latest.requests.map(({ body }) => body)).toEqual([{ value: 3 }, { value: 1 }, { value: 2 }])
  })

  test('is resumed before anything is sent again', async () => {
    server.respond = ({ resource }) => (resource === '/hello' ? {} : undefined)
    open({ resume: async (request) => void (await request(hello, {}, {})) })
    const answer = ask(1)
    await server.until(() => server.requests.length === 2)
    server.respond = ({ body }) => ({ body })
    server.latest.drop()
    await answer
    expect(server.latest.requests.map(({ resource }) => resource)).toEqual(['/hello', '/echo/a%20b'])
  })

  test.each([1001, 1006, 1011, 1012, 1013, 4999])('with code %i is not final', async (code) => {
    open()
    await ask(1)
    if (code === 1006) server.latest.drop()
    else server.latest.close(code)
    await server.connected(2)
    await expect(ask(2)).resolves.toEqual({ value: 2 })
    expect(ends).toEqual([])
  })

  test.each([
    [closeCodes.ended, 'ended'],
    [closeCodes.forbidden, 'forbidden'],
    [closeCodes.replaced, 'replaced'],
  ] as const)('with code %i is final: %s', async (code, reason) => {
    server.respond = () => undefined
    open()
    const answer = ask(1)
    await server.until(() => server.requests.length === 1)
    server.latest.close(code)
    await expect(answer).rejects.toMatchObject({ code: 'signedOut' })
    expect(ends).toEqual([{ reason, error: null }])
    await expect(ask(2)).rejects.toMatchObject({ code: 'signedOut' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(server.connections).toHaveLength(1)
  })

  test('is noticed where the other side has fallen silent without closing', async () => {
    open()
    await ask(1)
    server.latest.alive = false
    await server.connected(2)
    await expect(ask(2)).resolves.toEqual({ value: 2 })
  })

  test('is not suspected while any message arrives', async () => {
    open()
    await ask(1)
    const { latest } = server
    latest.alive = false
    for (let sent = 0; sent < 20; sent += 1) {
      latest.event('tick', {})
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    expect(server.connections).toHaveLength(1)
  })

  test('is looked for at once after a hint, whatever the delay', async () => {
    open({ timing: { reconnectFirst: 60_000, reconnectLongest: 60_000 } })
    await ask(1)
    server.latest.drop()
    await server.until(() => socket.state === 'waiting')
    socket.wake()
    await expect(ask(2)).resolves.toEqual({ value: 2 })
  })

  test('is noticed sooner after a hint', async () => {
    open({ timing: { pingInterval: 60_000 } })
    await ask(1)
    server.latest.alive = false
    socket.wake()
    await server.connected(2)
  })

  test('that never opens is given up and tried again', async () => {
    open({ timing: { openTimeout: 50 } })
    await ask(1)
    server.websockets = 'hang'
    server.latest.drop()
    await server.until(() => server.visits.length >= 3)
    server.websockets = 'open'
    await expect(ask(2)).resolves.toEqual({ value: 2 })
  })
})

describe('flooding', () => {
  test('is answered by a pause of at least the penalty', async () => {
    open()
    await ask(1)
    const lost = performance.now()
    server.latest.close(closeCodes.misbehaved)
    await server.connected(2)
    expect(performance.now() - lost).toBeGreaterThanOrEqual(quickTiming.penalty - 5)
  })
})

describe('credentials', () => {
  test('that the server refuses while connected are renewed, once', async () => {
    const { refused } = open()
    await ask(1)
    server.latest.close(closeCodes.unauthenticated)
    await expect(ask(2)).resolves.toEqual({ value: 2 })
    expect(refused).toEqual(['token-0'])
    expect(server.latest.bearer).toBe('token-1')
    server.latest.close(closeCodes.unauthenticated)
    await expect(ask(3)).resolves.toEqual({ value: 3 })
    expect(ends).toEqual([])
  })

  test('that are refused twice in a row end it', async () => {
    server.refuse = () => new AppError('tokenRevoked')
    const { refused } = open()
    await expect(ask(1)).rejects.toMatchObject({ code: 'signedOut' })
    expect(ends).toEqual([{ reason: 'unauthenticated', error: null }])
    expect(refused).toEqual(['token-0'])
  })

  test('that the handshake refuses are renewed though a WebSocket does not tell why', async () => {
    server.refuse = ({ bearer }) => (bearer === 'token-0' ? new AppError('tokenExpired') : undefined)
    open()
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.connections).toHaveLength(1)
  })

  test('that nobody can renew end it', async () => {
    const sockets = testSockets(server, { accessToken: () => Promise.reject(RingwayError.ofAppError(new AppError('unauthenticated'))) })
    socket = sockets({ path: '/wapi/hub', closedCode: 'signedOut', logger: silentLogger, resume: () => null })
    socket.on('ended', (end) => ends.push(end))
    socket.open()
    await expect(ask(1)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(ends).toMatchObject([{ reason: 'unauthenticated' }])
  })
})

describe('a resume', () => {
  test('that is refused for good ends it with the reason', async () => {
    server.respond = () => {
      throw new AppError('roomEnded')
    }
    open({ resume: async (request) => void (await request(hello, {}, {})) })
    await expect(ask(1)).rejects.toMatchObject({ code: 'roomEnded', status: 410 })
    expect(ends).toMatchObject([{ reason: 'refused', error: { code: 'roomEnded' } }])
  })

  test('that fails for now is tried again on another connection', async () => {
    let failures = 0
    server.respond = ({ resource, body }) => {
      if (resource === '/hello' && failures++ < 2) throw new AppError('unavailable')
      return { body }
    }
    open({ resume: async (request) => void (await request(hello, {}, {})) })
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.connections).toHaveLength(3)
  })

  test('that is cut off is tried again', async () => {
    let cut = false
    server.respond = ({ resource, body }, connection) => {
      if (resource !== '/hello' || cut) return { body }
      cut = true
      connection.drop()
      return undefined
    }
    open({ resume: async (request) => void (await request(hello, {}, {})) })
    await expect(ask(1)).resolves.toEqual({ value: 1 })
  })
})

describe('a place that does not exist', () => {
  test.each(['auto', 'websocket', 'http'] as const)('is told, not retried (%s)', async (transport) => {
    server.refuse = () => new AppError('roomNotFound')
    open({ transport })
    await expect(ask(1)).rejects.toMatchObject({ code: 'roomNotFound', status: 404 })
    expect(ends).toMatchObject([{ reason: 'refused', error: { code: 'roomNotFound' } }])
  })
})

test('closing rejects what waits, twice is once, and nothing is emitted', async () => {
  server.respond = () => undefined
  open()
  const answer = ask(1)
  await server.until(() => server.requests.length === 1)
  socket.close()
  socket.close()
  await expect(answer).rejects.toMatchObject({ code: 'signedOut' })
  expect(ends).toEqual([])
  await server.until(() => server.latest.closed)
})
