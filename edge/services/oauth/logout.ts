import { err, ok, type Result } from '#shared/result/result.ts'
import type { IdTokenHint } from '#shared/protocol/tokens.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { findLogin } from '#edge/db/d1/logins.ts'
import { isRegisteredRedirect } from '#edge/domain/oauth/redirect-uris.ts'
import { endLoginsNow } from '../login/open-login.ts'
import type { Scope } from '../scope.ts'
import { type BrowserSession, closeBrowserSession } from './browser-sessions.ts'
import { findClient } from './clients.ts'

/** A client's wish that its user be logged out (OpenID Connect RP-Initiated Logout §2). */
export interface LogoutRequest {
  readonly hint: IdTokenHint | undefined
  /** Where the user goes afterwards; undefined: nowhere. */
  readonly redirectTo: string | undefined
}

export type LogoutFault = 'clientUnknown' | 'redirectUriUnknown'

export async function openLogout(scope: Scope, parameters: URLSearchParams): Promise<Result<LogoutRequest, LogoutFault>> {
  const token = parameters.get('id_token_hint')
  const hint = token === null ? undefined : await tokenService(scope.env).readIdTokenHint(token)
  const named = parameters.get('client_id') ?? undefined
  if (named !== undefined && hint !== undefined && hint.aud !== named) return err('clientUnknown')
  const uri = parameters.get('post_logout_redirect_uri')
  if (uri === null) return ok({ hint, redirectTo: undefined })
  const client = await findClient(scope, named ?? hint?.aud ?? '')
  if (client === undefined) return err('clientUnknown')
  if (!isRegisteredRedirect(uri, client.data.postLogoutRedirectUris)) return err('redirectUriUnknown')
  const state = parameters.get('state')
  const added = state === null ? '' : `${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`
  return ok({ hint, redirectTo: `${uri}${added}` })
}

/** Whether the user has to be asked: anybody can send a browser here, but only the client has its user's ID token. */
export const needsConfirmation = ({ hint }: LogoutRequest, session: BrowserSession | undefined): boolean =>
  session !== undefined && session.user.user.id !== hint?.sub

/** Ends what the browser is logged in with, and the login that the client was given. */
export async function logOut(scope: Scope, { hint }: LogoutRequest, secret: string | undefined): Promise<void> {
  if (secret !== undefined) await closeBrowserSession(scope, secret)
  const login = hint === undefined ? undefined : await findLogin(scope.db, hint.sid)
  if (login !== undefined && login.clientId === hint?.aud) await endLoginsNow(scope, [login.id])
}
