import * as client from 'openid-client'
import { AppError } from '#shared/errors/AppError.ts'
import { randomText, sha256 } from '#edge/auth/bytes.ts'
import { findChain } from '#edge/db/d1/domains.ts'
import { insertFederatedCode, useState } from '#edge/db/d1/oauth-identities.ts'
import type { UserInDomain } from '#edge/db/d1/users.ts'
import { mergedClaims } from '#edge/domain/identity/federated-account.ts'
import { noteFailedLogin } from '../login/failed-logins.ts'
import { userSubject } from '../login/user-subject.ts'
import type { LoggedIn } from '../oauth/browser-sessions.ts'
import type { Scope } from '../scope.ts'
import { accountOf, type Assertion } from './accounts.ts'
import { type Connection, connectionTo, failureOf } from './connection.ts'
import { failedAt, type Flow, flowOf, type Sent, spentFlowCookie, withFragment } from './flow.ts'
import { providerOfKey } from './providers.ts'
import { callbackUrl } from './start.ts'
import { storeThirdPartyToken } from './third-party-tokens.ts'

/** Milliseconds from the way back until the page has fetched its tokens. */
const codeLifetime = 60_000
/** Milliseconds between a provider's clock and ours, as openid-client allows for them. */
const clockSkew = 30_000

export interface CallbackRequest {
  /** `?…` as the provider sent it. */
  readonly search: string
  readonly cookies: string | null
  readonly issuer: string
  /** The client's, where the entry tells it. */
  readonly address: string | undefined
}

export interface Returned extends Sent {
  /** The authorization endpoint began: who is now to be logged in in this browser, which then goes on there. */
  readonly session?: LoggedIn
}

/** The way back from a provider. Whatever happened, a page says so; tokens are in no URL. */
export async function finishFederated(scope: Scope, request: CallbackRequest): Promise<Returned> {
  const state = new URLSearchParams(request.search).get('state') ?? ''
  const flow = await flowOf(scope, { cookies: request.cookies, state, issuer: request.issuer })
  // Nobody knows then which page began it.
  if (flow === undefined)
    return {
      location: withFragment(`${request.issuer}/`, 'federated_error', 'federationExpired'),
      cookies: [],
      error: new AppError('federationExpired'),
    }
  const cookies = [await spentFlowCookie(state, request.issuer)]
  try {
    const { user, authTime } = await userOf(scope, flow, request)
    const session = { userId: user.user.id, credentialId: null, credentialRevision: null, provider: flow.provider, authTime }
    if (flow.codeChallenge === undefined) return { location: flow.returnTo, cookies, session, error: undefined }
    const code = await newCode(scope, { userId: user.user.id, provider: flow.provider, codeChallenge: flow.codeChallenge })
    return { location: withFragment(flow.returnTo, 'federated_code', code), cookies, error: undefined }
  } catch (thrown) {
    const error = AppError.from(thrown)
    await noteFailedLogin(scope, { reason: 'provider', account: flow.provider, domainId: flow.domainId, address: request.address })
    return { location: failedAt(flow, error.code), cookies, error }
  }
}

interface Found {
  readonly user: UserInDomain
  /** When it logged in at the provider, in milliseconds since the epoch. Undefined: the provider does not say. */
  readonly authTime: number | undefined
}

async function userOf(scope: Scope, flow: Flow, request: CallbackRequest): Promise<Found> {
  // A provider's answer is good once, whatever comes of it.
  if (!(await useState(scope.db, { hash: await sha256(flow.state), expiresAt: flow.expiresAt }))) throw new AppError('federationExpired')
  const chain = await findChain(scope.db, flow.domainId)
  const provider = chain === undefined ? undefined : await providerOfKey(scope, flow.provider, chain)
  if (chain === undefined || provider?.enabled !== true) throw new AppError('federationExpired')
  const connection = await connectionTo(scope.env, provider)
  const { assertion, tokens } = await answerOf(connection, flow, request)
  const authTime = authTimeOf(tokens)
  if (flow.loggedInSince !== undefined && (authTime === undefined || authTime < flow.loggedInSince - clockSkew))
    throw new AppError('federationInvalid', { cause: new Error('The user has not logged in anew, or the provider does not say when') })
  const user = await accountOf(scope, provider, assertion, {
    chain,
    isChosen: flow.isChosen,
    onlyOwnUsers: !flow.isOwnPage,
    isForeignPage: !flow.isOwnPage,
  })
  if ((await userSubject(scope, user, { credentialId: null, provider: provider.key })) === undefined) throw new AppError('accountUnknown')
  if (provider.keepTokens) await storeThirdPartyToken(scope, { user, provider, tokens })
  return { user, authTime }
}

function authTimeOf(tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers): number | undefined {
  const seconds: unknown = tokens.claims()?.auth_time
  return typeof seconds === 'number' ? seconds * 1000 : undefined
}

/** Code, PKCE, state, issuer (RFC 9207), and of the ID token all of OpenID Connect Core §3.1.3.7, with its signature. */
async function answerOf(
  connection: Connection,
  flow: Flow,
  request: CallbackRequest,
): Promise<{ assertion: Assertion; tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers }> {
  try {
    const tokens = await client.authorizationCodeGrant(connection, new URL(callbackUrl(request.issuer) + request.search), {
      pkceCodeVerifier: flow.verifier,
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (claims === undefined) throw new AppError('federationInvalid')
    const more = await userInfoOf(connection, tokens.access_token, claims.sub)
    return { assertion: { issuer: claims.iss, subject: claims.sub, claims: mergedClaims(claims, more) }, tokens }
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

/** What the ID token leaves out is in the user info (OpenID Connect Core §5.4), which is about the same subject or refused. */
export async function userInfoOf(connection: Connection, accessToken: string, subject: string): Promise<Readonly<Record<string, unknown>>> {
  if (connection.serverMetadata().userinfo_endpoint === undefined) return {}
  return client.fetchUserInfo(connection, accessToken, subject)
}

async function newCode(scope: Scope, login: { userId: string; provider: string; codeChallenge: string }): Promise<string> {
  const code = randomText(32)
  await insertFederatedCode(scope.db, { ...login, hash: await hashOfCode(code), expiresAt: scope.clock.now() + codeLifetime })
  return code
}

export const hashOfCode = (code: string): Promise<string> => sha256(`federated code ${code}`)
