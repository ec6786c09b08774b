import { AppError } from '#shared/errors/AppError.ts'
import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import type { Requester } from '../login/grant.ts'
import { openLogin } from '../login/open-login.ts'
import { userSubject } from '../login/user-subject.ts'
import type { Scope } from '../scope.ts'
import { accountOf } from './accounts.ts'
import { federatedChain, providerOn } from './providers.ts'
import { validateToken } from './validate-token.ts'

type ExchangeRequest = Extract<TokenRequest, { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' }>

/** RFC 8693: whoever brings a provider's token for one of its users is logged in as the user here (capability `login-token`). */
export async function grantTokenExchange(scope: Scope, request: ExchangeRequest, requester: Requester): Promise<TokenResponse> {
  const chain = await federatedChain(scope, request.domain)
  if (chain === undefined) throw new AppError('notFound')
  const provider = await providerOn(scope, chain, request.provider)
  const { subject_token: token, subject_token_type: type, nonce } = request
  const assertion = await validateToken(scope.env, provider, { token, type, nonce })
  const user = await accountOf(scope, provider, assertion, { chain, onlyOwnUsers: request.domain !== undefined })
  const subject = await userSubject(scope, user, { credentialId: null })
  if (subject === undefined) throw new AppError('accountUnknown')
  const tokens = await openLogin(scope, subject, requester)
  return { ...tokens, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }
}
