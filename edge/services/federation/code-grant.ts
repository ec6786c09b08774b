import { AppError } from '#shared/errors/AppError.ts'
import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { sha256 } from '#edge/auth/bytes.ts'
import { takeFederatedCode } from '#edge/db/d1/oauth-identities.ts'
import { findUser } from '#edge/db/d1/users.ts'
import type { Requester } from '../login/grant.ts'
import { openLogin } from '../login/open-login.ts'
import { userSubject } from '../login/user-subject.ts'
import type { Scope } from '../scope.ts'
import { hashOfCode } from './finish.ts'

/**
 * The page to which a federated login returned fetches its tokens. The code is gone whatever comes of it, so
 * that nobody tries verifiers on it; one that comes twice is unknown the second time.
 */
export async function grantFederatedCode(
  scope: Scope,
  request: { code: string; code_verifier: string },
  requester: Requester,
): Promise<TokenResponse> {
  const taken = await takeFederatedCode(scope.db, await hashOfCode(request.code), scope.clock.now())
  // RFC 7636 §4.6. Both sides are hashes of what only the page knows: comparing them tells nothing.
  if (taken === undefined || taken.codeChallenge !== (await sha256(request.code_verifier))) throw new AppError('invalidGrant')
  const found = await findUser(scope.db, { userId: taken.userId })
  const subject = found === undefined ? undefined : await userSubject(scope, found, { credentialId: null, provider: taken.provider })
  if (subject === undefined) throw new AppError('invalidGrant')
  return openLogin(scope, subject, requester)
}
