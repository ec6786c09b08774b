import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { assertNever } from '#shared/result/result.ts'
import { grantFederatedCode } from '../federation/code-grant.ts'
import { grantTokenExchange } from '../federation/token-exchange.ts'
import { grantCode } from '../oauth/code-grant.ts'
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
    case 'authorization_code':
      return grantCode(scope, request, requester)
    case 'refresh_token':
      return grantRefresh(scope, request, requester)
    case 'client_credentials':
      return grantClient(scope, request, requester)
    case 'anonymous':
      return grantAnonymous(scope, request, requester)
    case 'urn:ringway:federated-code':
      return grantFederatedCode(scope, request, requester)
    case 'urn:ietf:params:oauth:grant-type:token-exchange':
      return grantTokenExchange(scope, request, requester)
    default:
      return assertNever(request)
  }
}
