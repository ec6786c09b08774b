import * as client from 'openid-client'
import { AppError } from '#shared/errors/AppError.ts'
import type { StartFederated } from '#shared/protocol/sapi/federation.ts'
import { randomText } from '#edge/auth/bytes.ts'
import { type DomainRow, listOrigins } from '#edge/db/d1/domains.ts'
import { ownNode } from '#edge/domain/identity/domain-chain.ts'
import { hostOfOrigin, patternsMatching } from '#edge/domain/identity/origin-patterns.ts'
import { outgoingUrl } from '#edge/domain/outgoing-urls.ts'
import type { Scope } from '../scope.ts'
import { connectionTo, urlRulesOf } from './connection.ts'
import { failedAt, type Flow, flowCookie, flowLifetime, type Sent } from './flow.ts'
import { federatedChain, type Provider, providerOn } from './providers.ts'

/** Where providers send their users back to; what an admin registers there. */
export const callbackUrl = (issuer: string): string => `${issuer}/sapi/o/federated/callback`

/** Asks for a login without a page that could keep a verifier. */
const authorizationPath = '/sapi/o/authorize'

export type StartRequest = StartFederated & {
  readonly provider: string
  /** It was a page of ours that began, as far as the browser says (Fetch Metadata). */
  readonly fromOwnPage: boolean
}

/**
 * The way to a provider: authorization code with PKCE, state and nonce (RFC 9700 §2.1.1). Where the provider
 * cannot be had, the page that began is told so; where that page is not certain, nobody is sent anywhere.
 * @throws AppError `notFound` where nobody can sign in to the domain so, `invalidRequest`, `forbidden`.
 */
export async function startFederated(scope: Scope, request: StartRequest, issuer: string): Promise<Sent> {
  const chain = await federatedChain(scope, request.domain)
  if (chain === undefined) throw new AppError('notFound')
  const returnTo = await pageToReturnTo(scope, ownNode(chain), request.return_to, issuer)
  const isAuthorization = returnTo.isOwnPage && new URL(returnTo.url).pathname === authorizationPath
  if (request.code_challenge === undefined) {
    if (!isAuthorization) throw invalid('code_challenge', 'It is required')
    // Or any site could send somebody to a provider of its choice and have them logged in here as somebody else.
    if (!request.fromOwnPage) throw new AppError('forbidden')
  }
  const begun = { returnTo: returnTo.url, isOwnPage: returnTo.isOwnPage, codeChallenge: request.code_challenge }
  try {
    const provider = await providerOn(scope, chain, request.provider)
    const flow: Flow = {
      ...begun,
      state: randomText(32),
      nonce: randomText(32),
      verifier: client.randomPKCECodeVerifier(),
      provider: provider.key,
      domainId: ownNode(chain).id,
      isChosen: request.domain !== undefined,
      ...loggedInSince(request, scope.clock.now()),
      expiresAt: scope.clock.now() + flowLifetime,
    }
    const location = await authorizationUrl(scope, provider, { flow, issuer, request })
    return { location, cookies: [await flowCookie(scope, flow, issuer)], error: undefined }
  } catch (thrown) {
    const error = AppError.from(thrown)
    return { location: failedAt(begun, error.code), cookies: [], error }
  }
}

const asksAnew = ({ prompt }: StartRequest): boolean => prompt?.includes('login') === true

/** What its ID token has to show then. A provider that does not say when its users logged in cannot show it, and is refused. */
function loggedInSince(request: StartRequest, now: number): Pick<Flow, 'loggedInSince'> {
  const maxAge = asksAnew(request) ? 0 : request.max_age
  return maxAge === undefined ? {} : { loggedInSince: now - maxAge * 1000 }
}

async function authorizationUrl(
  scope: Scope,
  provider: Provider,
  { flow, issuer, request }: { flow: Flow; issuer: string; request: StartRequest },
): Promise<string> {
  const connection = await connectionTo(scope.env, provider)
  const { href, origin } = client.buildAuthorizationUrl(connection, {
    redirect_uri: callbackUrl(issuer),
    scope: provider.scopes.join(' '),
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
    // With `max_age`, a provider has to say when the user logged in (OpenID Connect Core §3.1.2.1).
    ...(flow.loggedInSince === undefined ? {} : { max_age: String(asksAnew(request) ? 0 : request.max_age) }),
  })
  if (!outgoingUrl(origin, urlRulesOf(scope.env)).ok) throw new AppError('federationInvalid')
  return href
}

/** Only a page here or one whose host the domain claims is told of a login (RFC 9700 §4.11). */
async function pageToReturnTo(scope: Scope, domain: DomainRow, text: string, issuer: string): Promise<{ url: string; isOwnPage: boolean }> {
  const url = URL.parse(text, issuer)
  if (url === null || url.hash !== '' || text.includes('#') || url.username !== '' || url.password !== '')
    throw invalid('return_to', 'Not a URL that a login can return to')
  if (url.origin === new URL(issuer).origin) return { url: url.href, isOwnPage: true }
  const host = hostOfOrigin(url.origin)
  const isTransportSafe = url.protocol === 'https:' || (url.protocol === 'http:' && outgoingUrl(url.origin, urlRulesOf(scope.env)).ok)
  if (host === undefined || !isTransportSafe) throw invalid('return_to', 'Not a URL that a login can return to')
  const claimed = new Set((await listOrigins(scope.db, [domain.id])).map(({ pattern }) => pattern))
  if (!patternsMatching(host).some((pattern) => claimed.has(pattern))) throw invalid('return_to', 'Not an origin of the domain')
  return { url: url.href, isOwnPage: false }
}

const invalid = (path: string, message: string): AppError => new AppError('invalidRequest', { context: { issues: [{ path, message }] } })
