import { z } from 'zod'
import { type ClientData, type ScopeName, scopeNames } from '#shared/protocol/sapi/clients.ts'
import { err, ok, type Result } from '#shared/result/result.ts'
import { isRegisteredRedirect } from './redirect-uris.ts'

/** A valid request for authorization (RFC 6749 §4.1.1 and §4.2.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1). */
export interface AuthorizationRequest extends AnswerTarget {
  readonly clientId: string
  readonly responseType: 'code' | 'token'
  readonly scope: readonly ScopeName[]
  readonly nonce: string | undefined
  /** Undefined for the implicit grant, which has no code. */
  readonly codeChallenge: string | undefined
  readonly prompt: readonly Prompt[]
  /** Seconds since the user logged in, at most. */
  readonly maxAge: number | undefined
  readonly loginHint: string | undefined
  readonly idTokenHint: string | undefined
}

/** Where and how the answer goes. */
export interface AnswerTarget {
  readonly redirectUri: string
  readonly responseMode: ResponseMode
  readonly state: string | undefined
}

export type ResponseMode = 'query' | 'fragment' | 'form_post'

const prompts = ['none', 'login', 'consent', 'select_account'] as const
type Prompt = (typeof prompts)[number]

/** RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6. */
export interface AuthorizationError {
  readonly error:
    | 'invalid_request'
    | 'unauthorized_client'
    | 'unsupported_response_type'
    | 'invalid_scope'
    | 'access_denied'
    | 'server_error'
    | 'temporarily_unavailable'
    | 'login_required'
    | 'consent_required'
    | 'request_not_supported'
    | 'request_uri_not_supported'
  readonly description: string
}

export interface RefusedRequest {
  readonly target: AnswerTarget
  readonly error: AuthorizationError
}

/** Every parameter that means something here; others are ignored (RFC 6749 §3.1). */
const parameterNames = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'ui_locales',
  'request',
  'request_uri',
] as const

/** The parameters of a request that are known, each at most once. Undefined: one is there twice, or they are too long. */
export function knownParameters(sent: URLSearchParams): URLSearchParams | undefined {
  const known = new URLSearchParams()
  for (const name of parameterNames) {
    const [value, ...more] = sent.getAll(name)
    if (more.length > 0) return undefined
    // RFC 6749 §3.1: what has no value counts as left out.
    if (value !== undefined && value !== '') known.set(name, value)
  }
  return known.toString().length > 8192 ? undefined : known
}

/**
 * The request of a client whose redirect URI has been found to be its own. Whatever is wrong is told
 * there.
 */
export function parseAuthorizationRequest(
  parameters: URLSearchParams,
  client: { id: string; data: ClientData },
  rules: { allowImplicit: boolean },
): Result<AuthorizationRequest, RefusedRequest> {
  const get = (name: (typeof parameterNames)[number]) => parameters.get(name) ?? undefined
  const responseType = get('response_type')
  const wantedMode = get('response_mode')
  const modes: readonly string[] = responseType === 'token' ? ['fragment', 'form_post'] : ['query', 'form_post']
  const responseMode = modes.includes(wantedMode ?? '') ? responseModeOf(wantedMode) : responseType === 'token' ? 'fragment' : 'query'
  const target: AnswerTarget = { redirectUri: get('redirect_uri') ?? '', responseMode, state: get('state') }
  const refuse = (error: AuthorizationError['error'], description: string) => err({ target, error: { error, description } })

  if (parameters.has('request')) return refuse('request_not_supported', 'Request objects are not supported.')
  if (parameters.has('request_uri')) return refuse('request_uri_not_supported', 'Request objects are not supported.')
  if (responseType === undefined) return refuse('invalid_request', 'response_type is missing.')
  if (responseType !== 'code' && !(responseType === 'token' && rules.allowImplicit))
    return refuse('unsupported_response_type', 'Only code is supported.')
  if (!client.data.grantTypes.includes(responseType === 'code' ? 'authorization_code' : 'implicit'))
    return refuse('unauthorized_client', 'The client is not registered for this.')
  if (wantedMode !== undefined && !modes.includes(wantedMode)) return refuse('invalid_request', 'response_mode is not supported.')

  const codeChallenge = responseType === 'code' ? get('code_challenge') : undefined
  if (responseType === 'code') {
    if (codeChallenge === undefined) return refuse('invalid_request', 'code_challenge is missing: PKCE is required.')
    if (get('code_challenge_method') !== 'S256') return refuse('invalid_request', 'code_challenge_method must be S256.')
    if (!/^[\w-]{43}$/.test(codeChallenge)) return refuse('invalid_request', 'code_challenge is not a SHA-256 hash.')
  }
  const scope = grantableScope(get('scope'), client.data)
  if (scope.length === 0) return refuse('invalid_scope', 'scope names nothing that the client may ask for.')
  const prompt = promptSchema.safeParse(get('prompt')?.split(' ') ?? [])
  if (!prompt.success) return refuse('invalid_request', 'prompt is not supported.')
  const maxAge = maxAgeSchema.safeParse(get('max_age'))
  if (!maxAge.success) return refuse('invalid_request', 'max_age is not a number of seconds.')
  return ok({
    ...target,
    clientId: client.id,
    responseType,
    scope,
    codeChallenge,
    nonce: get('nonce'),
    prompt: prompt.data,
    maxAge: maxAge.data,
    loginHint: get('login_hint')?.slice(0, 320),
    idTokenHint: get('id_token_hint'),
  })
}

/** Why a request is answered on a page of ours: nobody else may be sent there (RFC 6749 §4.1.2.1). */
export function targetFault(
  parameters: URLSearchParams,
  data: Pick<ClientData, 'redirectUris'>,
): 'redirectUriMissing' | 'redirectUriUnknown' | undefined {
  const uri = parameters.get('redirect_uri')
  if (uri === null) return 'redirectUriMissing'
  return isRegisteredRedirect(uri, data.redirectUris) ? undefined : 'redirectUriUnknown'
}

/** What of the scope asked for the client may have; the rest is left out (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1). */
export function grantableScope(asked: string | undefined, { scopes, grantTypes }: Pick<ClientData, 'scopes' | 'grantTypes'>): ScopeName[] {
  const wanted = new Set(asked?.split(' '))
  const allowed = scopeNames.filter((name) => scopes?.includes(name) ?? true)
  return allowed.filter((name) => wanted.has(name) && (name !== 'offline_access' || grantTypes.includes('refresh_token')))
}

const responseModeOf = (text: string | undefined): ResponseMode => (text === 'form_post' || text === 'fragment' ? text : 'query')

/** `none` stands alone (OpenID Connect Core §3.1.2.1). */
const promptSchema = z.array(z.enum(prompts)).refine((prompt) => !prompt.includes('none') || prompt.length === 1)

const maxAgeSchema = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .optional()
