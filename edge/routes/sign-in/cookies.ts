import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { issuerOf } from '#edge/auth/issuer.ts'
import type { AppContext } from '../kit/app-env.ts'

/**
 * The provider's two cookies: `session` says who is logged in in this browser, `form` binds its forms to
 * the browser before anybody is. Scripts cannot read them, other sites cannot send them with a form
 * (SameSite), and neighbours of the host cannot plant them (`__Host-`, RFC 6265bis §4.1.3.2).
 */
type CookieName = 'session' | 'form'

const nameOf = (name: CookieName): string => `ringway-${name}`

export function readCookie(c: AppContext, name: CookieName): string | undefined {
  const value = isPlainLoopback(c) ? getCookie(c, nameOf(name)) : getCookie(c, nameOf(name), 'host')
  return value === '' ? undefined : value
}

/** `maxAge` in seconds; absent: until the browser is closed. */
export function writeCookie(c: AppContext, name: CookieName, value: string, options: { maxAge?: number } = {}): void {
  setCookie(c, nameOf(name), value, { ...attributes(c), ...options })
}

export function dropCookie(c: AppContext, name: CookieName): void {
  deleteCookie(c, nameOf(name), attributes(c))
}

const attributes = (c: AppContext) => {
  const common = { path: '/', httpOnly: true, sameSite: 'Lax' } as const
  return isPlainLoopback(c) ? common : ({ ...common, secure: true, prefix: 'host' } as const)
}

/** Browsers keep no secure cookie over plain http, so nobody could log in there. */
export const isInsecure = (c: AppContext): boolean => issuerOf(c.req.raw, c.env).startsWith('http:') && !isPlainLoopback(c)

/** This machine's own addresses count as secure, but not for every browser's cookies. */
function isPlainLoopback(c: AppContext): boolean {
  const { protocol, hostname } = new URL(issuerOf(c.req.raw, c.env))
  return protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname))
}
