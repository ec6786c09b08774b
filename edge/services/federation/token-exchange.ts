import { AppError } from '#shared/errors/AppError.ts'
import type { TokenRequest, TokenResponse } from '#shared/protocol/sapi/oauth.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import type { Requester } from '../login/grant.ts'
import { noteFailedLogin } from '../login/failed-logins.ts'
import { openLogin, type Subject } from '../login/open-login.ts'
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
  const proven = async (): Promise<Subject> => {
    const assertion = await validateToken(scope.env, provider, { token, type, nonce })
    const user = await accountOf(scope, provider, assertion, {
      chain,
      isChosen: request.domain !== undefined,
      onlyOwnUsers: request.domain !== undefined,
      // Whoever brings the token has it, and the user with it, already.
      isForeignPage: false,
    })
    const subject = await userSubject(scope, user, { credentialId: null, provider: provider.key })
    if (subject === undefined) throw new AppError('accountUnknown')
    return subject
  }
  const subject = await proven().catch(async (thrown: unknown) => {
    await noteFailedLogin(scope, { reason: 'provider', account: provider.key, domainId: ownNode(chain).id, address: requester.address })
    throw thrown
  })
  const tokens = await openLogin(scope, subject, requester)
  return { ...tokens, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }
}
