import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { assertNever } from '#shared/result/result.ts'
import type { Scope } from '../scope.ts'
import { grantAnonymous } from './anonymous-grant.ts'
import { grantClient } from './client-grant.ts'
import { grantPassword } from './password-grant.ts'
import { grantRefresh } from './refresh-grant.ts'

/** What a token request brings beside its body. */
export interface Requester {
  /** URL that the tokens name as their issuer. */
  readonly issuer: string
  /** The client's address, where the entry tells it. */
  readonly address: string | undefined
  /** `Origin` header. */
  readonly origin: string | undefined
  /** `Authorization` header. */
  readonly authorization: string | undefined
}

/** Answers a token request (AUTH-1). @throws AppError with a code that the route maps to an OAuth error. */
export function grant(scope: Scope, request: TokenRequest, requester: Requester): Promise<TokenResponse> {
  switch (request.grant_type) {
    case 'password':
      return grantPassword(scope, request, requester)
    case 'refresh_token':
      return grantRefresh(scope, request, requester)
    case 'client_credentials':
      return grantClient(scope, request, requester)
    case 'anonymous':
      return grantAnonymous(scope, request, requester)
    default:
      return assertNever(request)
  }
}
