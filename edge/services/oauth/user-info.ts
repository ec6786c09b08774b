import { AppError } from '#shared/errors/AppError.ts'
import type { UserInfo } from '#shared/protocol/sapi/oauth.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { findUser } from '#edge/db/d1/users.ts'
import type { Scope } from '../scope.ts'
import { userInfoOf } from './id-token.ts'

/**
 * OpenID Connect Core §5.3.
 * @throws AppError `unauthenticated`, `tokenExpired`, `tokenRevoked`, `insufficientScope`; `forbidden` for callers that are no users.
 */
export async function userInfo(scope: Scope, token: string | undefined): Promise<UserInfo> {
  if (token === undefined) throw new AppError('unauthenticated')
  const identity = await tokenService(scope.env).verifyAccessToken(token, 'openid')
  const found = await findUser(scope.db, { userId: identity.userId })
  if (found === undefined) throw new AppError('forbidden')
  return userInfoOf(found, identity.scope)
}
