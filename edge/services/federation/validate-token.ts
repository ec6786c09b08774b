import { createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose'
import * as client from 'openid-client'
import { z } from 'zod'
import { AppError } from '#shared/errors/AppError.ts'
import { mergedClaims } from '#edge/domain/identity/federated-account.ts'
import type { Env } from '#edge/env.ts'
import { TtlCache } from '#edge/TtlCache.ts'
import type { Assertion } from './accounts.ts'
import { type Connection, connectionTo, failureOf, providerFetch } from './connection.ts'
import { userInfoOf } from './finish.ts'
import type { Provider } from './providers.ts'

/**
 * `validateAccessToken()` of the guide (§5.2.3): whether a token that a program brings was issued by the
 * provider, for us. A token that is merely genuine proves nothing: any other application whose users sign in
 * at the same provider holds such tokens of them and could come here in their name (token substitution,
 * OAuth 2.0 Security BCP RFC 9700 §4.9; OpenID Connect Core §16.3). So a token counts only where its audience
 * is known, from itself or from the provider's introspection, and is one of `clientId` and
 * `allowedAudiences`. User info tells no audience: an opaque token of a provider without introspection is
 * refused.
 */

export type SubjectTokenType = 'urn:ietf:params:oauth:token-type:id_token' | 'urn:ietf:params:oauth:token-type:access_token'

export interface SubjectToken {
  readonly token: string
  readonly type: SubjectTokenType
  readonly nonce?: string | undefined
}

/** By public keys only: with a shared secret, whoever has the client's secret could make tokens. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Key sets by their URL. jose fetches one again for an unknown key, at most every 30 s, and after ten minutes. */
const keySets = new TtlCache<JWTVerifyGetKey>({ capacity: 500 })
const keySetAge = 6 * 3600_000

export function forgetKeySets(): void {
  keySets.clear()
}

type ValidationEnv = Pick<Env, 'RINGWAY_ALLOW_LOOPBACK_URLS'>

/** @throws AppError `federationInvalid`, `audienceUnproven`, `federationUnavailable`. */
export async function validateToken(env: ValidationEnv, provider: Provider, { token, type, nonce }: SubjectToken): Promise<Assertion> {
  const connection = await connectionTo(env, provider)
  try {
    if (type === 'urn:ietf:params:oauth:token-type:id_token')
      return assertionOf(await idTokenClaims(env, provider, { connection, token, nonce }))
    const claims = await accessTokenClaims(env, provider, { connection, token })
    const more = typeof claims.sub === 'string' ? await userInfoOf(connection, token, claims.sub) : {}
    return assertionOf(mergedClaims(claims, more))
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

const identifiedSchema = z.looseObject({ iss: z.string().min(1), sub: z.string().min(1).max(255) })

function assertionOf(claims: Readonly<Record<string, unknown>>): Assertion {
  const identified = identifiedSchema.safeParse(claims)
  if (!identified.success) throw invalid('no subject')
  return { issuer: identified.data.iss, subject: identified.data.sub, claims }
}

interface Asked {
  readonly connection: Connection
  readonly token: string
}

/** OpenID Connect Core §3.1.3.7. */
async function idTokenClaims(
  env: ValidationEnv,
  provider: Provider,
  { connection, token, nonce }: Asked & { nonce: string | undefined },
): Promise<JWTPayload> {
  const claims = await verified(env, { connection, token })
  // An access token that happens to be a JWT is no statement about who is there (RFC 9068 §2.1).
  if (/^(application\/)?at\+jwt$/i.test(decodeProtectedHeader(token).typ ?? '')) throw invalid('an access token')
  if (nonce !== undefined && claims['nonce'] !== nonce) throw invalid('another nonce')
  requireAudience(provider, { ...claims, client_id: undefined })
  return claims
}

async function accessTokenClaims(env: ValidationEnv, provider: Provider, { connection, token }: Asked): Promise<JWTPayload> {
  const { introspection_endpoint: canIntrospect, userinfo_endpoint: hasUserInfo } = connection.serverMetadata()
  if (canIntrospect !== undefined) return introspected(connection, provider, token)
  if (token.split('.').length !== 3 || hasUserInfo === undefined) throw new AppError('audienceUnproven')
  const claims = await verified(env, { connection, token })
  requireAudience(provider, claims)
  return claims
}

/** RFC 7662. */
async function introspected(connection: Connection, provider: Provider, token: string): Promise<JWTPayload> {
  const { issuer } = connection.serverMetadata()
  const answer = await client.tokenIntrospection(connection, token)
  if (!answer.active) throw invalid('not active')
  if (answer.iss !== undefined && answer.iss !== issuer) throw invalid('of another issuer')
  requireAudience(provider, answer)
  const { sub, aud, exp } = answer
  return {
    iss: issuer,
    ...(sub === undefined ? {} : { sub }),
    ...(aud === undefined ? {} : { aud }),
    ...(exp === undefined ? {} : { exp }),
  }
}

/** Signature, issuer and time of a JWT. */
async function verified(env: ValidationEnv, { connection, token }: Asked): Promise<JWTPayload> {
  const { issuer, jwks_uri: keysUrl } = connection.serverMetadata()
  if (keysUrl === undefined) throw invalid('the provider has no keys')
  try {
    const { payload } = await jwtVerify(token, keySetAt(env, keysUrl), {
      issuer,
      algorithms,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
      clockTolerance: 30,
    })
    return payload
  } catch (thrown) {
    throw thrown instanceof errors.JOSEError && !unreachable.includes(thrown.code) ? invalid(`${thrown.code} ${thrown.message}`) : thrown
  }
}

/** jose's codes for a key set that was not answered, or not as one. */
const unreachable: readonly string[] = [errors.JWKSTimeout.code, errors.JOSEError.code]

function keySetAt(env: ValidationEnv, url: string): JWTVerifyGetKey {
  const kept = keySets.get(url)
  if (kept !== undefined) return kept
  const fetchKeys = providerFetch(env)
  const keySet = createRemoteJWKSet(new URL(url), { timeoutDuration: 8_000, [customFetch]: (target, init) => fetchKeys(target, init) })
  keySets.set(url, keySet, keySetAge)
  return keySet
}

const oursOf = ({ clientId, allowedAudiences }: Provider): ReadonlySet<string> => new Set([clientId, ...allowedAudiences])

/**
 * The token was made for us: by its audience, and by the client that it was issued to where it says so. A
 * token that our own client had issued for another API is for that API (RFC 9068 §4), which holds many of
 * them; only one that has no audience at all is taken by its client alone.
 */
function requireAudience(provider: Provider, claims: Readonly<Record<string, unknown>>): void {
  const ours = oursOf(provider)
  const audience = [claims['aud']].flat().filter((value) => typeof value === 'string')
  const holder = [claims['azp'], claims['client_id']].filter((value) => typeof value === 'string')
  if (audience.length === 0 && holder.length === 0) throw new AppError('audienceUnproven')
  // Another client's token may name us among its audiences, but then that client says so itself.
  if (holder.some((value) => !ours.has(value))) throw invalid('issued to another client')
  if (audience.length > 0 && !audience.some((value) => ours.has(value))) throw invalid('for another audience')
}

const invalid = (why: string): AppError => new AppError('federationInvalid', { cause: new Error(`Token: ${why}`) })
