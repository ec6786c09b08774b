import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { closeCodes } from '#shared/protocol/close-codes.ts'
import { operation } from '#shared/protocol/wapi/operation.ts'
import { silentLogger, testSockets } from '../testing/sockets.ts'
import { TestServer } from '../testing/TestServer.ts'
import type { SignalingSocket, SocketEvents } from './SignalingSocket.ts'
import type { SignalingTiming } from './timing.ts'

const echo = operation('POST', '/echo', { request: z.object({ value: z.number() }), response: z.object({ value: z.number() }) })

let server: TestServer
let socket: SignalingSocket
const ends: SocketEvents['ended'][] = []
const events: string[] = []

beforeEach(async () => {
  ends.length = 0
  events.length = 0
  server = await TestServer.start()
  server.respond = ({ body }) => ({ body })
})

afterEach(async () => {
  socket.close()
  await server.close()
})

function open(transport: 'auto' | 'http', timing: Partial<SignalingTiming> = {}) {
  const sockets = testSockets(server, { transport, timing })
  socket = sockets({
    path: '/wapi/rooms/r1',
    closedCode: 'callEnded',
    logger: silentLogger,
    resume: () => null,
    ticket: () => 'the-ticket',
  })
  socket.on('ended', (end) => ends.push(end))
  socket.on('event', ({ event }) => events.push(event))
  socket.open()
  return sockets
}

const ask = (value: number) => socket.request(echo, {}, { value })

describe('over HTTP', () => {
  test('requests are answered in their responses and events are streamed', async () => {
    open('http')
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.latest).toMatchObject({ transport: 'http', path: '/wapi/rooms/r1', bearer: 'token-0', ticket: 'the-ticket' })
    server.latest.event('ring', {})
    await server.until(() => events.length === 1)
    expect(events).toEqual(['ring'])
  })

  test('requests arrive in order though each takes its time', async () => {
    const taken: unknown[] = []
    server.respond = async ({ body }) => {
      await new Promise((resolve) => setTimeout(resolve, 20 - 5 * taken.length))
      taken.push(body)
      return { body }
    }
    open('http')
    await Promise.all([ask(1), ask(2), ask(3)])
    expect(taken).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
  })

  test('a stream that breaks is a connection lost: what was not answered is sent again', async () => {
    server.respond = () => undefined
    open('http')
    const answer = ask(1)
    await server.until(() => server.requests.length === 1)
    server.respond = ({ body }) => ({ body })
    server.latest.drop()
    await expect(answer).resolves.toEqual({ value: 1 })
    const [first, second] = server.requests
    expect(second?.id).toBe(first?.id)
  })

  test('a connection that the server has forgotten is opened again', async () => {
    open('http')
    await ask(1)
    // As after a restart in which the stream's end got lost.
    server.latest.closed = true
    await expect(ask(2)).resolves.toEqual({ value: 2 })
    expect(server.connections).toHaveLength(2)
  })

  test('the stream tells what a close frame would', async () => {
    open('http')
    await ask(1)
    server.latest.close(closeCodes.replaced)
    await server.until(() => ends.length === 1)
    expect(ends).toEqual([{ reason: 'replaced', error: null }])
  })

  test('refused credentials are renewed', async () => {
    server.refuse = ({ bearer }) => (bearer === 'token-0' ? new AppError('tokenExpired') : undefined)
    const { refused } = open('http')
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(refused).toEqual(['token-0'])
  })

  test('an idle stream is not mistaken for a dead one', async () => {
    open('http')
    await ask(1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(server.connections).toHaveLength(1)
  })
})

describe('where WebSockets cannot be had', () => {
  test('HTTP takes over by itself, and stays', async () => {
    server.websockets = 'drop'
    open('auto')
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.latest.transport).toBe('http')
    server.latest.drop()
    await expect(ask(2)).resolves.toEqual({ value: 2 })
    expect(server.latest.transport).toBe('http')
  })

  test('also where they are neither opened nor refused', async () => {
    server.websockets = 'hang'
    open('auto', { openTimeout: 60 })
    await expect(ask(1)).resolves.toEqual({ value: 1 })
    expect(server.latest.transport).toBe('http')
  })

  test('WebSockets come first again once HTTP fails', async () => {
    server.websockets = 'drop'
    open('auto')
    await ask(1)
    server.websockets = 'open'
    server.refuse = () => new AppError('unavailable')
    server.latest.drop()
    await server.until(() => server.visits.length > 6)
    server.refuse = () => undefined
    await expect(ask(2)).resolves.toEqual({ value: 2 })
  })
})
