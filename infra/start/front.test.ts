import { once } from 'node:events'
import { createServer, get, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createFront } from './front.ts'

let upstream: Server
let front: Server
let sockets: WebSocketServer
let answer: (incoming: IncomingMessage, respond: import('node:http').ServerResponse) => void

const portOf = (server: Server): number => (server.address() as AddressInfo).port

beforeEach(async () => {
  answer = (_, response) => void response.end('hello')
  upstream = createServer((incoming, response) => answer(incoming, response))
  sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })
  upstream.on('upgrade', (incoming, socket, head) => {
    if (incoming.url === '/refused') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    return sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
      webSocket.send(JSON.stringify(incoming.headers))
      webSocket.on('message', (data) => webSocket.send(data))
    })
  })
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  front = createFront({ listen: { host: '127.0.0.1', port: 1 }, upstream: { host: '127.0.0.1', port: portOf(upstream) } })
  await once(front.listen(0, '127.0.0.1'), 'listening')
})

afterEach(() => {
  sockets.close()
  for (const server of [front, upstream]) {
    server.closeAllConnections()
    server.close()
  }
})

const url = (path: string): string => `http://127.0.0.1:${portOf(front)}${path}`

describe('a request', () => {
  it('arrives with its method, path, body and headers, and so does the answer', async () => {
    answer = async (incoming, response) => {
      let length = 0
      for await (const chunk of incoming) length += chunk.length
      response.writeHead(201, { 'x-length': length, 'set-cookie': ['a=1', 'b=2'] }).end(`${incoming.method} ${incoming.url}`)
    }
    const response = await fetch(url('/a?b=%20c'), { method: 'PUT', body: new Uint8Array(3_000_000) })
    expect(response.status).toBe(201)
    expect(response.headers.get('x-length')).toBe('3000000')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toBe('PUT /a?b=%20c')
  })

  it('carries the address of the client, and nothing that only an infrastructure may claim', async () => {
    answer = (incoming, response) => void response.end(JSON.stringify(incoming.headers))
    const spoofed = {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'elsewhere',
      forwarded: 'for=1.2.3.4',
      'cf-connecting-ip': '1.2.3.4',
      'mf-cf-blob': '{}',
      'x-own': 'kept',
    }
    const headers: unknown = await (await fetch(url('/'), { headers: spoofed })).json()
    expect(headers).toMatchObject({
      host: `127.0.0.1:${portOf(front)}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'cf-connecting-ip': '127.0.0.1',
      'x-own': 'kept',
    })
    expect(Object.keys(headers ?? {})).not.toEqual(expect.arrayContaining(['mf-cf-blob']))
    expect(Object.keys(headers ?? {})).not.toEqual(expect.arrayContaining(['forwarded']))
    expect(Object.keys(headers ?? {})).not.toEqual(expect.arrayContaining(['x-forwarded-host']))
  })

  it("carries another proxy's word on who the client is where there is one, and still none of the others", async () => {
    answer = (incoming, respond) => void respond.end(JSON.stringify(incoming.headers))
    const options = { listen: { host: '127.0.0.1', port: 1 }, upstream: { host: '127.0.0.1', port: portOf(upstream) } }
    const behind = createFront({ ...options, addressHeader: 'x-forwarded-for' })
    await once(behind.listen(0, '127.0.0.1'), 'listening')
    const sent = { 'x-forwarded-for': 'forged, 192.0.2.7', 'cf-connecting-ip': '1.2.3.4', 'x-real-ip': '1.2.3.4' }
    const headers: unknown = await (await fetch(`http://127.0.0.1:${portOf(behind)}/`, { headers: sent })).json()
    expect(headers).toMatchObject({ 'x-forwarded-for': 'forged, 192.0.2.7', 'cf-connecting-ip': '127.0.0.1' })
    expect(headers).not.toHaveProperty('x-real-ip')
    behind.closeAllConnections()
    behind.close()
  })

  it('streams server-sent events as they come, headers first', async () => {
    const events = Promise.withResolvers<import('node:http').ServerResponse>()
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      events.resolve(response)
    }
    const outgoing = get(url('/events'))
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    const source = await events.promise
    for (const text of ['data: one\n\n', 'data: two\n\n']) {
      source.write(text)
      const [chunk] = (await once(incoming, 'data')) as [Buffer]
      expect(chunk.toString()).toBe(text)
    }
    // The end of the client is the end of the upstream connection.
    const closed = once(source, 'close')
    outgoing.destroy()
    await closed
  })

  it('gets 502 while the edge is away', async () => {
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
    const response = await fetch(url('/'))
    expect(response.status).toBe(502)
  })
})

describe('a WebSocket', () => {
  it('is relayed both ways with subprotocol and headers', async () => {
    const socket = new WebSocket(url('/wapi').replace('http', 'ws'), ['ringway.v1', 'bearer.x'], {
      headers: { 'cf-connecting-ip': '1.2.3.4' },
    })
    const [greeting] = (await once(socket, 'message')) as [Buffer]
    expect(JSON.parse(greeting.toString())).toMatchObject({
      'cf-connecting-ip': '127.0.0.1',
      'sec-websocket-protocol': 'ringway.v1,bearer.x',
    })
    expect(socket.protocol).toBe('ringway.v1')
    const payload = Buffer.alloc(500_000, 7)
    socket.send(payload)
    const [echo] = (await once(socket, 'message')) as [Buffer]
    expect(echo.equals(payload)).toBe(true)
    const [upstreamSocket] = sockets.clients
    const closed = once(socket, 'close')
    upstreamSocket?.close(4401, 'token expired')
    expect(((await closed) as [number, Buffer])[0]).toBe(4401)
  })

  it('that is refused tells the client the status', async () => {
    const socket = new WebSocket(url('/refused').replace('http', 'ws'))
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(403)
    socket.on('error', () => {})
    socket.terminate()
  })

  it('gets 502 while the edge is away', async () => {
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
    const socket = new WebSocket(url('/wapi').replace('http', 'ws'))
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(502)
    socket.on('error', () => {})
    socket.terminate()
  })

  it('ends upstream when the client vanishes', async () => {
    const socket = new WebSocket(url('/wapi').replace('http', 'ws'))
    await once(socket, 'message')
    const [upstreamSocket] = sockets.clients
    const closed = once(upstreamSocket ?? socket, 'close')
    socket.terminate()
    await closed
  })
})

describe('a tunnel', () => {
  it('is refused: it would reach interfaces that trust their clients', async () => {
    const socket = connect(portOf(front), '127.0.0.1')
    socket.write('CONNECT miniflare-unsafe-internal-capnp-connect HTTP/1.1\r\nHost: miniflare-unsafe-internal-capnp-connect\r\n\r\n')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(socket, 'close')
    expect(chunks).toEqual([])
    const attempt = request({ port: portOf(front), method: 'CONNECT', path: 'x:1' }).end()
    await once(attempt, 'error')
  })
})
