import type { Logger } from '#shared/log/logger.ts'
import type { WebSocketConstructor } from '../api/client.ts'
import type { DeviceErrorCode } from '../RingwayError.ts'
import type { Connect } from '../signaling/Connection.ts'
import { withFallback } from '../signaling/fallback.ts'
import { HttpConnection } from '../signaling/HttpConnection.ts'
import { type BoundRequest, SignalingSocket } from '../signaling/SignalingSocket.ts'
import type { SignalingTiming } from '../signaling/timing.ts'
import { WebSocketConnection } from '../signaling/WebSocketConnection.ts'

/** Makes a signaling socket to a path below the deployment's base address. */
export type SocketFactory = (options: {
  readonly path: `/${string}`
  readonly closedCode: DeviceErrorCode
  readonly logger: Logger
  readonly resume: (request: BoundRequest) => Promise<void> | null
  /** A room's ticket, asked for at each connection. */
  readonly ticket?: () => string | undefined
}) => SignalingSocket

export function socketFactory(options: {
  url: string
  fetch: typeof fetch
  webSocket: WebSocketConstructor | undefined
  transport: 'auto' | 'websocket' | 'http'
  timing: SignalingTiming
  accessToken: (options: { refused?: string }) => Promise<string>
}): SocketFactory {
  return ({ path, closedCode, logger, resume, ticket }) => {
    let last: string | undefined
    return new SignalingSocket({
      connect: connectorTo(options.url + path, options),
      credentials: async ({ renew }) => {
        const bearer = await options.accessToken(renew && last !== undefined ? { refused: last } : {})
        last = bearer
        const current = ticket?.()
        return { bearer, ...(current === undefined ? {} : { ticket: current }) }
      },
      resume,
      timing: options.timing,
      logger,
      closedCode,
    })
  }
}

function connectorTo(
  url: string,
  options: { fetch: typeof fetch; webSocket: WebSocketConstructor | undefined; transport: 'auto' | 'websocket' | 'http' },
): Connect {
  const http = HttpConnection.connector(url, options)
  if (options.transport === 'http' || options.webSocket === undefined) return http
  const websocket = WebSocketConnection.connector(url, {
    webSocket: options.webSocket,
    inquire: (credentials) => HttpConnection.inquire(url, { fetch: options.fetch, credentials }),
  })
  return options.transport === 'websocket' ? websocket : withFallback({ websocket, http })
}
