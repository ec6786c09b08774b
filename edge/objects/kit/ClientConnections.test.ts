import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { maxClientMessageBytes } from '#shared/protocol/limits.ts'
import { alice, headersOf, SocketClient, StreamClient } from './fixture/client.ts'
import { newProbe } from './fixture/new-probe.ts'
import { bench, resetBench } from './fixture/Probe.ts'

const me = { id: 'me', method: 'GET', resource: '/me' }
const openSession = (sessionId: string, lastSeq?: number) => ({
  id: 'open',
  method: 'POST',
  resource: '/sessions',
  body: { sessionId, lastSeq },
})

const closedOf = (probe: DurableObjectStub) => bench.closed.get(probe.id.toString())

beforeEach(resetBench)

describe('a WebSocket connection', () => {
  it('is opened with the version that the Worker chose, and answers requests', async () => {
    const probe = newProbe()
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': 'ringway.v1', ...headersOf(alice) }
    const response = await probe.fetch('https://object/', { headers })
    expect(response.headers.get('sec-websocket-protocol')).toBe('ringway.v1')
    response.webSocket?.accept()
    response.webSocket?.close()

    const client = await SocketClient.open(probe)
    const body = { userId: 'alice-id', displayName: alice.displayName, sessionId: null, data: { from: '/' } }
    expect(await client.request(me)).toEqual({ id: 'me', status: 200, body })
    client.close()
  })

  it('is refused without an identity, telling nothing of why', async () => {
    const response = await newProbe().fetch('https://object/', { headers: { upgrade: 'websocket' } })
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'internal', message: 'An internal error occurred.' })
  })

  it('answers keep-alives', async () => {
    const client = await SocketClient.open(newProbe())
    client.sendRaw('ping')
    expect(await client.next()).toBe('pong')
    client.close()
  })

  it('keeps identity, session and data through hibernation', async () => {
    const probe = newProbe()
    const client = await SocketClient.open(probe)
    await client.request(openSession('s1'))
    await evictDurableObject(probe)
    const body = { userId: 'alice-id', displayName: alice.displayName, sessionId: 's1', data: { from: '/', bound: true } }
    expect(await client.request(me)).toEqual({ id: 'me', status: 200, body })
    await evictDurableObject(probe)
    await probe.tell('after waking')
    expect(await client.next()).toMatchObject({ seq: 1, event: 'told', body: { text: 'after waking' } })
    client.close()
  })

  it('tells the object once of a client that leaves, and says whether it said goodbye', async () => {
    const probe = newProbe()
    const polite = await SocketClient.open(probe)
    await polite.request(openSession('s1'))
    polite.close(1000, 'bye')
    await polite.closed
    await expect.poll(() => closedOf(probe)).toEqual([{ sessionId: 's1', clean: true }])
    const abrupt = await SocketClient.open(probe)
    await abrupt.request(openSession('s2'))
    await evictDurableObject(probe)
    abrupt.close(4000, 'crashed')
    await expect.poll(() => closedOf(probe)?.slice(1)).toEqual([{ sessionId: 's2', clean: false }])
    expect(await probe.sessions()).toEqual([])
  })

  it('does not come back after hibernation once the object has closed it', async () => {
    const probe = newProbe()
    const client = await SocketClient.open(probe)
    await client.request(openSession('s1'))
    await probe.closeAll()
    await evictDurableObject(probe)
    expect(await probe.sessions()).toEqual([])
    expect(await client.closed).toMatchObject({ code: 4000, reason: 'over' })
    expect(closedOf(probe)).toBeUndefined()
  })

  it('is replaced by a newer one of the same session, which the object does not take for a loss', async () => {
    const probe = newProbe()
    const older = await SocketClient.open(probe)
    await older.request(openSession('s1'))
    await evictDurableObject(probe)
    const newer = await SocketClient.open(probe)
    await newer.request(openSession('s1'))
    expect(await older.closed).toMatchObject({ code: 4409 })
    expect(await newer.request(me)).toMatchObject({ status: 200, body: { sessionId: 's1' } })
    expect(await probe.sessions()).toEqual(['s1'])
    expect(closedOf(probe)).toBeUndefined()
    newer.close()
  })

  it('that is lost during hibernation is no loss once a newer one has its session', async () => {
    const probe = newProbe()
    const older = await SocketClient.open(probe)
    await older.request(openSession('s1'))
    await evictDurableObject(probe)
    older.close(4000, 'gone')
    const newer = await SocketClient.open(probe)
    await newer.request(openSession('s1'))
    await older.closed
    await evictDurableObject(probe)
    expect(await newer.request(me)).toMatchObject({ body: { sessionId: 's1' } })
    expect(await probe.sessions()).toEqual(['s1'])
    newer.close()
  })

  it('is closed a minute after its token has expired, unless the token was renewed', async () => {
    const probe = newProbe()
    const stale = await SocketClient.open(probe)
    const fresh = await SocketClient.open(probe)
    await stale.request(openSession('stale'))
    await fresh.request(openSession('fresh'))
    await fresh.request({ id: 'renew', method: 'POST', resource: '/renew', body: { tokenExpiresAt: alice.tokenExpiresAt + 3_600_000 } })
    bench.ahead = alice.tokenExpiresAt - Date.now() + 59_000
    await runDurableObjectAlarm(probe)
    expect(await probe.sessions()).toEqual(['stale', 'fresh'])
    await evictDurableObject(probe)
    bench.ahead = alice.tokenExpiresAt - Date.now() + 60_000
    await runDurableObjectAlarm(probe)
    expect(await stale.closed).toMatchObject({ code: 4401 })
    expect(closedOf(probe)).toEqual([{ sessionId: 'stale', clean: false }])
    expect(await fresh.request(me)).toMatchObject({ status: 200 })
    fresh.close()
  })

  it('is given up when its client sends no keep-alive', async () => {
    bench.silence = { limit: 90_000, every: 60_000 }
    const probe = newProbe()
    const silent = await SocketClient.open(probe)
    await silent.request(openSession('silent'))
    bench.ahead = 91_000
    const talking = await SocketClient.open(probe)
    await talking.request(openSession('talking'))
    await runDurableObjectAlarm(probe)
    expect(await silent.closed).toMatchObject({ code: 4429 })
    expect(await probe.sessions()).toEqual(['talking'])
    talking.close()
  })
})

describe('a bad message', () => {
  const tooLarge = JSON.stringify({ ...me, body: 'x'.repeat(maxClientMessageBytes) })
  const manyBytes = JSON.stringify({ ...me, body: '€'.repeat(maxClientMessageBytes / 2) })
  const cases: [name: string, message: string, id: string | null, status: number, code: string][] = [
    ['too large', tooLarge, null, 413, 'payloadTooLarge'],
    ['too large in bytes though not in characters', manyBytes, null, 413, 'payloadTooLarge'],
    ['not JSON', '{"id":', null, 400, 'malformedMessage'],
    ['no object', '[1]', null, 400, 'malformedMessage'],
    ['empty', '', null, 400, 'malformedMessage'],
    ['without an id', JSON.stringify({ method: 'GET', resource: '/me' }), null, 400, 'malformedMessage'],
    ['with a resource of the wrong type', JSON.stringify({ ...me, resource: 5 }), 'me', 400, 'malformedMessage'],
    ['with an unknown method', JSON.stringify({ ...me, method: 'BREW' }), 'me', 405, 'unsupportedMethod'],
    ['of an unknown resource', JSON.stringify({ ...me, resource: '/nowhere' }), 'me', 404, 'unknownResource'],
    ['with a body of the wrong shape', JSON.stringify({ ...openSession('s'), body: { sessionId: 7 } }), 'open', 400, 'invalidRequest'],
  ]

  it.each(cases)('%s is answered over WebSocket, and harms nothing', async (_, message, id, status, code) => {
    const client = await SocketClient.open(newProbe())
    client.sendRaw(message)
    expect(await client.next()).toMatchObject({ id, status, body: { code, traceId: expect.any(String) } })
    expect(await client.request(me)).toMatchObject({ status: 200 })
    client.close()
  })

  it.each(cases)('%s is answered over POST alike', async (_, message, id, status, code) => {
    const client = await StreamClient.open(newProbe())
    const response = await client.post(message)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id, status, body: { code, traceId: expect.any(String) } })
    await client.abandon()
  })

  it('in binary is answered', async () => {
    const client = await SocketClient.open(newProbe())
    client.sendRaw(new Uint8Array([1, 2, 3]).buffer)
    expect(await client.next()).toMatchObject({ id: null, status: 400, body: { code: 'malformedMessage' } })
    client.close()
  })
})

describe('a fault', () => {
  it('is logged with its trace id and does not leak', async () => {
    const client = await SocketClient.open(newProbe())
    const answer = await client.request({ id: '1', method: 'POST', resource: '/fault' })
    expect(answer).toMatchObject({ id: '1', status: 500, body: { code: 'internal', traceId: expect.any(String) } })
    expect(JSON.stringify(answer)).not.toContain('4711')
    const logged = bench.logs.find((record) => record.event === 'request.fault')
    expect(logged).toMatchObject({ level: 'error', resource: '/fault', traceId: traceIdOf(answer) })
    expect(JSON.stringify(logged)).toContain('4711')
    client.close()
  })
})

describe('a flood', () => {
  it('is refused beyond 100 requests, and ends the connection where it goes on', async () => {
    bench.stopped = Date.now()
    const probe = newProbe()
    const client = await SocketClient.open(probe)
    await client.request(openSession('s1'))
    for (let index = 0; index < 101; index += 1) client.sendRaw(JSON.stringify({ ...me, id: `r${index}` }))
    const refusal = await client.next((message) => statusOf(message) === 429)
    expect(refusal).toMatchObject({ id: expect.stringMatching(/^r\d+$/), body: { code: 'rateLimited', retryable: true } })
    for (let index = 0; index < 400; index += 1) client.sendRaw(JSON.stringify(me))
    expect(await client.closed).toMatchObject({ code: 4429 })
    await expect.poll(() => closedOf(probe)).toEqual([{ sessionId: 's1', clean: false }])
  })
})

describe('the fallback of events and POST', () => {
  it('carries the same messages as a WebSocket', async () => {
    const probe = newProbe()
    const socket = await SocketClient.open(probe)
    const stream = await StreamClient.open(probe)
    await socket.request(openSession('socket'))
    expect(await (await stream.post(openSession('stream'))).json()).toMatchObject({ id: 'open', status: 200, body: { resumed: false } })
    await probe.tell('to both')
    const event = await socket.next()
    expect(event).toMatchObject({ seq: 1, event: 'told', resource: '/probe', body: { text: 'to both' } })
    expect(await stream.next()).toEqual({ event: 'message', data: event })
    const overPost = await (await stream.post(me)).json()
    expect(overPost).toMatchObject({ id: 'me', status: 200, body: { userId: 'alice-id', sessionId: 'stream' } })
    socket.close()
    await stream.abandon()
  })

  it('replaces a WebSocket of the same session and is replaced by one', async () => {
    const probe = newProbe()
    const first = await SocketClient.open(probe)
    await first.request(openSession('s1'))
    const stream = await StreamClient.open(probe)
    await stream.post(openSession('s1'))
    expect(await first.closed).toMatchObject({ code: 4409 })
    const second = await SocketClient.open(probe)
    await second.request(openSession('s1'))
    expect(await stream.next()).toMatchObject({ event: 'close', data: { code: 4409 } })
    expect(await stream.next()).toMatchObject({ event: 'end' })
    expect((await stream.post(me)).status).toBe(404)
    second.close()
  })

  it('tells the object when the stream is abandoned', async () => {
    const probe = newProbe()
    const stream = await StreamClient.open(probe)
    await stream.post(openSession('s1'))
    await stream.abandon()
    await expect.poll(() => closedOf(probe)).toEqual([{ sessionId: 's1', clean: false }])
  })

  it('takes POSTs for a connection only from the login that opened it', async () => {
    const stream = await StreamClient.open(newProbe())
    for (const identity of [
      { ...alice, userId: 'mallory' },
      { ...alice, loginId: 'other-login' },
    ]) {
      const response = await stream.post(me, { identity })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'notFound' })
    }
    expect((await stream.post(me, { connectionId: 'invented' })).status).toBe(404)
    await stream.abandon()
  })

  it('lives on with a fresher token that a POST brings', async () => {
    const probe = newProbe()
    const stream = await StreamClient.open(probe)
    await stream.post(openSession('s1'))
    await stream.post(me, { identity: { ...alice, tokenExpiresAt: alice.tokenExpiresAt + 3_600_000 } })
    bench.ahead = alice.tokenExpiresAt - Date.now() + 60_000
    await runDurableObjectAlarm(probe)
    expect(await probe.sessions()).toEqual(['s1'])
    await stream.abandon()
  })
})

const statusOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'status' in message ? message.status : undefined

function traceIdOf(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || !('body' in message)) return undefined
  const { body } = message
  return typeof body === 'object' && body !== null && 'traceId' in body ? body.traceId : undefined
}
