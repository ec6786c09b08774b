import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { AppError } from '#shared/errors/AppError.ts'
import type { SocketTarget } from './edge-addresses.ts'

/** How long a socket may take to open, in milliseconds. */
const openTimeoutMs = 5000

/** Any key will do: nobody speaks on the socket that a probe opens (RFC 6455 §4.1). */
const probeKey = Buffer.from('ringway-dial-key').toString('base64')

export interface DialOptions<Used> {
  /** Takes the socket over as it opens, before its first frame can be there: a listener added later could miss it. */
  readonly use: (socket: WebSocket) => Used
  readonly signal: AbortSignal
  readonly timeoutMs?: number
}

/**
 * Opens a WebSocket and gives back what its user made of it. Rejects with `unavailable` where it does
 * not open in time, and closes it where `signal` aborts first.
 */
export function dial<Used>(target: SocketTarget, options: DialOptions<Used>): Promise<{ readonly used: Used }> {
  return new Promise((resolve, reject) => {
    options.signal.throwIfAborted()
    const socket = new WebSocket(target.url, [...target.protocols])
    const attempt = new AbortController()
    const timer = setTimeout(() => fail('timeout'), options.timeoutMs ?? openTimeoutMs)
    const settle = (): void => {
      clearTimeout(timer)
      attempt.abort()
    }
    const fail = (cause: unknown): void => {
      settle()
      // A socket that is still connecting answers `close()` with another error event.
      socket.addEventListener('error', () => undefined)
      socket.close()
      reject(new AppError('unavailable', { cause }))
    }
    const opened = (): void => {
      settle()
      resolve({ used: options.use(socket) })
    }
    const { signal } = attempt
    socket.addEventListener('open', opened, { signal })
    socket.addEventListener('error', (event) => fail(event.error), { signal })
    socket.addEventListener('close', ({ code, reason }) => fail({ code, reason }), { signal })
    options.signal.addEventListener('abort', () => fail(options.signal.reason), { signal })
  })
}

/**
 * The HTTP status with which the server answers the opening handshake: 101 where it would accept,
 * undefined where there is no answer. The WebSocket API hides the status (a page must not learn it),
 * and the host must tell "your key is unknown" from "not now".
 */
export function handshakeStatus(target: SocketTarget, options: { signal: AbortSignal; timeoutMs?: number }): Promise<number | undefined> {
  const secure = target.url.protocol === 'wss:'
  const url = new URL(target.url)
  url.protocol = secure ? 'https:' : 'http:'
  return new Promise((resolve) => {
    const request = (secure ? httpsRequest : httpRequest)(url, {
      agent: false,
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs ?? openTimeoutMs)]),
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': probeKey,
        'Sec-WebSocket-Protocol': target.protocols.join(', '),
      },
    })
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    request.on('response', (response) => {
      response.destroy()
      resolve(response.statusCode)
    })
    request.on('error', () => resolve(undefined))
    request.end()
  })
}
