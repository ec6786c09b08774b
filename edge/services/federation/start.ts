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
import { type Flow, flowCookie, flowLifetime } from './flow.ts'
import { federatedChain, providerOn } from './providers.ts'

/** Where providers send their users back to; what an admin registers there. */
export const callbackUrl = (issuer: string): string => `${issuer}/sapi/o/federated/callback`

/** Asks for a login without a page that could keep a verifier. */
const authorizationPath = '/sapi/o/authorize'

/**
 * The way to a provider: authorization code with PKCE, state and nonce (RFC 9700 §2.1.1).
 * `fromOwnPage`: it was a page of ours that began, as far as the browser says (Fetch Metadata).
 * @throws AppError `notFound` where the domain has no such provider, `invalidRequest`, `forbidden`, `federationUnavailable`.
 */
export async function startFederated(
  scope: Scope,
  request: StartFederated & { provider: string; fromOwnPage: boolean },
  issuer: string,
): Promise<{ location: string; cookie: string }> {
  const chain = await federatedChain(scope, request.domain)
  if (chain === undefined) throw new AppError('notFound')
  const returnTo = await pageToReturnTo(scope, ownNode(chain), request.return_to, issuer)
  const isAuthorization = returnTo.isOwnPage && new URL(returnTo.url).pathname === authorizationPath
  if (request.code_challenge === undefined) {
    if (!isAuthorization) throw invalid('code_challenge', 'It is required')
    // Or any site could send somebody to a provider of its choice and have them logged in here as somebody else.
    if (!request.fromOwnPage) throw new AppError('forbidden')
  }
  const provider = await providerOn(scope, chain, request.provider)
  const connection = await connectionTo(scope.env, provider)
  const flow: Flow = {
    state: randomText(32),
    nonce: randomText(32),
    verifier: client.randomPKCECodeVerifier(),
    provider: provider.key,
    domainId: ownNode(chain).id,
    returnTo: returnTo.url,
    isOwnPage: returnTo.isOwnPage,
    codeChallenge: request.code_challenge,
    expiresAt: scope.clock.now() + flowLifetime,
  }
  const location = client.buildAuthorizationUrl(connection, {
    redirect_uri: callbackUrl(issuer),
    scope: provider.scopes.join(' '),
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  })
  if (!outgoingUrl(location.origin, urlRulesOf(scope.env)).ok) throw new AppError('federationInvalid')
  return { location: location.href, cookie: await flowCookie(scope, flow, issuer) }
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
