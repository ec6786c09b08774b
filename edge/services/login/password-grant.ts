import type { TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import type { Scope } from '../scope.ts'
import { checkPassword } from './check-password.ts'
import type { Requester } from './grant.ts'
import { openLogin } from './open-login.ts'

/** RFC 6749 §4.3. The tokens are the user's own and good for everything that the user may do. */
export async function grantPassword(
  scope: Scope,
  request: { username: string; password: string },
  requester: Requester,
): Promise<TokenResponse> {
  return openLogin(scope, await checkPassword(scope, request, requester), requester)
}
