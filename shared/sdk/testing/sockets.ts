import { Logger } from '#shared/log/logger.ts'
import type { SocketFactory } from '../session/sockets.ts'
import { socketFactory } from '../session/sockets.ts'
import { defaultTiming, type SignalingTiming } from '../signaling/timing.ts'
import type { TestServer } from './TestServer.ts'

/** As in earnest, in a fraction of the time. */
export const quickTiming: SignalingTiming = {
  ...defaultTiming,
  openTimeout: 1_500,
  pingInterval: 60,
  pongTimeout: 300,
  wakeTimeout: 150,
  requestTimeout: 5_000,
  reconnectFirst: 4,
  reconnectLongest: 40,
  penalty: 120,
}

export const silentLogger = new Logger({ sink: () => undefined })

/** Sockets to a test server. `refused` lists what the server has been asked to renew. */
export function testSockets(
  server: TestServer,
  options: {
    transport?: 'auto' | 'websocket' | 'http'
    timing?: Partial<SignalingTiming>
    accessToken?: Parameters<typeof socketFactory>[0]['accessToken']
  } = {},
): SocketFactory & { readonly refused: string[] } {
  const refused: string[] = []
  const accessToken =
    options.accessToken ??
    (({ refused: token }: { refused?: string }) => {
      if (token !== undefined) refused.push(token)
      return Promise.resolve(`token-${refused.length}`)
    })
  const factory = socketFactory({
    url: server.url,
    fetch: globalThis.fetch,
    webSocket: globalThis.WebSocket,
    transport: options.transport ?? 'websocket',
    timing: { ...quickTiming, ...options.timing },
    accessToken,
  })
  return Object.assign(factory, { refused })
}
