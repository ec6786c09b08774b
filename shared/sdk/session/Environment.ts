import { consoleSink } from '#shared/log/console-sink.ts'
import { Logger } from '#shared/log/logger.ts'
import { type Clock, systemClock } from '#shared/time/clock.ts'
import type { ClientOptions, KeyValueStorage, WebSocketConstructor } from '../api/client.ts'
import { BrowserMedia } from '../media/browser/BrowserMedia.ts'
import type { MediaEngine } from '../media/MediaEngine.ts'
import { defaultTiming, type SignalingTiming } from '../signaling/timing.ts'
import { memoryStorage } from './Memory.ts'

/** What a client runs on: its options, completed by what the platform has. */
export interface Environment {
  /** Without a slash at its end. */
  readonly url: string
  readonly storage: KeyValueStorage
  readonly tokenStorage: KeyValueStorage
  /** Prefix of all keys, so that clients of several deployments share a storage. */
  readonly keyPrefix: string
  /** The storage is a tab's own, so a copied tab must not use the copy. */
  readonly isTabStorage: boolean
  /** Others may use the same tokens at the same time. */
  readonly sharesTokens: boolean
  readonly fetch: typeof fetch
  readonly webSocket: WebSocketConstructor | undefined
  readonly engine: MediaEngine | null
  readonly logger: Logger
  readonly clock: Clock
  readonly timing: SignalingTiming
  readonly transport: 'auto' | 'websocket' | 'http'
}

/** `timing` is for tests, which have no time to lose; applications have no use for it. */
export function environmentOf(options: ClientOptions & { timing?: Partial<SignalingTiming> }): Environment {
  const url = new URL(options.url)
  const tab = tabStorage()
  const storage = options.storage ?? tab ?? memoryStorage()
  return {
    url: (url.origin + url.pathname).replace(/\/+$/, ''),
    storage,
    tokenStorage: options.tokenStorage ?? storage,
    keyPrefix: `ringway:${url.host}${url.pathname.replace(/\/+$/, '')}:`,
    isTabStorage: options.storage === undefined && tab !== null,
    sharesTokens: options.tokenStorage !== undefined || options.storage !== undefined || tab !== null,
    fetch: options.fetch ?? globalThis.fetch,
    webSocket: options.webSocket ?? globalThis.WebSocket,
    engine: options.media ?? (typeof RTCPeerConnection === 'undefined' ? null : new BrowserMedia()),
    logger: options.logger ?? new Logger({ sink: consoleSink, level: 'warn' }),
    clock: systemClock,
    timing: { ...defaultTiming, ...options.timing },
    transport: options.transport ?? 'auto',
  }
}

/** Null outside browsers, and where the user forbids storage. */
function tabStorage(): KeyValueStorage | null {
  try {
    return typeof window === 'undefined' ? null : window.sessionStorage
  } catch {
    return null
  }
}
