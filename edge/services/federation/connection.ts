import * as client from 'openid-client'
import { AppError } from '#shared/errors/AppError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import { outgoingUrl, type UrlRefusal } from '#edge/domain/outgoing-urls.ts'
import type { Env } from '#edge/env.ts'
import { readAtMost } from '../limited-body.ts'
import { TtlCache } from '#edge/TtlCache.ts'
import type { Provider } from './providers.ts'

/** What may be asked of a provider: openid-client's configuration, which holds its metadata and keys. */
export type Connection = client.Configuration

/** Milliseconds for each answer of a provider. */
const patience = 8_000
/** Metadata and key sets are a few kilobytes, and so are tokens with many claims. */
const largestAnswer = 256 * 1024

const metadataAge = 10 * 60_000
/** A provider that is away is asked again after this. */
const failureAge = 3_000

/**
 * One per provider and its settings. Keys are fetched by openid-client when a signature asks for one it does
 * not have, at most once a minute, and again after five.
 */
const connections = new TtlCache<Connection | 'unavailable'>({ capacity: 500 })

export function forgetConnections(): void {
  connections.clear()
}

type ConnectionEnv = Pick<Env, 'RINGWAY_ALLOW_LOOPBACK_URLS'>

export const urlRulesOf = (env: ConnectionEnv) => ({ allowLoopback: env.RINGWAY_ALLOW_LOOPBACK_URLS === '1' })

/** @throws AppError `federationUnavailable`, `federationInvalid` where its metadata is not its own. */
export async function connectionTo(env: ConnectionEnv, provider: Provider): Promise<Connection> {
  const { issuer, clientId, clientSecret } = provider
  const cacheKey = JSON.stringify([issuer, clientId, clientSecret])
  const kept = connections.get(cacheKey)
  if (kept === 'unavailable') throw new AppError('federationUnavailable')
  if (kept !== undefined) return kept
  try {
    const connection = await connect(env, provider)
    connections.set(cacheKey, connection, metadataAge)
    return connection
  } catch (thrown) {
    connections.set(cacheKey, 'unavailable', failureAge)
    throw failureOf(thrown)
  }
}

async function connect(env: ConnectionEnv, { issuer, clientId, clientSecret }: Provider): Promise<Connection> {
  const server = judged(env, issuer)
  return client.discovery(server, clientId, {}, clientSecret === null ? client.None() : authenticatedBy(clientSecret), {
    [client.customFetch]: providerFetch(env),
    timeout: patience / 1000,
    execute: [
      // OpenID Connect Core §3.1.3.7 lets a client trust TLS instead of the signature; we check both.
      client.enableNonRepudiationChecks,
      // oxlint-disable-next-line typescript/no-deprecated -- Only this machine may be asked in the clear, and `judged` lets nothing else through.
      ...(server.protocol === 'http:' ? [client.allowInsecureRequests] : []),
    ],
  })
}

/** By HTTP Basic, which a provider that does not say what it takes takes (OpenID Connect Discovery §3), or else in the body. */
function authenticatedBy(secret: string): client.ClientAuth {
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? basic : post)(server, metadata, body, headers)
  }
}

/** Every request to a provider: to a URL that may be called, not redirected from there, its answer bounded in time and size. */
export function providerFetch(env: ConnectionEnv) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const target = judged(env, url)
    const response = await fetch(target, { ...init, redirect: 'manual', signal: AbortSignal.timeout(patience) })
    const bytes = await readAtMost(response.body, largestAnswer, { patience })
    if (bytes.length >= largestAnswer) throw new AppError('federationInvalid', { cause: new Error('The answer is too large') })
    const { status, headers } = response
    return new Response([101, 204, 205, 304].includes(status) ? null : Uint8Array.from(bytes), { status, headers })
  }
}

function judged(env: ConnectionEnv, text: string): URL {
  const url = outgoingUrl(text, urlRulesOf(env))
  if (!url.ok) throw refused(url.error)
  return url.value
}

const refused = (reason: UrlRefusal): AppError => new AppError('federationInvalid', { cause: new Error(`URL of a provider: ${reason}`) })

/** Codes of what never arrived, or not as an answer; anything else arrived and is wrong. */
const unreachable: readonly (string | undefined)[] = [undefined, 'OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']

/**
 * What a provider did, as one of our errors. Errors of the library hold answers, tokens and claims among
 * them, so that only their codes and the words for them go into the log.
 */
export function failureOf(thrown: unknown): AppError {
  return new AppError(codeOf(thrown), { cause: new Error(wordsOf(thrown)) })
}

function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof AppError) return thrown.code === 'requestTimeout' ? 'federationUnavailable' : thrown.code
  if (thrown instanceof client.AuthorizationResponseError) return 'federationRefused'
  // A code, token or client that the provider does not take (RFC 6749 §5.2).
  if (thrown instanceof client.ResponseBodyError) return thrown.status >= 500 ? 'federationUnavailable' : 'federationInvalid'
  if (!(thrown instanceof client.ClientError)) return 'federationUnavailable'
  if (thrown.cause instanceof AppError) return codeOf(thrown.cause)
  return unreachable.includes(thrown.code) ? 'federationUnavailable' : 'federationInvalid'
}

function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'no error'
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` ${thrown.code}` : ''
  const named = 'error' in thrown && typeof thrown.error === 'string' ? ` ${thrown.error.slice(0, 64)}` : ''
  const inner = thrown.cause instanceof Error ? ` < ${wordsOf(thrown.cause)}` : ''
  return `${thrown.name}${code}${named}: ${thrown.message.slice(0, 200)}${inner}`
}
