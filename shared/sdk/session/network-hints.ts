import type { Unsubscribe } from '../api/events.ts'

/** Calls `wake` when a browser hints that the network, or the page, is back. Nothing happens elsewhere. */
export function onNetworkHint(wake: () => void): Unsubscribe {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => undefined
  const visible = (): void => {
    if (document.visibilityState === 'visible') wake()
  }
  const sources = [
    [window, 'online', wake],
    [window, 'pageshow', wake],
    [document, 'visibilitychange', visible],
  ] as const
  for (const [target, name, listener] of sources) target.addEventListener(name, listener)
  return () => {
    for (const [target, name, listener] of sources) target.removeEventListener(name, listener)
  }
}
