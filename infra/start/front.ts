import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import type { FrontOptions } from './front-options.ts'

/**
 * Headers that only an infrastructure in front of the Worker may set. `mf-` are miniflare's own, which would let a
 * client choose what the Worker takes for Cloudflare's word.
 */
const infrastructureHeaders = /^(x-forwarded-|x-real-ip$|forwarded$|cf-|mf-)/
/** Of one connection, not of the message (RFC 9110 section 7.6.1). */
const hopHeaders: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade']

const noResponse = 'HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
const headersWithinMs = 30_000

/**
 * Stands before workerd where others than this machine can connect, because workerd's direct socket has no TLS and
 * trusts its clients. Requests and answers are streamed, upgraded connections become two raw pipes.
 */
export function createFront(options: FrontOptions): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  const scheme = options.tls === undefined ? 'http' : 'https'
  const kept = options.addressHeader === undefined ? [] : [options.addressHeader]
  const onRequest: RequestListener = (incoming, response) => {
    const outgoing = request({
      ...options.upstream,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: upstreamHeaders(incoming, { scheme, keep: kept }),
    })
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer.rawHeaders))
      // Server-sent events must not wait for the first byte of a body.
      response.flushHeaders()
      pipeline(answer, response, () => {})
    })
    outgoing.on('error', () => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { 'content-type': 'text/plain' }).end('The edge is not available.')
    })
    response.on('close', () => outgoing.destroy())
    pipeline(incoming, outgoing, () => {})
  }
  const server = options.tls === undefined ? createServer(onRequest) : createSecureServer(options.tls, onRequest)
  server.headersTimeout = headersWithinMs
  // Long answers and uploads are legitimate; a client that sends nothing is ended by the headers' deadline.
  server.requestTimeout = 0
  server.on('upgrade', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    relayUpgrade(incoming, {
      client,
      head,
      options,
      headers: upstreamHeaders(incoming, { scheme, keep: [...kept, 'connection', 'upgrade'] }),
    })
  })
  // A tunnel through the front would reach workerd's internal interfaces.
  server.on('connect', (_request, socket: Duplex) => socket.destroy())
  server.once('close', () => agent.destroy())
  return server
}

function relayUpgrade(
  incoming: IncomingMessage,
  context: { client: Duplex; head: Buffer; options: FrontOptions; headers: IncomingHttpHeaders },
): void {
  const { client, head, headers } = context
  const outgoing = request({ ...context.options.upstream, agent: false, method: incoming.method, path: incoming.url, headers })
  const fail = (): void => {
    if (client.writable) client.end(noResponse)
    else client.destroy()
  }
  client.on('error', () => outgoing.destroy())
  client.once('close', () => outgoing.destroy())
  outgoing.on('error', fail)
  outgoing.on('upgrade', (answer, upstream: Socket, upstreamHead) => {
    client.write(head101(answer))
    if (upstreamHead.length > 0) client.write(upstreamHead)
    if (head.length > 0) upstream.write(head)
    upstream.setNoDelay(true)
    pipeline(client, upstream, () => upstream.destroy())
    pipeline(upstream, client, () => client.destroy())
  })
  // A refusal is an ordinary answer.
  outgoing.on('response', (answer) => {
    client.write(
      `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${headerLines(answerHeaders(answer.rawHeaders))}Connection: close\r\n\r\n`,
    )
    pipeline(answer, client, () => client.destroy())
  })
  outgoing.end()
}

function upstreamHeaders(incoming: IncomingMessage, options: { scheme: string; keep: readonly string[] }): IncomingHttpHeaders {
  const client = incoming.socket.remoteAddress ?? ''
  const isOwn = (name: string): boolean => infrastructureHeaders.test(name) || hopHeaders.includes(name)
  const passed = Object.entries(incoming.headers).filter(([name]) => options.keep.includes(name) || !isOwn(name))
  return {
    // As Cloudflare names the client's address.
    'cf-connecting-ip': client,
    'x-forwarded-for': client,
    'x-forwarded-proto': options.scheme,
    ...Object.fromEntries(passed),
  }
}

/** Name and value in turn, as they came, without those of the upstream connection; Node frames the body anew. */
function answerHeaders(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopHeaders.includes((raw[index - (index % 2)] ?? '').toLowerCase()))
}

function head101(answer: IncomingMessage): string {
  return `HTTP/1.1 101 ${answer.statusMessage}\r\n${headerLines(answer.rawHeaders)}\r\n`
}

function headerLines(raw: readonly string[]): string {
  let text = ''
  for (let index = 0; index < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`
  return text
}
