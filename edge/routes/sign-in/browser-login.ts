import { closeBrowserSession, type LoggedIn, openBrowserSession } from '#edge/services/oauth/browser-sessions.ts'
import type { AppContext } from '../kit/app-env.ts'
import { scopeOf } from '../kit/scope.ts'
import { dropCookie, readCookie, writeCookie } from './cookies.ts'

/** Logs a user in in this browser. Always a new session; the one before is over. @returns the value of its cookie. */
export async function logIn(c: AppContext, subject: LoggedIn): Promise<string> {
  const scope = scopeOf(c)
  const before = readCookie(c, 'session')
  if (before !== undefined) await closeBrowserSession(scope, before)
  const secret = await openBrowserSession(scope, subject)
  writeCookie(c, 'session', secret, { maxAge: 12 * 3600 })
  dropCookie(c, 'form')
  return secret
}
