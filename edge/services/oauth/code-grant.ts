import { AppError } from '#shared/errors/AppError.ts'
import { newId } from '#shared/ids/ids.ts'
import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { sha256 } from '#edge/auth/bytes.ts'
import { type CodeRow, findCode, noteReuse, takeCode } from '#edge/db/d1/oauth-codes.ts'
import { findUser, type UserInDomain } from '#edge/db/d1/users.ts'
import { noteFailedLogin } from '../login/failed-logins.ts'
import type { Requester } from '../login/grant.ts'
import { endLoginsNow, openLogin, type Subject } from '../login/open-login.ts'
import { type Grounds, userSubject } from '../login/user-subject.ts'
import type { Scope } from '../scope.ts'
import { requireClient } from './client-authentication.ts'
import { type Client, requireGrantType, serves } from './clients.ts'
import { signIdToken } from './id-token.ts'

type CodeRequest = Extract<TokenRequest, { grant_type: 'authorization_code' }>

/** A hash of what cannot be guessed needs no salt. */
export const hashOfCode = (code: string): Promise<string> => sha256(`authorization code ${code}`)

/**
 * RFC 6749 §4.1.3. A code is good once, for the client, the redirect URI and the PKCE challenge it was made
 * for; one that comes again is in two hands, so what was made from it ends (RFC 9700 §4.2.4).
 */
export async function grantCode(scope: Scope, request: CodeRequest, requester: Requester): Promise<TokenResponse> {
  const client = await requireClient(scope, request, requester)
  requireGrantType(client, 'authorization_code')
  const code = await findCode(scope.db, await hashOfCode(request.code))
  // Another client, which could do nothing with it, ends nobody's login by it either.
  if (code === undefined || code.clientId !== client.id) throw new AppError('invalidGrant')
  if (code.usedAt !== null) return endReused(scope, code, requester)
  const now = scope.clock.now()
  if (code.expiresAt <= now || code.redirectUri !== request.redirect_uri) throw new AppError('invalidGrant')
  // RFC 7636 §4.6.
  if ((await sha256(request.code_verifier)) !== code.codeChallenge) throw new AppError('invalidGrant')
  const user = await findUser(scope.db, { userId: code.userId })
  const subject = user === undefined ? undefined : await subjectFor(scope, client, { user, grounds: code })
  if (user === undefined || subject === undefined) throw new AppError('invalidGrant')

  const loginId = newId()
  if (!(await takeCode(scope.db, { hash: code.hash, loginId, now }))) return endReused(scope, code, requester)
  const tokens = await openLogin(scope, subject, {
    issuer: requester.issuer,
    acting: { clientId: client.id, clientRevision: client.revision, scope: code.scope, authTime: code.authTime },
    code: { hash: code.hash, loginId },
  })
  return withIdToken(scope, tokens, {
    user,
    loginId,
    clientId: client.id,
    scope: code.scope,
    nonce: code.nonce,
    authTime: code.authTime,
    issuer: requester.issuer,
  })
}

/** The user as the client may act for it now. Undefined: not any more. */
export async function subjectFor(
  scope: Scope,
  client: Client,
  { user, grounds }: { user: UserInDomain; grounds: Grounds },
): Promise<Subject | undefined> {
  const subject = await userSubject(scope, user, grounds)
  return subject !== undefined && subject.policy.services.includes('login') && serves(client, subject) ? subject : undefined
}

/** Adds an ID token where the client has asked who the user is. */
export async function withIdToken(
  scope: Scope,
  tokens: TokenResponse,
  facts: Omit<Parameters<typeof signIdToken>[1], 'accessToken' | 'lifetime'>,
): Promise<TokenResponse> {
  if (!facts.scope.includes('openid')) return tokens
  const idToken = await signIdToken(scope, { ...facts, accessToken: tokens.access_token, lifetime: tokens.expires_in })
  return { ...tokens, id_token: idToken }
}

async function endReused(scope: Scope, code: CodeRow, { address }: Pick<Requester, 'address'>): Promise<never> {
  const { userId, clientId } = code
  scope.logger.warn('login.codeReused', { clientId, userId })
  const user = await findUser(scope.db, { userId })
  await noteFailedLogin(scope, { reason: 'tokenReused', account: userId, userId, domainId: user?.domain.id, address })
  const loginId = await noteReuse(scope.db, code.hash, scope.clock.now())
  if (loginId !== undefined) await endLoginsNow(scope, [loginId])
  throw new AppError('invalidGrant')
}
