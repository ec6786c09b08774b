import type { ClientData, ScopeName } from '#shared/protocol/sapi/clients.ts'
import { isNativeRedirect } from '#shared/protocol/sapi/clients.ts'
import type { AuthorizationError, AuthorizationRequest } from './authorization-request.ts'

/** What is known when it is to be decided what happens to a request for authorization. */
export interface Situation {
  readonly request: Pick<AuthorizationRequest, 'prompt' | 'maxAge' | 'scope' | 'redirectUri'>
  readonly client: Pick<ClientData, 'trusted' | 'authMethod'>
  /** Who is logged in in this browser and may use the client. */
  readonly session: { readonly authTime: number } | undefined
  /** The user has just logged in for this request. */
  readonly freshLogin: boolean
  /** The user has just agreed to this request. */
  readonly agreed: boolean
  /** What the user has allowed the client before. */
  readonly consented: readonly string[]
}

export type Step =
  | { readonly kind: 'login' }
  | { readonly kind: 'consent' }
  | { readonly kind: 'answer' }
  | { readonly kind: 'refuse'; readonly error: AuthorizationError }

/** OpenID Connect Core §3.1.2.3 and §3.1.2.4. */
export function nextStep(situation: Situation, now: number): Step {
  const silent = situation.request.prompt.includes('none')
  if (needsLogin(situation, now)) {
    return silent ? refuse('login_required', 'The user has to log in.') : { kind: 'login' }
  }
  if (needsConsent(situation)) {
    return silent ? refuse('consent_required', 'The user has to agree.') : { kind: 'consent' }
  }
  return { kind: 'answer' }
}

const refuse = (error: AuthorizationError['error'], description: string): Step => ({ kind: 'refuse', error: { error, description } })

function needsLogin({ request, session, freshLogin, agreed }: Situation, now: number): boolean {
  if (session === undefined) return true
  // Whoever was asked to agree had been asked to log in before.
  if (freshLogin || agreed) return false
  if (request.prompt.includes('login') || request.prompt.includes('select_account')) return true
  return request.maxAge !== undefined && now - session.authTime > request.maxAge * 1000
}

/**
 * A program on the user's machine may be any that claims to be the client, so its user is asked each time
 * (RFC 8252 §8.6).
 */
function needsConsent({ request, client, agreed, consented }: Situation): boolean {
  if (agreed) return false
  if (request.prompt.includes('consent')) return true
  if (client.trusted) return false
  if (client.authMethod === 'none' && isNativeRedirect(request.redirectUri)) return true
  return !coveredBy(request.scope, consented)
}

const coveredBy = (scope: readonly ScopeName[], consented: readonly string[]): boolean => scope.every((name) => consented.includes(name))
