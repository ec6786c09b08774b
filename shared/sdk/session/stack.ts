import type { SessionContext } from '#shared/protocol/wapi/hub.ts'

/** Stack capabilities (CAP-1) of this SDK where it has media. */
const mediaCapabilities = ['audio-call', 'video-call', 'audio-video-call', 'conferences', 'media-update', 'multicall', 'screen-sharing']

/** What the server is told of this device, where the application says nothing else. */
export function contextOf(given: SessionContext | undefined, options: { hasMedia: boolean }): SessionContext {
  const capabilities = options.hasMedia ? mediaCapabilities : []
  if (typeof navigator === 'undefined') return { capabilities, ...given }
  const { userAgent, language } = navigator
  const isBrowser = typeof document !== 'undefined'
  return {
    platform: isBrowser ? 'browser' : 'node',
    useragent: userAgent.slice(0, 512),
    ...(language === undefined ? {} : { language: language.slice(0, 35) }),
    capabilities,
    ...given,
  }
}
