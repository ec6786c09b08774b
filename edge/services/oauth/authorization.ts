import { AppError } from '#shared/errors/AppError.ts'
import { assertNever, err, ok, type Result } from '#shared/result/result.ts'
import { randomText } from '#edge/auth/bytes.ts'
import { tokenService } from '#edge/auth/tokens.ts'
import { findConsent, storeConsent } from '#edge/db/d1/oauth-consents.ts'
import { insertCode } from '#edge/db/d1/oauth-codes.ts'
import {
  type AnswerTarget,
  type AuthorizationRequest,
  knownParameters,
  parseAuthorizationRequest,
  targetFault,
} from '#edge/domain/oauth/authorization-request.ts'
import { nextStep } from '#edge/domain/oauth/next-step.ts'
import { openLogin } from '../login/open-login.ts'
import type { Scope } from '../scope.ts'
import type { BrowserSession } from './browser-sessions.ts'
import { type Client, findClient, serves } from './clients.ts'
import { hashOfCode } from './code-grant.ts'

/** Milliseconds: RFC 6749 §4.1.2 recommends ten minutes at most; a client needs a moment. */
const codeLifetime = 60_000

/** A request for authorization whose client and redirect URI are known. */
export interface OpenRequest {
  readonly client: Client
  readonly request: AuthorizationRequest
  /** The request's parameters, as forms and links carry them on. */
  readonly parameters: URLSearchParams
}

/** What the user's browser is sent to the client with. */
export interface Answer {
  readonly target: AnswerTarget
  readonly parameters: Readonly<Record<string, string>>
}

export type PageFault = 'parametersUnclear' | 'clientUnknown' | 'redirectUriMissing' | 'redirectUriUnknown'

export type Refusal = { readonly kind: 'page'; readonly fault: PageFault } | { readonly kind: 'answer'; readonly answer: Answer }

/** RFC 6749 §4.1.1. Where client or redirect URI are not certain, nobody is sent anywhere (§4.1.2.1). */
export async function openRequest(scope: Scope, sent: URLSearchParams, issuer: string): Promise<Result<OpenRequest, Refusal>> {
  const parameters = knownParameters(sent)
  if (parameters === undefined) return err({ kind: 'page', fault: 'parametersUnclear' })
  const client = await findClient(scope, parameters.get('client_id') ?? '')
  if (client === undefined) return err({ kind: 'page', fault: 'clientUnknown' })
  const fault = targetFault(parameters, client.data)
  if (fault !== undefined) return err({ kind: 'page', fault })
  const allowImplicit = scope.env.RINGWAY_OAUTH_IMPLICIT === '1'
  const request = parseAuthorizationRequest(parameters, client, { allowImplicit })
  if (request.ok) return ok({ client, request: request.value, parameters })
  const { target, error } = request.error
  return err({ kind: 'answer', answer: answerTo(target, { error: error.error, error_description: error.description }, issuer) })
}

export type Outcome =
  | { readonly kind: 'login'; readonly stranger: boolean }
  | { readonly kind: 'consent'; readonly session: BrowserSession }
  | { readonly kind: 'answer'; readonly answer: Answer }

export interface Progress {
  readonly session: BrowserSession | undefined
  readonly issuer: string
  /** The user has just logged in for this request. */
  readonly freshLogin?: boolean
  /** The user has just agreed to it. */
  readonly agreed?: boolean
}

/** Goes as far with a request as can be gone without asking the user. */
export async function proceed(scope: Scope, open: OpenRequest, { session: found, issuer, ...progress }: Progress): Promise<Outcome> {
  const { client, request } = open
  const stranger = found !== undefined && !serves(client, found.subject)
  const session = found === undefined || stranger || !(await isHinted(scope, request, found)) ? undefined : found
  const step = nextStep(
    {
      request,
      client: client.data,
      session: session?.row,
      freshLogin: progress.freshLogin ?? false,
      agreed: progress.agreed ?? false,
      consented: session === undefined ? [] : await findConsent(scope.db, { userId: session.user.user.id, clientId: client.id }),
    },
    scope.clock.now(),
  )
  switch (step.kind) {
    case 'refuse':
      return { kind: 'answer', answer: answerTo(request, { error: step.error.error, error_description: step.error.description }, issuer) }
    case 'login':
      return { kind: 'login', stranger }
    case 'consent':
    case 'answer':
      if (session === undefined) throw new TypeError('Only who is logged in comes this far')
      if (step.kind === 'consent') return { kind: 'consent', session }
      if (progress.agreed === true) await remember(scope, open, session)
      return { kind: 'answer', answer: answerTo(request, await grantTo(scope, open, { session, issuer }), issuer) }
    default:
      return assertNever(step)
  }
}

/** The user does not want to. */
export const denied = ({ request }: OpenRequest, issuer: string): Answer =>
  answerTo(request, { error: 'access_denied', error_description: 'The user has not agreed.' }, issuer)

/** Every answer says whose it is (RFC 9207), against mix-up. */
function answerTo(target: AnswerTarget, parameters: Record<string, string>, issuer: string): Answer {
  return { target, parameters: { ...parameters, ...(target.state === undefined ? {} : { state: target.state }), iss: issuer } }
}

/** Whether the client means this user, where it says whom it means (OpenID Connect Core §3.1.2.1). */
async function isHinted(scope: Scope, { idTokenHint }: AuthorizationRequest, session: BrowserSession): Promise<boolean> {
  if (idTokenHint === undefined) return true
  return (await tokenService(scope.env).readIdTokenHint(idTokenHint))?.sub === session.user.user.id
}

async function remember(scope: Scope, { client, request }: OpenRequest, { user }: BrowserSession): Promise<void> {
  const key = { userId: user.user.id, clientId: client.id }
  const scopes = new Set([...(await findConsent(scope.db, key)), ...request.scope])
  await storeConsent(scope.db, { ...key, scope: [...scopes], grantedAt: scope.clock.now() })
}

async function grantTo(
  scope: Scope,
  { client, request }: OpenRequest,
  { session, issuer }: { session: BrowserSession; issuer: string },
): Promise<Record<string, string>> {
  const { hash: sessionHash, credentialId, provider, authTime, userId } = session.row
  if (request.codeChallenge === undefined) return implicitTokens(scope, { client, request, session, issuer })
  const code = randomText(32)
  const row = {
    hash: await hashOfCode(code),
    clientId: client.id,
    userId,
    credentialId,
    provider,
    redirectUri: request.redirectUri,
    scope: [...request.scope],
    nonce: request.nonce ?? null,
    codeChallenge: request.codeChallenge,
    authTime,
    expiresAt: scope.clock.now() + codeLifetime,
  }
  // Whoever was logged in a moment ago is not any more.
  if (!(await insertCode(scope.db, row, { session: sessionHash }))) throw new AppError('invalidGrant')
  return { code }
}

/** RFC 6749 §4.2.2: never with a refresh token. */
async function implicitTokens(
  scope: Scope,
  { client, request, session, issuer }: { client: Client; request: AuthorizationRequest; session: BrowserSession; issuer: string },
): Promise<Record<string, string>> {
  const granted = request.scope.filter((name) => name !== 'offline_access')
  const tokens = await openLogin(scope, session.subject, {
    issuer,
    acting: { clientId: client.id, clientRevision: client.revision, scope: granted, authTime: session.row.authTime },
  })
  return {
    access_token: tokens.access_token,
    token_type: tokens.token_type,
    expires_in: String(tokens.expires_in),
    scope: granted.join(' '),
  }
}
